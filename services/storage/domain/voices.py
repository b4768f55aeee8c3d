# SPDX-License-Identifier: Apache-2.0
"""Clips of interviewers' voices: a list for each study, and a clip for each person in it.

A clip is an object of its own, so that it can be deleted while the list, which is a versioned
document without sound, keeps its generations. A clip that the list does not name is what a kill or
another writer left behind, and goes with the next change.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from typing import Annotated, Literal

from pydantic import Field, StringConstraints

from services.registry import ids
from services.storage.domain import clock, names
from services.storage.domain.deletion import delete_all
from services.storage.domain.names import Owner
from services.storage.domain.store import SealedStore
from services.storage.domain.stored_record import StoredRecord
from services.storage.domain.versioned import VersionedDocuments
from services.storage.errors import (
    GenerationMoved,
    ObjectExists,
    ObjectMissing,
    Retained,
    StoreUnavailable,
)

_TYPE = "audio/flac"
_MOST_LEFT_BEHIND = 64
"""Clips that other writers or kills may have left behind the newest one of the list."""


class Voice(StoredRecord):
    """Whose voice it is, and where its clip lies; `clip` is a number that is never used again."""

    person: Annotated[str, StringConstraints(pattern=f"^{ids.PERSON}$")]
    clip: int = Field(ge=1, le=names.MAX_NUMBER)
    clip_sha256: Annotated[str, StringConstraints(pattern=f"^{ids.SHA256_HEX}$")]
    speech_ms: int = Field(ge=0)
    enrolled_at: str


class _Voices(StoredRecord):
    """All voices of a study in the order of names; `last` is the newest number of a clip."""

    format: Literal["sotto voices 1"] = "sotto voices 1"
    last: int = Field(default=0, ge=0, le=names.MAX_NUMBER)
    voices: tuple[Voice, ...] = Field(default=(), max_length=50)


class VoiceStore:
    """The voices of the studies of the clinical zone."""

    def __init__(self, store: SealedStore) -> None:
        self._store = store
        self._lists = VersionedDocuments(store, "voices")

    def of(self, study: str) -> Sequence[Voice]:
        """Return the voices of a study, in the order of names."""
        return self._read(study).voices

    def clip(self, study: str, person: str) -> bytes:
        """Return the clip of a person's voice; raises `ObjectMissing` where there is none."""
        found = [one for one in self.of(study) if one.person == person]
        if not found:
            raise _none(study, person)
        return self._store.read(Owner.of_study(study), names.voice_clip(study, found[0].clip))

    def put(self, study: str, person: str, clip: bytes, speech_ms: int) -> tuple[bool, bool]:
        """Store a clip; return whether it was there, and whether another one was replaced.

        Raises `GenerationMoved` where another writer was faster.
        """
        digest = hashlib.sha256(clip).hexdigest()
        before = {one.person: one for one in self.of(study)}.get(person)
        if before is not None and before.clip_sha256 == digest:
            return True, False
        number = self._put_clip(study, clip)
        new = Voice(
            person=person,
            clip=number,
            clip_sha256=digest,
            speech_ms=speech_ms,
            enrolled_at=clock.now(),
        )

        def changed(data: bytes) -> bytes:
            there = _read(data, study)
            if there.last >= number:
                raise GenerationMoved("another voice was enrolled meanwhile: enrol this one again")
            others = [one for one in there.voices if one.person != person]
            ordered = sorted((*others, new), key=lambda one: one.person)
            return _Voices(last=number, voices=tuple(ordered)).encode()

        self._lists.update(Owner.of_study(study), changed)
        self._delete_unnamed(study)
        return False, before is not None

    def erase(self, study: str, person: str) -> bool:
        """Delete a person's voice; return whether there was one. May be repeated.

        Raises `Retained` where a lock of the store holds the clip, which nothing reads any more.
        """
        there = any(one.person == person for one in self.of(study))
        if there:

            def without(data: bytes) -> bytes:
                found = _read(data, study)
                left = tuple(one for one in found.voices if one.person != person)
                return _Voices(last=found.last, voices=left).encode()

            self._lists.update(Owner.of_study(study), without)
        self._delete_unnamed(study)
        return there

    def _put_clip(self, study: str, clip: bytes) -> int:
        last = self._read(study).last
        for number in range(last + 1, last + 1 + _MOST_LEFT_BEHIND):
            try:
                self._store.put(Owner.of_study(study), names.voice_clip(study, number), clip, _TYPE)
            except ObjectExists:
                continue
            return number
        raise GenerationMoved("other voices are being enrolled: enrol this one again")

    def _delete_unnamed(self, study: str) -> None:
        listed = self._read(study)
        named = {names.voice_clip(study, one.clip) for one in listed.voices}
        unnamed = [
            name
            for name in self._store.list(names.voice_clips(study))
            # What is newer than the list belongs to a writer who is at work.
            if name not in named and names.number_in(name) <= listed.last
        ]
        done = delete_all(self._store, unnamed)
        if done.failed:
            raise StoreUnavailable(
                "a clip that is no longer used could not be deleted: run the command again"
            )
        if done.retained:
            raise Retained(
                "a lock of the store holds a clip that is no longer used; nothing reads it any"
                " more: run the command again when the lock ends",
                until=done.retained_until,
            )

    def _read(self, study: str) -> _Voices:
        data, _ = self._lists.latest(Owner.of_study(study))
        return _read(data, study)


def _read(data: bytes, study: str) -> _Voices:
    return _Voices.read(data, f"voices of study {study}") if data else _Voices()


def _none(study: str, person: str) -> ObjectMissing:
    return ObjectMissing(f"study {study} has no voice of {person}")
