# SPDX-License-Identifier: Apache-2.0
"""Mistakes of intake undone: a recording is removed from both zones, or moved to whom it is of.

The research zone goes first: whatever dies in between, no words of a recording that is being
removed get into a release. Then the clinical zone writes its record, and deletes. Each step may be
repeated.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Protocol

from services.common.errors import AlreadyExists, InvalidInput, SottoError
from services.registry.removals import RemovalReason
from services.storage.domain import clock, names
from services.storage.domain.catalog import Catalog
from services.storage.domain.deletion import Deletion
from services.storage.domain.names import Owner, RecordingRef
from services.storage.domain.recordings import RecordingHeader, Recordings
from services.storage.domain.removals import Removal, Removals, Removed
from services.storage.domain.retention import ReleaseTimes, Retention
from services.storage.domain.store import SealedStore
from services.storage.errors import ObjectMissing, Retained


@dataclass(frozen=True, slots=True)
class ResearchRemoval:
    """What became of a recording in the research zone, and which releases hold its words."""

    deletion: Deletion = field(default_factory=Deletion)
    releases: tuple[str, ...] = ()


class ResearchZone(ReleaseTimes, Protocol):
    """The research zone as the clinical zone asks it."""

    def remove(self, ref: RecordingRef, reason: RemovalReason) -> ResearchRemoval:
        """Remove the transcripts of a recording, and have none taken any more; may be repeated."""


@dataclass(frozen=True, slots=True)
class RepairedIntake:
    """A removal in both zones; `releases` are those that hold the recording's words."""

    removed: Removed
    releases: tuple[str, ...]


class IntakeRepair:
    """Removals and moves; `forget` takes a recording off the list of what waits for work."""

    def __init__(
        self,
        store: SealedStore,
        catalog: Catalog,
        recordings: Recordings,
        retention: Retention,
        research: ResearchZone,
        forget: Callable[[RecordingRef], object],
    ) -> None:
        self._store = store
        self._catalog = catalog
        self._recordings = recordings
        self._retention = retention
        self._research = research
        self._forget = forget
        self._removals = Removals(store)

    def removal(self, ref: RecordingRef) -> Removal | None:
        """Return the record of a recording that was removed, or None; raises `Erased`."""
        return self._removals.of(ref)

    def has_runs(self, ref: RecordingRef) -> bool:
        """Return whether anything was ever written by a run over it."""
        folder = names.transcripts(ref.owner, ref.recording_id)
        return next(self._store.list(folder), None) is not None

    def is_transcribed(self, ref: RecordingRef) -> bool:
        """Return whether a transcript of it was finished."""
        folder = names.transcripts(ref.owner, ref.recording_id)
        return any(name.endswith("/manifest") for name in self._store.list(folder))

    def was_moved(self, ref: RecordingRef) -> bool:
        """Return whether a move brought it where it is."""
        study = ref.owner.study
        return any(one.moved_to(study) == ref for _, one in self._removals.all(study))

    def remove(
        self,
        ref: RecordingRef,
        reason: RemovalReason,
        person: str,
        moved_to: RecordingRef | None = None,
    ) -> RepairedIntake:
        """Remove a recording; may be repeated, and then does what was left undone.

        Raises `Retained` under a legal hold, `ObjectMissing` where there is no such recording,
        `InvalidInput` for a replacement of what did not fail or has no successor.
        """
        before = self._removals.of(ref)
        if before is None:
            self._admit(ref, reason)
        elif before.moved_to_recording and moved_to is None:
            moved_to = before.moved_to(ref.owner.study)
        research = None
        # The research zone has nothing of what no run ever wrote anything of.
        if before is not None or self.has_runs(ref):
            research = self._research.remove(ref, before.reason if before else reason)
        if before is None:
            self._refuse_held(ref)  # since it was looked at
        removal, existed = self._removals.note(ref, self._record(ref, reason, person, moved_to))
        if research is None and self.has_runs(ref):  # one began since it was looked at
            research = self._research.remove(ref, removal.reason)
        self._forget(ref)
        deletion = self._removals.delete(ref)
        self._forget(ref)
        research = research or ResearchRemoval()
        both = _sum(deletion, research.deletion)
        return RepairedIntake(Removed(removal, existed, both), research.releases)

    def target(
        self, ref: RecordingRef, owner: Owner, session: int
    ) -> tuple[RecordingRef, RecordingHeader]:
        """Return the names and the header under which a moved recording is, or would be, sealed.

        `session` 0 keeps its number. Raises `InvalidInput` for its own place, `AlreadyExists` where
        it was removed or moved elsewhere, `Retained` under a legal hold.
        """
        before = self._removals.of(ref)
        if before is not None:
            return self._moved_before(ref, before, owner, session)
        self._admit(ref, RemovalReason.WRONG_PARTICIPANT)
        header = self._recordings.get(ref.owner, ref.recording_id).header
        moved = replace(header, owner=owner, session=session or header.session)
        if moved == header:
            raise InvalidInput(
                f"recording {ref.recording_id} is session {header.session} of {owner.participant}"
                " already: name another participant or session"
            )
        return RecordingRef(owner, self._recordings.recording_id(moved)), moved

    def _moved_before(
        self, ref: RecordingRef, removal: Removal, owner: Owner, session: int
    ) -> tuple[RecordingRef, RecordingHeader]:
        moved_to = removal.moved_to(ref.owner.study)
        if moved_to is not None and moved_to.owner == owner:
            header = self._recordings.get(owner, moved_to.recording_id).header
            if session in {0, header.session}:
                return moved_to, header
        raise AlreadyExists(
            f"recording {ref.recording_id} was removed before ({removal.reason}), and not moved"
            " there: ingest its file again"
        )

    def copy(self, ref: RecordingRef, header: RecordingHeader) -> bool:
        """Seal a recording anew under another header; True where that was done before.

        The content is opened and sealed here and leaves the zone nowhere.
        """
        if self._removals.of(ref) is not None:
            return True
        with self._recordings.reading(ref.owner, ref.recording_id) as (_, chunks):
            return self._recordings.receive(header, chunks)[1]

    def _admit(self, ref: RecordingRef, reason: RemovalReason) -> None:
        self._store.keyring.refuse_erased(ref.owner)
        if next(self._store.list(ref.folder), None) is None:
            raise ObjectMissing(f"the {self._store.zone} zone has no recording {ref.recording_id}")
        self._refuse_held(ref)
        if reason is RemovalReason.REPLACED:
            self._require_successor(ref)

    def _refuse_held(self, ref: RecordingRef) -> None:
        if self._retention.is_held(ref.owner, ref.recording_id):
            raise Retained(f"recording {ref.recording_id} is under legal hold: compliance lifts it")

    def _require_successor(self, ref: RecordingRef) -> None:
        """Raise `InvalidInput` unless it failed and another one is there of the same interview."""
        if self._catalog.failures.get(ref.owner, ref.recording_id) is None:
            raise InvalidInput(
                f"recording {ref.recording_id} did not fail, so that no other file replaces it:"
                " remove it for another reason"
            )
        session = self._recordings.get(ref.owner, ref.recording_id).session
        if not any(
            (one.participant, one.session) == (ref.owner.participant, session)
            and one.recording != ref.recording_id
            for one in self._catalog.recordings(ref.owner.study)
        ):
            raise InvalidInput(
                f"nothing took the place of recording {ref.recording_id}: ingest the other file"
                " first, or remove this one for another reason"
            )

    def _record(
        self,
        ref: RecordingRef,
        reason: RemovalReason,
        person: str,
        moved_to: RecordingRef | None,
    ) -> Removal:
        session, content = 0, None
        try:
            sealed = self._recordings.get(ref.owner, ref.recording_id)
        except SottoError:  # an upload that died, a damaged manifest, or removed before
            pass
        else:
            session = sealed.session
            content = self._recordings.content_mac(ref.owner.study, sealed.content.sha256)
        return Removal(
            recording=ref.recording_id,
            session=session,
            reason=reason,
            removed_at=clock.now(),
            removed_by=person,
            content=content,
            moved_to_participant=moved_to.owner.participant if moved_to else None,
            moved_to_recording=moved_to.recording_id if moved_to else None,
        )


def _sum(one: Deletion, other: Deletion) -> Deletion:
    until: list[datetime] = [
        moment for moment in (one.retained_until, other.retained_until) if moment is not None
    ]
    return Deletion(
        one.deleted + other.deleted,
        one.retained + other.retained,
        max(until, default=None),
        (*one.failed, *other.failed),
    )
