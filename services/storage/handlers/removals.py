# SPDX-License-Identifier: Apache-2.0
"""Removals and moves of recordings."""

from __future__ import annotations

import grpc

from services.common.audit import AuditTrail
from services.common.context import current
from services.registry.attributes import Attributes
from services.registry.events import Event
from services.registry.identities import COMPLIANCE
from services.registry.removals import RemovalReason
from services.storage.domain import clock
from services.storage.domain.bundles import Bundles
from services.storage.domain.catalog import Catalog
from services.storage.domain.deletion import joined
from services.storage.domain.intake_repair import IntakeRepair, RepairedIntake
from services.storage.domain.names import Owner, RecordingRef
from services.storage.domain.removals import Removal, Removals
from services.storage.domain.retention import ReleaseTimes, record_deletion
from services.storage.domain.store import SealedStore
from services.storage.errors import ComplianceOnly
from services.storage.handlers import convert
from services.storage.handlers.participants import Participants
from services.storage.handlers.recordings import coarse
from sotto.storage.v1 import removal_pb2, removal_service_pb2_grpc


class RemovalHandlers(removal_service_pb2_grpc.RemovalServiceServicer):
    """Undoes intakes; clinical zone only."""

    def __init__(
        self,
        repair: IntakeRepair,
        catalog: Catalog,
        removals: Removals,
        released: ReleaseTimes,
        trail: AuditTrail,
    ) -> None:
        self._repair = repair
        self._removals = removals
        self._released = released
        self._participants = Participants(catalog)
        self._trail = trail

    def RemoveRecording(
        self,
        request: removal_pb2.RemoveRecordingRequest,
        context: grpc.ServicerContext,
    ) -> removal_pb2.RemoveRecordingResponse:
        """Remove a recording from both zones."""
        ref = convert.ref(request.ref)
        return self._remove(ref, convert.removal_reason(request.reason))

    def MoveRecording(
        self,
        request: removal_pb2.MoveRecordingRequest,
        context: grpc.ServicerContext,
    ) -> removal_pb2.MoveRecordingResponse:
        """Seal a recording anew where it belongs, then remove the old one."""
        ref = convert.ref(request.ref)
        owner = Owner(ref.owner.study, request.participant)
        self._participants.require(owner)
        self._require_compliance_for_more(ref, moving=True)
        target, header = self._repair.target(ref, owner, request.session)
        with self._trail.record(
            Event.RECORDING_SEALED,
            object=target.recording_id,
            study_id=owner.study,
            participant=owner.code,
            attributes={
                "kind": header.kind,
                "session": header.session,
                "size": coarse(header.size),
                "moved_from": ref.recording_id,
            },
        ) as act:
            act.note(existed=self._repair.copy(ref, header))
        other = owner.participant != ref.owner.participant
        reason = RemovalReason.WRONG_PARTICIPANT if other else RemovalReason.WRONG_SESSION
        return removal_pb2.MoveRecordingResponse(
            ref=convert.ref_message(target),
            session=header.session,
            removed=self._remove(ref, reason, target),
        )

    def ListRemovals(
        self,
        request: removal_pb2.ListRemovalsRequest,
        context: grpc.ServicerContext,
    ) -> removal_pb2.ListRemovalsResponse:
        """List what was removed."""
        return removal_pb2.ListRemovalsResponse(
            removals=[_message(ref, one) for ref, one in self._removals.all(request.study_id)]
        )

    def _remove(
        self, ref: RecordingRef, reason: RemovalReason, moved_to: RecordingRef | None = None
    ) -> removal_pb2.RemoveRecordingResponse:
        attributes: Attributes = {"removal": reason}
        if moved_to is not None:
            attributes["moved_to"] = moved_to.recording_id
        with self._trail.record(
            Event.RECORDING_REMOVED,
            object=ref.recording_id,
            study_id=ref.owner.study,
            participant=ref.owner.code,
            attributes=attributes,
        ) as act:
            self._require_compliance_for_more(ref, moved_to)
            done = self._repair.remove(ref, reason, current().person, moved_to)
            deletion = done.removed.deletion
            act.note(
                existed=done.removed.existed,
                removal=done.removed.removal.reason,
                objects_deleted=deletion.deleted,
                objects_retained=deletion.retained,
                objects_failed=len(deletion.failed),
            )
            if deletion.retained_until is not None:
                act.note(expires=deletion.retained_until.isoformat())
        return _response(ref, done)

    def _require_compliance_for_more(
        self, ref: RecordingRef, moved_to: RecordingRef | None = None, *, moving: bool = False
    ) -> None:
        """Raise `ComplianceOnly` where the caller is not compliance and more is at stake.

        Whoever brings recordings in undoes an intake of which nothing came yet, and moves what is
        in no release, which loses no word. All else would let one key delete a study, as would a
        move before a removal.
        """
        if current().client == COMPLIANCE or self._repair.removal(ref) is not None:
            return
        if self._repair.has_runs(ref) and self._released.of(ref) is not None:
            raise ComplianceOnly(
                f"words of recording {ref.recording_id} are in a release: compliance removes it, or"
                " moves it"
            )
        if moving or moved_to is not None:
            return
        if self._repair.is_transcribed(ref):
            raise ComplianceOnly(
                f"recording {ref.recording_id} has a transcript: compliance removes it"
            )
        if self._repair.was_moved(ref):
            raise ComplianceOnly(
                f"recording {ref.recording_id} was moved to where it is, and may have had a"
                " transcript before: compliance removes it"
            )


class TranscriptRemovalHandlers(removal_service_pb2_grpc.TranscriptRemovalServiceServicer):
    """Removes what was made of a recording, for the clinical zone; research zone only."""

    def __init__(self, store: SealedStore, trail: AuditTrail) -> None:
        self._store = store
        self._removals = Removals(store)
        self._bundles = Bundles(store)
        self._trail = trail

    def RemoveTranscripts(
        self,
        request: removal_pb2.RemoveTranscriptsRequest,
        context: grpc.ServicerContext,
    ) -> removal_pb2.RemoveTranscriptsResponse:
        """Remove the transcripts of a recording, with reviews and corrections."""
        ref = convert.ref(request.ref)
        reason = convert.removal_reason(request.reason)
        with self._trail.record(
            Event.RECORDING_REMOVED,
            object=ref.recording_id,
            study_id=ref.owner.study,
            participant=ref.owner.code,
            attributes={"removal": reason},
        ) as act:
            record = Removal(
                recording=ref.recording_id,
                session=0,
                reason=reason,
                removed_at=clock.now(),
                removed_by=current().person,
            )
            _, existed = self._removals.note(ref, record)
            deletion = joined(self._removals.delete(ref), self._bundles.delete_audio(ref))
            act.note(
                existed=existed,
                objects_deleted=deletion.deleted,
                objects_retained=deletion.retained,
                objects_failed=len(deletion.failed),
            )
            if deletion.retained_until is not None:
                act.note(expires=deletion.retained_until.isoformat())
        message = removal_pb2.RemoveTranscriptsResponse(
            objects_deleted=deletion.deleted,
            objects_retained=deletion.retained,
            objects_failed=len(deletion.failed),
            release_ids=[
                one.release_id for one in self._bundles.all(ref.owner.study) if one.may_hold(ref)
            ],
        )
        if deletion.retained_until is not None:
            message.retained_until.FromDatetime(deletion.retained_until)
        return message

    def DeleteReleasedAudio(
        self,
        request: removal_pb2.DeleteReleasedAudioRequest,
        context: grpc.ServicerContext,
    ) -> removal_pb2.DeleteReleasedAudioResponse:
        """Delete the sound of a recording from releases: the record first, so that none is added
        that anybody hands out.
        """
        ref = convert.ref(request.ref)
        with self._trail.record(
            Event.RELEASED_AUDIO_DELETED,
            object=ref.recording_id,
            study_id=ref.owner.study,
            participant=ref.owner.code,
            attributes={"retention": request.rule},
        ) as act:
            existed = record_deletion(self._store, ref, request.rule)
            deletion = self._bundles.delete_audio(ref)
            act.note(
                existed=existed,
                objects_deleted=deletion.deleted,
                objects_retained=deletion.retained,
                objects_failed=len(deletion.failed),
            )
        return removal_pb2.DeleteReleasedAudioResponse(
            objects_deleted=deletion.deleted,
            objects_retained=deletion.retained,
            objects_failed=len(deletion.failed),
        )


def _message(ref: RecordingRef, removal: Removal) -> removal_pb2.Removal:
    message = removal_pb2.Removal(
        ref=convert.ref_message(ref),
        session=removal.session,
        reason=convert.REMOVAL_REASONS_BACK[removal.reason],
        removed_at=convert.timestamp(removal.removed_at),
        removed_by=removal.removed_by,
    )
    moved_to = removal.moved_to(ref.owner.study)
    if moved_to is not None:
        message.moved_to.CopyFrom(convert.ref_message(moved_to))
    return message


def _response(ref: RecordingRef, done: RepairedIntake) -> removal_pb2.RemoveRecordingResponse:
    removed = done.removed
    message = removal_pb2.RemoveRecordingResponse(
        removal=_message(ref, removed.removal),
        existed=removed.existed,
        objects_deleted=removed.deletion.deleted,
        objects_retained=removed.deletion.retained,
        objects_failed=len(removed.deletion.failed),
        release_ids=done.releases,
    )
    if removed.deletion.retained_until is not None:
        message.retained_until.FromDatetime(removed.deletion.retained_until)
    return message
