# SPDX-License-Identifier: Apache-2.0
"""The audit log's newest checkpoint, over gRPC."""

from __future__ import annotations

import grpc

from services.release.domain.certificate import AuditPosition
from sotto.audit.v1 import audit_service_pb2_grpc, entry_pb2


class AuditService:
    """Speaks to the audit service."""

    def __init__(self, channel: grpc.Channel) -> None:
        self._stub = audit_service_pb2_grpc.AuditQueryServiceStub(channel)

    def position(self) -> AuditPosition:
        """Give the newest checkpoint and the keys to check it with."""
        answer = self._stub.GetCheckpoint(entry_pb2.GetCheckpointRequest())
        return AuditPosition(answer.checkpoint, tuple(answer.verifier_keys))
