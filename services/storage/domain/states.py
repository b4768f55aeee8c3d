# SPDX-License-Identifier: Apache-2.0
"""The state of a recording, from one listing of its folder.

Objects never change, so what was read is cached: the worker asks every second.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeVar, cast

from services.storage.domain import names
from services.storage.domain.bundles import Bundle
from services.storage.domain.failures import Failure, Failures
from services.storage.domain.names import RUN, Owner
from services.storage.domain.recordings import Recording
from services.storage.domain.retention import ContentDeletion, Retention
from services.storage.domain.store import SealedStore
from services.storage.domain.transcripts import Finished

_MOST_CACHED = 50_000  # records of some hundred bytes each: tens of megabytes

Value = TypeVar("Value")


@dataclass(frozen=True, slots=True, order=True)
class RecordingRef:
    """The ids of one recording."""

    owner: Owner
    recording_id: str


@dataclass(frozen=True, slots=True)
class State:
    """What a zone holds of a recording; `recording` is None in the research zone."""

    ref: RecordingRef
    recording: Recording | None = None
    transcripts: tuple[Finished, ...] = ()
    failure: Failure | None = None
    erased: bool = False
    released_at: str = ""
    deleted: ContentDeletion | None = None
    held: bool = False


class States:
    """Reads states, with a cache of decoded records."""

    def __init__(self, store: SealedStore) -> None:
        self._store = store
        self._cache: dict[str, object] = {}
        self._lock = threading.Lock()

    def of(self, ref: RecordingRef) -> State:
        """Return the state of a recording that is not erased; empty where nothing is finished."""
        owner, recording_id = ref.owner, ref.recording_id
        folder = names.recording(owner, recording_id)
        there = list(self._store.list(folder))
        found = set(there)
        recording = None
        if names.manifest(owner, recording_id) in found:
            recording = self._read(
                owner,
                names.manifest(owner, recording_id),
                lambda data: Recording.decode(data, owner, recording_id),
            )
        runs = [self._run(owner, name) for name in there if _is_run_manifest(name)]
        runs.sort(key=lambda run: (run.committed_at, run.summary.run_key))
        deleted = names.content_deleted(owner, recording_id)
        return State(
            ref,
            recording,
            tuple(runs),
            failure=self._newest(
                owner,
                there,
                names.failures(owner, recording_id),
                lambda data: Failures.decode(data, recording_id),
            ),
            released_at=self._released_at(owner, runs[0].committed_at) if runs else "",
            deleted=self._read(
                owner, deleted, lambda data: Retention.decode_deleted(data, recording_id)
            )
            if deleted in found
            else None,
            held=bool(
                self._newest(
                    owner,
                    there,
                    names.holds(owner, recording_id),
                    lambda data: Retention.decode_hold(data, recording_id),
                )
            ),
        )

    def forget(self, owner: Owner) -> None:
        """Remove what is cached of an erased participant."""
        with self._lock:
            for name in [name for name in self._cache if name.startswith(owner.prefix)]:
                del self._cache[name]

    def _run(self, owner: Owner, name: str) -> Finished:
        run_key = name.split("/")[4]
        return self._read(owner, name, lambda data: Finished.decode(data, run_key))

    def _newest(
        self, owner: Owner, there: list[str], key: str, decode: Callable[[bytes], Value]
    ) -> Value | None:
        prefix = names.generations(owner, key)
        newest = max((name for name in there if name.startswith(prefix)), default="")
        if not newest:
            return None
        return self._read(owner, newest, decode, names.number_in(newest))

    def _released_at(self, owner: Owner, since: str) -> str:
        """Return when the first release behind `since` with a file of the owner was finished."""
        if self._store.zone != "research":
            return ""
        study = Owner.of_study(owner.study)
        moments = []
        for name in self._store.list(names.releases(owner.study)):
            bundle = self._read(study, name, lambda data: Bundle.decode(data, owner.study))
            if bundle.committed_at >= since and any(
                file.participant == owner.participant for file in bundle.files
            ):
                moments.append(bundle.committed_at)
        return min(moments, default="")

    def _read(
        self, owner: Owner, name: str, decode: Callable[[bytes], Value], version: int = 1
    ) -> Value:
        with self._lock:
            if name in self._cache:
                return cast("Value", self._cache[name])
        value = decode(self._store.read(owner, name, version))
        with self._lock:
            if len(self._cache) >= _MOST_CACHED:
                self._cache.clear()
            self._cache[name] = value
        return value


def _is_run_manifest(name: str) -> bool:
    parts = name.split("/")
    return len(parts) == 6 and parts[5] == "manifest" and RUN.fullmatch(parts[4]) is not None
