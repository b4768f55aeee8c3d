# SPDX-License-Identifier: Apache-2.0
"""The state of a recording, from the names in its folder and the releases of its study.

Objects never change, so what was read is cached.
"""

from __future__ import annotations

import functools
import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TypeVar, cast

from services.storage.domain import names, reviews
from services.storage.domain.bundles import Bundle
from services.storage.domain.counters import Floors
from services.storage.domain.failures import Failure, Failures
from services.storage.domain.names import RUN, Owner, RecordingRef
from services.storage.domain.recordings import Recording
from services.storage.domain.removals import Removal
from services.storage.domain.retention import ContentDeletion, Retention
from services.storage.domain.reviews import Reviewed
from services.storage.domain.selection import SelectedRun, in_order
from services.storage.domain.store import SealedStore
from services.storage.domain.transcripts import Finished
from services.storage.errors import RecordingRemoved, RolledBack

_MOST_CACHED = 50_000  # records of some hundred bytes each: tens of megabytes

Value = TypeVar("Value")


@dataclass(frozen=True, slots=True)
class State:
    """What a zone holds of a recording; `recording` is None in the research zone.

    By run key: `reviews` holds the newest review, without its reason, and `released` the time of
    the first release.
    """

    ref: RecordingRef
    recording: Recording | None = None
    transcripts: tuple[Finished, ...] = ()
    failure: Failure | None = None
    erased: bool = False
    deleted: ContentDeletion | None = None
    held: bool = False
    run_in_progress: bool = False
    reviews: Mapping[str, Reviewed] = field(default_factory=dict)
    released: Mapping[str, str] = field(default_factory=dict)

    @property
    def released_at(self) -> str:
        """When the first release with its words was finished; empty before."""
        return min(self.released.values(), default="")


class States:
    """Reads states, with a cache of decoded records."""

    def __init__(self, store: SealedStore) -> None:
        self._store = store
        self._cache: dict[str, object] = {}
        self._lock = threading.Lock()

    def of(
        self, ref: RecordingRef, there: Sequence[str], releases: Releases, floors: Floors
    ) -> State:
        """Return the state of a recording that is not erased; empty where nothing is finished.

        `there` has the names of its objects in order; of windows the first of each run will do.
        `floors` are counters from before they were listed; raises `RolledBack`, and
        `RecordingRemoved` for what was removed.
        """
        owner, recording_id = ref.owner, ref.recording_id
        found = set(there)
        if names.removed(owner, recording_id) in found:
            self.removal(ref)  # what is no such record hides no recording
            raise RecordingRemoved(recording_id)
        self._compare(ref, there, floors)
        recording = self.recording(ref) if names.manifest(owner, recording_id) in found else None
        runs = in_order(
            (self._run(owner, name) for name in there if _is_run_manifest(name)),
            self._newest(
                owner,
                there,
                names.selection(owner, recording_id),
                lambda data: SelectedRun.decode(data, recording_id),
            ),
        )
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
            run_in_progress=_in_progress(there),
            reviews=self._reviews(owner, there),
            released=releases.of(ref, runs) if runs and self._store.zone == "research" else {},
        )

    def recording(self, ref: RecordingRef) -> Recording:
        """Return the manifest of a recording."""
        owner, recording_id = ref.owner, ref.recording_id
        return self._read(
            owner,
            names.manifest(owner, recording_id),
            lambda data: Recording.decode(data, owner, recording_id),
        )

    def removal(self, ref: RecordingRef) -> Removal:
        """Return the record that a recording was removed."""
        return self._read(
            ref.owner,
            names.removed(ref.owner, ref.recording_id),
            lambda data: Removal.decode(data, ref),
        )

    def bundles(self, study: str) -> list[Bundle]:
        """Return the finished releases of a study, oldest first."""
        owner = Owner.of_study(study)
        found = [
            self._read(owner, name, lambda data: Bundle.decode(data, study))
            for name in self._store.list(names.releases(study))
        ]
        return sorted(found, key=lambda bundle: (bundle.committed_at, bundle.release_id))

    def forget(self, owner: Owner) -> None:
        """Remove what is cached of an erased participant."""
        with self._lock:
            for name in [name for name in self._cache if name.startswith(owner.prefix)]:
                del self._cache[name]

    def _compare(self, ref: RecordingRef, there: Sequence[str], floors: Floors) -> None:
        try:
            floors.require(ref.folder, there)
        except RolledBack:
            self._store.keyring.refuse_erased(ref.owner)  # the better reason why they are gone
            raise

    def _run(self, owner: Owner, name: str) -> Finished:
        run_key = name.split("/")[4]
        return self._read(owner, name, lambda data: Finished.decode(data, run_key))

    def _newest(
        self, owner: Owner, there: Sequence[str], key: str, decode: Callable[[bytes], Value]
    ) -> Value | None:
        prefix = names.generations(owner, key)
        newest = max((name for name in there if name.startswith(prefix)), default="")
        if not newest:
            return None
        return self._read(owner, newest, decode, names.number_in(newest))

    def _reviews(self, owner: Owner, there: Sequence[str]) -> dict[str, Reviewed]:
        found: dict[str, Reviewed] = {}
        for run_key, name in reviews.newest_of_runs(there).items():
            review = self._read(
                owner,
                name,
                functools.partial(_without_reason, name, run_key),
                names.version_of(name),
            )
            if review is not None:
                found[run_key] = review
        return found

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


class Releases:
    """The releases of one study, listed when first asked for."""

    def __init__(self, states: States, study: str) -> None:
        self._states = states
        self._study = study
        self._bundles: list[Bundle] | None = None

    def of(self, ref: RecordingRef, runs: Sequence[Finished]) -> dict[str, str]:
        """Return by run key when the first release of each of these runs, oldest first, was."""
        if self._bundles is None:
            self._bundles = self._states.bundles(self._study)
        found: dict[str, str] = {}
        for bundle in self._bundles:
            for run_key in _runs_in(bundle, ref, runs):
                found.setdefault(run_key, bundle.committed_at)
        return found


def _runs_in(bundle: Bundle, ref: RecordingRef, runs: Sequence[Finished]) -> list[str]:
    """Return which of a recording's runs are in a release."""
    if bundle.runs is not None:
        released = bundle.released(ref)
        return [run.run_key for run in runs if run.run_key in released]
    # Version 0.1 did not write it down; it took the newest run of each recording.
    if all(file.participant != ref.owner.participant for file in bundle.files):
        return []
    before = [run for run in in_order(runs, None) if run.committed_at <= bundle.committed_at]
    return [run.run_key for run in before[-1:]]


def _in_progress(there: Sequence[str]) -> bool:
    """Return whether a run has windows and no manifest, by names in order."""
    runs = {name.rpartition("/")[0] for name in there if "/transcript/" in name}
    return any(f"{run}/manifest" not in there for run in runs)


def _without_reason(name: str, run_key: str, data: bytes) -> Reviewed | None:
    found = reviews.decode(name, data, run_key)
    if found is None:
        return None
    return Reviewed(found.review.model_copy(update={"reason": ""}), found.generation)


def _is_run_manifest(name: str) -> bool:
    parts = name.split("/")
    return len(parts) == 6 and parts[5] == "manifest" and RUN.fullmatch(parts[4]) is not None
