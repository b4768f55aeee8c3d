# SPDX-License-Identifier: Apache-2.0
"""Names that came with recordings."""

from __future__ import annotations

from collections.abc import Callable

import grpc

from services.common.audit import AuditTrail
from services.registry.events import Event
from services.storage.domain.names import RecordingRef
from services.storage.domain.recording_rosters import RecordingName, RecordingRosters
from services.storage.handlers import convert
from sotto.storage.v1 import recording_roster_pb2 as pb
from sotto.storage.v1 import recording_roster_service_pb2_grpc as grpc_pb


class RecordingRosterReaderHandlers(grpc_pb.RecordingRosterReaderServiceServicer):
    """Gives names to the de-identification service."""

    def __init__(self, rosters: RecordingRosters, trail: AuditTrail) -> None:
        self._rosters = rosters
        self._trail = trail

    def GetRecordingRoster(
        self, request: pb.GetRecordingRosterRequest, context: grpc.ServicerContext
    ) -> pb.GetRecordingRosterResponse:
        """Return the names of a run."""
        ref = convert.ref(request.ref)
        with self._trail.record(
            Event.RECORDING_ROSTER_READ,
            object=ref.recording_id,
            study_id=ref.owner.study,
            participant=ref.owner.code,
            attributes={"run_key": request.run_key},
        ):
            found = self._rosters.get(ref, request.run_key)
        return pb.GetRecordingRosterResponse(
            names=[pb.RecordingName(name=n.name, source=n.source, role=n.role) for n in found]
        )


class RecordingRosterWriterHandlers(grpc_pb.RecordingRosterWriterServiceServicer):
    """Takes names from the transcription service; `require` refuses what is no recording."""

    def __init__(
        self,
        rosters: RecordingRosters,
        require: Callable[[RecordingRef], None],
        trail: AuditTrail,
    ) -> None:
        self._rosters = rosters
        self._require = require
        self._trail = trail

    def PutRecordingRoster(
        self, request: pb.PutRecordingRosterRequest, context: grpc.ServicerContext
    ) -> pb.PutRecordingRosterResponse:
        """Store the names of a run that is not finished."""
        ref = convert.ref(request.ref)
        self._require(ref)
        with self._trail.record(
            Event.RECORDING_ROSTER_SEALED,
            object=ref.recording_id,
            study_id=ref.owner.study,
            participant=ref.owner.code,
            attributes={"run_key": request.run_key},
        ) as act:
            found = [
                # The contract, which is checked before, allows no other values.
                RecordingName.model_validate(
                    {"name": one.name, "source": one.source, "role": one.role}
                )
                for one in request.names
            ]
            existed = self._rosters.put(ref, request.run_key, found)
            act.note(existed=existed)
        return pb.PutRecordingRosterResponse(existed=existed)
