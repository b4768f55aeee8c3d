# SPDX-License-Identifier: Apache-2.0
"""The catalogue of a zone: studies, recordings and their states. Ids and counts alone."""

from __future__ import annotations

from collections.abc import Iterator

from services.storage.domain import clock, names
from services.storage.domain.failures import Failure, Failures
from services.storage.domain.names import RECORDING, STUDY_ITSELF, Owner
from services.storage.domain.states import RecordingRef, State, States
from services.storage.domain.store import SealedStore
from services.storage.domain.versioned import VersionedDocuments
from services.storage.errors import DataCorrupted, InvalidName, ObjectMissing

_STUDY = "study"


class Catalog:
    """Studies and recordings of a zone."""

    def __init__(self, store: SealedStore) -> None:
        self._store = store
        self._studies = VersionedDocuments(store, _STUDY)
        self._states = States(store)
        store.keyring.when_erased(self._states.forget)
        self.failures = Failures(store)

    def put_study(self, study: str, document: bytes) -> bool:
        """Create or replace a study's description; True where the same was there."""
        return self._studies.replace(Owner.of_study(study), document)

    def get_study(self, study: str) -> bytes:
        """Return the newest description; raises `ObjectMissing`."""
        document, number = self._studies.latest(Owner.of_study(study))
        if number == 0:
            raise ObjectMissing(f"there is no study {study}: create it with 'sotto study create'")
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
            self._states.forget(ref.owner)
            if ref.recording_id in tombstone.recordings:
                return State(ref, erased=True)
            raise self._missing(ref)
        state = self._states.of(ref)
        if state.recording is None and not state.transcripts:
            raise self._missing(ref)
        return state

    def states(
        self, study: str, after: RecordingRef | None, limit: int
    ) -> tuple[list[State], bool]:
        """Return at most `limit` states behind `after`, in order, and whether there are more."""
        found: list[State] = []
        for ref in self._refs(study, after):
            try:
                state = self.state(ref)
            except ObjectMissing:
                continue  # an upload that is not finished, or was given up: not visible
            except DataCorrupted as error:
                # One damaged object must not hide all others.
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

    def require(self, ref: RecordingRef) -> None:
        """Raise `ObjectMissing` unless the recording is sealed here; raise `Erased`."""
        self._store.keyring.refuse_erased(ref.owner)
        if not self._store.exists(names.manifest(ref.owner, ref.recording_id)):
            raise self._missing(ref)

    def _refs(self, study: str, after: RecordingRef | None) -> Iterator[RecordingRef]:
        """Yield recordings with objects, and those of tombstones, in order and behind `after`."""
        # A tombstone is written before its objects are deleted: read first, so that none is missed.
        prefix = f"{study}/" if study else ""
        erased = {
            tombstone.owner: tombstone.recordings
            for tombstone in self._store.keyring.tombstones(prefix)
        }
        living = [study] if study else [path[:-1] for path in self._store.folders("")]
        for name in sorted({*living, *(owner.study for owner in erased)}):
            owners = {owner for owner in erased if owner.study == name}
            if after is None or name >= after.owner.study:
                owners |= set(self._owners(name))
            for owner in sorted(owners):
                if after is not None and owner < after.owner:
                    continue
                ids = set(erased.get(owner, ())) or set(self._ids(owner))
                for recording_id in sorted(ids):
                    ref = RecordingRef(owner, recording_id)
                    if after is None or ref > after:
                        yield ref

    def _owners(self, study: str) -> Iterator[Owner]:
        for path in self._store.folders(f"{study}/"):
            participant = path.split("/")[1]
            if participant != STUDY_ITSELF:
                try:
                    yield Owner(study, participant)
                except InvalidName:
                    continue  # a foreign name; scrub reports it

    def _ids(self, owner: Owner) -> Iterator[str]:
        for path in self._store.folders(owner.prefix):
            recording_id = path.split("/")[2]
            if RECORDING.fullmatch(recording_id):
                yield recording_id

    def _missing(self, ref: RecordingRef) -> ObjectMissing:
        return ObjectMissing(f"the {self._store.zone} zone has no recording {ref.recording_id}")
