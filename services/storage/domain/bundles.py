# SPDX-License-Identifier: Apache-2.0
"""Release bundles: files sealed by their participant's key, then one manifest, written once."""

from __future__ import annotations

import contextlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Literal, Self

from pydantic import Field, model_validator

from services.common.records import (
    ParticipantCode,
    Record,
    RecordingId,
    ReleaseId,
    RunKey,
    StudyId,
)
from services.storage.domain import clock, digests, names
from services.storage.domain.deletion import Deletion, delete_all
from services.storage.domain.digests import ObjectDigest
from services.storage.domain.names import Owner, RecordingRef
from services.storage.domain.store import SealedStore
from services.storage.domain.stored_record import OptionalParticipant, StoredRecord
from services.storage.errors import (
    AudioDeleted,
    ContentMismatch,
    DataCorrupted,
    DiffersFromStored,
    ObjectExists,
    ObjectMissing,
)

_MANIFEST_TYPE = "application/vnd.sotto.release+json"
_FILE_TYPE = "application/vnd.sotto.release-file"


@dataclass(frozen=True, slots=True)
class BundleFile:
    """A file of a bundle; `participant` is empty for a file about no single participant."""

    path: str
    sha256: bytes
    size: int
    participant: str

    def owner(self, study: str) -> Owner:
        """Return the owner whose key seals it."""
        return Owner(study, self.participant) if self.participant else Owner.of_study(study)


class SealedFile(Record):
    """A file of a finished bundle as its manifest holds it."""

    path: str
    participant: OptionalParticipant
    content: ObjectDigest

    @property
    def announced(self) -> BundleFile:
        """The file as it was announced."""
        return BundleFile(self.path, self.content.sha256, self.content.size, self.participant)


class ReleasedRun(Record):
    """A run whose words are in a release."""

    participant: ParticipantCode
    recording: RecordingId
    run_key: RunKey = Field(alias="run")


class Bundle(StoredRecord):
    """A finished release: its manifest. Format 1, of version 0.1, says nothing of runs."""

    format: Literal["sotto release 1", "sotto release 2"] = "sotto release 1"
    study: StudyId
    release_id: ReleaseId = Field(alias="release")
    committed_at: str
    sealed: tuple[SealedFile, ...] = Field(alias="files")
    runs: tuple[ReleasedRun, ...] | None = None

    @model_validator(mode="after")
    def _has_what_its_format_has(self) -> Self:
        if (self.runs is None) != (self.format == "sotto release 1"):
            raise ValueError("runs belong to format 2, and to no other")
        return self

    def released(self, ref: RecordingRef) -> frozenset[str]:
        """Return the keys of a recording's runs whose words are in it."""
        return frozenset(
            run.run_key
            for run in self.runs or ()
            if (run.participant, run.recording) == (ref.owner.participant, ref.recording_id)
        )

    def may_hold(self, ref: RecordingRef) -> bool:
        """Return whether a recording's words are in it; of format 1 the participant tells alone."""
        if self.runs is not None:
            return bool(self.released(ref))
        return any(file.participant == ref.owner.participant for file in self.files)

    @property
    def files(self) -> tuple[BundleFile, ...]:
        """The files as they were announced."""
        return tuple(file.announced for file in self.sealed)

    @classmethod
    def decode(cls, data: bytes, study: str, release_id: str = "") -> Bundle:
        """Read a manifest that must belong to this study and release; raises `DataCorrupted`."""
        release = {"release_id": release_id} if release_id else {}
        return cls.read(data, f"manifest of {release_id or 'a release'}", study=study, **release)


class Bundles:
    """Release bundles of the research zone."""

    def __init__(self, store: SealedStore) -> None:
        self._store = store

    def put_file(
        self, study: str, release_id: str, file: BundleFile, chunks: Iterable[bytes]
    ) -> bool:
        """Store a file; True where the same was there.

        Raises `DiffersFromStored`, `ContentMismatch` where other bytes come than announced, and
        `AudioDeleted` for sound of a recording whose content was deleted, also meanwhile.
        """
        owner = file.owner(study)
        name = names.bundle_file(owner, release_id, file.path)
        existed = self._put_file(owner, name, release_id, file, chunks)
        if audio_is_deleted(self._store, owner, file.path):
            self._store.backend.delete(name)
            raise AudioDeleted(names.recording_of_audio(file.path))
        return existed

    def _put_file(
        self, owner: Owner, name: str, release_id: str, file: BundleFile, chunks: Iterable[bytes]
    ) -> bool:
        if not self._store.exists(name):
            with self._store.writing(owner, name, _FILE_TYPE) as writing:
                writing.fill(chunks, file.size, file.sha256)
                try:
                    writing.commit()
                except ObjectExists:
                    pass  # another upload was faster: compared like any other
                else:
                    return False
        digest = self._digest(owner, name)
        if (digest.size, digest.sha256) != (file.size, file.sha256):
            raise DiffersFromStored(
                f"a file of {release_id} was stored with another content: the release id must "
                "change with whatever changes the files"
            )
        return True

    def commit(
        self,
        study: str,
        release_id: str,
        files: Sequence[BundleFile],
        runs: Sequence[ReleasedRun],
    ) -> bool:
        """Finish a bundle; True where it was finished with the same files and runs."""
        before = self.find(study, release_id)
        if before is not None:
            return _same(before, files, runs)
        if len({file.path for file in files}) != len(files):
            raise ContentMismatch(f"a path occurs twice in {release_id}: name each file once")
        sealed = []
        for file in files:
            owner = file.owner(study)
            name = names.bundle_file(owner, release_id, file.path)
            try:
                digest = self._digest(owner, name)
            except ObjectMissing:
                raise ContentMismatch(
                    f"a file of {release_id} is not stored: store it, then finish"
                ) from None
            if (digest.size, digest.sha256) != (file.size, file.sha256):
                raise ContentMismatch(f"a stored file of {release_id} is not what is announced")
            sealed.append(SealedFile(path=file.path, participant=file.participant, content=digest))
        bundle = Bundle(
            format="sotto release 2",
            study=study,
            release=release_id,
            committed_at=clock.now(),
            files=tuple(sealed),
            runs=tuple(runs),
        )
        name = names.release(study, release_id)
        try:
            self._store.put(Owner.of_study(study), name, bundle.encode(), _MANIFEST_TYPE)
        except ObjectExists:
            return _same(self.get(study, release_id), files, runs)
        return False

    def get(self, study: str, release_id: str) -> Bundle:
        """Return a finished bundle; raises `ObjectMissing`."""
        data = self._store.read(Owner.of_study(study), names.release(study, release_id))
        return Bundle.decode(data, study, release_id)

    def find(self, study: str, release_id: str) -> Bundle | None:
        """Return a finished bundle, or None."""
        with contextlib.suppress(ObjectMissing):
            return self.get(study, release_id)
        return None

    def all(self, study: str) -> list[Bundle]:
        """Return the finished bundles of a study, oldest first."""
        folder = names.releases(study)
        ids = [name[len(folder) :] for name in self._store.list(folder)]
        found = [self.get(study, release_id) for release_id in ids]
        return sorted(found, key=lambda bundle: (bundle.committed_at, bundle.release_id))

    def delete_audio(self, ref: RecordingRef) -> Deletion:
        """Delete the sound of a recording from all releases, finished or not; may be repeated."""
        folder = names.bundles(ref.owner)
        sound = f"/{names.audio(ref.recording_id)}"
        return delete_all(self._store, (one for one in self._store.list(folder) if sound in one))

    def _digest(self, owner: Owner, name: str) -> ObjectDigest:
        with self._store.opening(owner, name) as (opening, chunks):
            for _ in chunks:
                pass
            return opening.digest()

    @staticmethod
    def file(bundle: Bundle, path: str) -> BundleFile:
        """Return a file of a bundle by its path; raises `ObjectMissing`."""
        for file in bundle.files:
            if file.path == path:
                return file
        raise ObjectMissing(f"release {bundle.release_id} has no file under this path")

    def read(self, bundle: Bundle, file: BundleFile) -> bytes:
        """Read a file of a finished bundle, verified. Raises `Erased`, `DataCorrupted`."""
        owner = file.owner(bundle.study)
        name = names.bundle_file(owner, bundle.release_id, file.path)
        try:
            data, digest = self._store.read_with_digest(owner, name)
        except ObjectMissing:
            if audio_is_deleted(self._store, owner, file.path):
                raise ObjectMissing("the sound was deleted with its recording") from None
            raise DataCorrupted(f"object {name} is missing: restore it from a backup") from None
        digests.compare(name, digest, bundle.sealed[bundle.files.index(file)].content)
        return data


def audio_is_deleted(store: SealedStore, owner: Owner, path: str) -> bool:
    """Return whether a file of a bundle is sound of a recording whose content was deleted."""
    recording = names.recording_of_audio(path)
    return bool(recording) and store.exists(names.content_deleted(owner, recording))


def _same(bundle: Bundle, files: Sequence[BundleFile], runs: Sequence[ReleasedRun]) -> bool:
    same_files = sorted(bundle.files, key=lambda f: f.path) == sorted(files, key=lambda f: f.path)
    if not same_files or bundle.runs not in {None, tuple(runs)}:
        raise DiffersFromStored(
            f"{bundle.release_id} was finished with other files or runs: the release id must "
            "change with whatever changes them"
        )
    return True
