# SPDX-License-Identifier: Apache-2.0
"""Deletions by a study's rule, and legal holds."""

from __future__ import annotations

from collections.abc import Callable, Iterable

import grpc

from services.common.audit import AuditTrail
from services.registry.events import Event
from services.storage.domain.names import RecordingRef
from services.storage.domain.retention import (
    Retention,
    RetentionDate,
    RetentionEntry,
    RetentionState,
    is_rule_name,
)
from services.storage.domain.voices import VoiceStore
from services.storage.handlers import convert
from sotto.storage.v1 import recording_pb2, recording_service_pb2_grpc

_STATES = {
    RetentionState.WAITING: recording_pb2.RETENTION_STATE_WAITING,
    RetentionState.DUE: recording_pb2.RETENTION_STATE_DUE,
    RetentionState.HELD: recording_pb2.RETENTION_STATE_HELD,
    RetentionState.DELETED: recording_pb2.RETENTION_STATE_DELETED,
}


class RetentionHandlers(recording_service_pb2_grpc.RetentionServiceServicer):
    """Deletes content that is due, for the flow of retention.

    `sealed` yields the recordings of a study. Once none of them has content, nothing is left to
    compare voices with, and they go too.
    """

    def __init__(
        self,
        retention: Retention,
        sealed: Callable[[str], Iterable[RecordingRef]],
        voices: VoiceStore,
        trail: AuditTrail,
    ) -> None:
        self._retention = retention
        self._voices = voices
        self._sealed = sealed
        self._trail = trail

    def ListRetention(
        self,
        request: recording_pb2.ListRetentionRequest,
        context: grpc.ServicerContext,
    ) -> recording_pb2.ListRetentionResponse:
        """Say what the rule of a study asks for now."""
        found = self._retention.entries(request.study_id, self._sealed(request.study_id))
        return recording_pb2.ListRetentionResponse(recordings=[_entry(one) for one in found])

    def DeleteContent(
        self,
        request: recording_pb2.DeleteContentRequest,
        context: grpc.ServicerContext,
    ) -> recording_pb2.DeleteContentResponse:
        """Delete the content of a recording."""
        ref = convert.ref(request.ref)
        with self._trail.record(
            Event.CONTENT_DELETED,
            object=ref.recording_id,
            study_id=ref.owner.study,
            participant=ref.owner.code,
            # A caller's own words are nothing for the log.
            attributes={"retention": request.rule} if is_rule_name(request.rule) else {},
        ) as act:
            done, existed = self._retention.delete_content(
                ref.owner, ref.recording_id, request.rule
            )
            act.note(existed=existed)
        self._delete_voices(ref.owner.study)
        return recording_pb2.DeleteContentResponse(
            deleted_at=convert.timestamp(done.deleted_at), existed=existed
        )

    def _delete_voices(self, study: str) -> None:
        people = [one.person for one in self._voices.of(study)]
        if not people or any(
            self._retention.deleted(ref.owner, ref.recording_id) is None
            for ref in self._sealed(study)
        ):
            return
        for person in people:
            with self._trail.record(
                Event.VOICE_ERASED,
                object="voice",
                study_id=study,
                attributes={"account": person},
            ) as act:
                act.note(objects_deleted=int(self._voices.erase(study, person)))


class RetentionCalendarHandlers(recording_service_pb2_grpc.RetentionCalendarServiceServicer):
    """Tells compliance what the rules end when, and what is held.

    `sealed` yields the recordings of a study.
    """

    def __init__(
        self, retention: Retention, sealed: Callable[[str], Iterable[RecordingRef]]
    ) -> None:
        self._retention = retention
        self._sealed = sealed

    def ListRetentionCalendar(
        self,
        request: recording_pb2.ListRetentionCalendarRequest,
        context: grpc.ServicerContext,
    ) -> recording_pb2.ListRetentionCalendarResponse:
        """Say when the rule of a study ends each of its recordings."""
        found = self._retention.calendar(request.study_id, self._sealed(request.study_id))
        return recording_pb2.ListRetentionCalendarResponse(
            recordings=map(_date, found), keep_days=self._retention.keep_days(request.study_id)
        )


class HoldHandlers(recording_service_pb2_grpc.HoldServiceServicer):
    """Sets and lifts legal holds, for compliance."""

    def __init__(
        self, retention: Retention, require: Callable[[RecordingRef], None], trail: AuditTrail
    ) -> None:
        self._retention = retention
        self._require = require
        self._trail = trail

    def PutHold(
        self,
        request: recording_pb2.PutHoldRequest,
        context: grpc.ServicerContext,
    ) -> recording_pb2.PutHoldResponse:
        """Set or lift a hold."""
        ref = convert.ref(request.ref)
        self._require(ref)
        with self._trail.record(
            Event.HOLD_WRITTEN,
            object=ref.recording_id,
            study_id=ref.owner.study,
            participant=ref.owner.code,
            attributes={"state": "held" if request.held else "free"},
        ):
            existed = self._retention.put_hold(ref.owner, ref.recording_id, held=request.held)
        return recording_pb2.PutHoldResponse(existed=existed)


def _entry(entry: RetentionEntry) -> recording_pb2.RetentionEntry:
    message = recording_pb2.RetentionEntry(
        ref=convert.ref_message(entry.ref), rule=entry.rule, state=_STATES[entry.state]
    )
    message.due_at.FromDatetime(entry.due_at)
    return message


def _date(found: RetentionDate) -> recording_pb2.RetentionDate:
    message = recording_pb2.RetentionDate(ref=convert.ref_message(found.ref), held=found.is_held)
    if found.state is not None:
        message.state = _STATES[found.state]
    if found.released_at is not None:
        message.released_at.FromDatetime(found.released_at)
    if found.due_at is not None:
        message.due_at.FromDatetime(found.due_at)
    return message
