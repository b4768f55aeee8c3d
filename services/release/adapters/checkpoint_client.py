# SPDX-License-Identifier: Apache-2.0
"""The audit log's newest checkpoint, over gRPC."""

from __future__ import annotations

import grpc

from services.release.domain.ports import AuditCheckpoint
from sotto.audit.v1 import audit_service_pb2_grpc, entry_pb2


class AuditCheckpointClient:
    """Client of the audit service, for its checkpoints alone."""

    def __init__(self, channel: grpc.Channel) -> None:
        self._stub = audit_service_pb2_grpc.AuditCheckpointServiceStub(channel)

    def newest_checkpoint(self) -> AuditCheckpoint:
        """Return the newest checkpoint and the keys to check it with."""
        answer = self._stub.GetCheckpoint(entry_pb2.GetCheckpointRequest())
        return AuditCheckpoint(answer.checkpoint, tuple(answer.verifier_keys))
