# SPDX-License-Identifier: Apache-2.0
"""The catalogue of a zone: studies, recordings and their states. Ids and counts alone."""

from __future__ import annotations

import contextlib
import heapq
from collections.abc import Callable, Iterator, Sequence

from services.common.errors import Corrupted, Erased
from services.storage.domain import clock, names, walk
from services.storage.domain.counters import Floors
from services.storage.domain.failures import Failure, Failures
from services.storage.domain.key_records import Tombstone
from services.storage.domain.names import Owner, RecordingRef
from services.storage.domain.recordings import Recording
from services.storage.domain.states import Releases, State, States
from services.storage.domain.store import SealedStore
from services.storage.domain.versioned import VersionedDocuments
from services.storage.errors import ObjectMissing

_STUDY = "study"


class Catalog:
    """Studies and recordings of a zone."""

    def __init__(self, store: SealedStore) -> None:
        self._store = store
        self._studies = VersionedDocuments(store, _STUDY)
        self._states = States(store)
        store.keyring.when_erased(self._states.forget)
        self.failures = Failures(store)

    def put_study(self, study: str, describe: Callable[[bytes], bytes]) -> bool:
        """Create or replace a study's description; True where the same was there.

        `describe` makes it from the newest one, b"" for a new study.
        """
        return self._studies.update(Owner.of_study(study), describe)

    def get_study(self, study: str) -> bytes:
        """Return the newest description; raises `ObjectMissing`."""
        document, number = self._studies.latest(Owner.of_study(study))
        if number == 0:
            raise ObjectMissing(
                f"there is no study {study}: create it with 'sotto study create'",
                reason="no_study",
            )
        return document

    def study_generation(self, study: str) -> int:
        """Return the number of a study's newest description; 0 where it has none."""
        return self._studies.number(Owner.of_study(study))

    def studies(self) -> list[str]:
        """Return the ids of all studies that have a description, in order."""
        folders = (path[:-1] for path in self._store.folders(""))
        return [study for study in folders if self._studies.number(Owner.of_study(study))]

    def state(self, ref: RecordingRef) -> State:
        """Return what there is of a recording; raises `ObjectMissing`."""
        tombstone = self._store.keyring.tombstone(ref.owner)
        if tombstone is not None:
            return self._erased(ref, tombstone)
        floors = self._store.counters.floors(ref.owner.prefix)
        there = list(self._store.list(ref.folder))
        return self._living(ref, there, Releases(self._states, ref.owner.study), floors)

    def states(
        self, study: str, after: RecordingRef | None, limit: int
    ) -> tuple[list[State], bool]:
        """Return at most `limit` states behind `after`, and whether there are more.

        In the order of the names of their objects. Lists each object's name at most once, and the
        releases of each study once.
        """
        found: list[State] = []
        releases: dict[str, Releases] = {}
        tombstones: dict[Owner, Tombstone | None] = {}
        floors = self._store.counters.floors(f"{study}/" if study else "")
        for ref, there in self._there(study, after):
            if ref.owner not in tombstones:
                tombstones[ref.owner] = self._store.keyring.tombstone(ref.owner)
            if ref.owner.study not in releases:
                releases[ref.owner.study] = Releases(self._states, ref.owner.study)
            tombstone = tombstones[ref.owner]
            try:
                if tombstone is not None:
                    state = self._erased(ref, tombstone)
                else:
                    state = self._living(ref, there, releases[ref.owner.study], floors)
            except ObjectMissing:
                continue  # an upload that is not finished, or was given up: not visible
            except Erased:
                state = State(ref, erased=True)  # a moment ago
            except Corrupted as error:
                # One damaged object, or key, must not hide all others.
                failure = Failure(
                    stage="ingest",
                    reason=error.status,
                    message=error.message,
                    time=clock.now(),
                )
                state = State(ref, failure=failure)
            if len(found) == limit:
                return found, True
            found.append(state)
        return found, False

    def sealed(self, study: str) -> Iterator[RecordingRef]:
        """Yield the recordings that are sealed in this zone, of one study or of all for ""."""
        prefix = f"{study}/" if study else ""
        erased = {tombstone.owner for tombstone in self._store.keyring.tombstones(prefix)}
        for ref, there in walk.recordings(self._store.backend, study):
            if ref.owner not in erased and _is_sealed(ref, there):
                yield ref

    def recordings(self, study: str) -> Iterator[Recording]:
        """Yield the manifests of a study's recordings; what cannot be read is left out."""
        for ref, there in walk.recordings(self._store.backend, study):
            with contextlib.suppress(Erased, Corrupted, ObjectMissing):
                if _is_sealed(ref, there):
                    yield self._states.recording(ref)

    def require(self, ref: RecordingRef) -> None:
        """Raise `ObjectMissing` unless the recording is sealed here; raise `Erased`."""
        self._store.keyring.refuse_erased(ref.owner)
        self._store.refuse_removed(ref.owner, ref.recording_id)
        if not self._store.exists(names.manifest(ref.owner, ref.recording_id)):
            raise self._missing(ref)

    def _there(
        self, study: str, after: RecordingRef | None
    ) -> Iterator[tuple[RecordingRef, Sequence[str]]]:
        """Yield recordings with the names of their objects, and those of tombstones with none."""
        # A tombstone is written before its objects are deleted: read first, so that none is missed.
        erased = {
            tombstone.owner: tombstone.recordings
            for tombstone in self._store.keyring.tombstones(f"{study}/" if study else "")
        }
        gone = (RecordingRef(owner, one) for owner, ids in erased.items() for one in ids)
        missed = sorted(
            (ref for ref in gone if after is None or ref.folder > after.folder),
            key=lambda ref: ref.folder,
        )
        living = (
            (ref, there)
            for ref, there in walk.recordings(self._store.backend, study, after)
            if ref.owner not in erased
        )
        yield from heapq.merge(
            living, ((ref, []) for ref in missed), key=lambda pair: pair[0].folder
        )

    def _living(
        self, ref: RecordingRef, there: Sequence[str], releases: Releases, floors: Floors
    ) -> State:
        state = self._states.of(ref, there, releases, floors)
        if state.recording is None and not state.transcripts:
            raise self._missing(ref)
        return state

    def _erased(self, ref: RecordingRef, tombstone: Tombstone) -> State:
        if ref.recording_id not in tombstone.recordings:
            raise self._missing(ref)
        return State(ref, erased=True)

    def _missing(self, ref: RecordingRef) -> ObjectMissing:
        return ObjectMissing(f"the {self._store.zone} zone has no recording {ref.recording_id}")


def _is_sealed(ref: RecordingRef, there: Sequence[str]) -> bool:
    """Return whether a recording is visible and was not removed, by the names of its objects."""
    owner, recording_id = ref.owner, ref.recording_id
    return (
        names.manifest(owner, recording_id) in there
        and names.removed(owner, recording_id) not in there
    )
