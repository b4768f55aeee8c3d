# SPDX-License-Identifier: Apache-2.0
"""Reads the log through its running service, so that the reading is recorded."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from services.common.client_session import connected
from services.common.options import installation_of
from services.registry import identities

if TYPE_CHECKING:  # gRPC takes a while to import, and commands that fail early do without it
    import grpc

    from services.audit.cli.log_export import LogCopy
    from sotto.audit.v1.audit_service_pb2_grpc import AuditQueryServiceStub


@contextlib.contextmanager
def audit_channel(home: Path | None) -> Iterator[grpc.Channel]:
    """Open a channel to the audit service of a home, as a compliance officer."""
    with connected(
        installation_of(home), identities.COMPLIANCE, (identities.AUDIT,), purpose="audit"
    ) as peers:
        yield peers.channel(identities.AUDIT)


def query_stub(channel: grpc.Channel) -> AuditQueryServiceStub:
    """Return what reads the log through its service."""
    from sotto.audit.v1.audit_service_pb2_grpc import AuditQueryServiceStub

    return AuditQueryServiceStub(channel)


def newest_state(channel: grpc.Channel) -> tuple[int, list[str]]:
    """Ask for the number of entries of the log and its public keys."""
    from sotto.audit.v1 import entry_pb2
    from sotto.audit.v1.audit_service_pb2_grpc import AuditCheckpointServiceStub

    answer = AuditCheckpointServiceStub(channel).GetCheckpoint(entry_pb2.GetCheckpointRequest())
    return int(answer.checkpoint.split("\n", 2)[1]), list(answer.verifier_keys)


@contextlib.contextmanager
def fetch_log(home: Path | None) -> Iterator[LogCopy]:
    """Open the log of a home; leaves arrive as they are read, the checkpoint behind them."""
    from services.audit.cli.log_export import LogCopy
    from sotto.audit.v1 import entry_pb2

    with audit_channel(home) as channel:
        stub = query_stub(channel)
        _, keys = newest_state(channel)
        copy = LogCopy((), verifier_keys=keys)

        def leaves() -> Iterator[bytes]:
            for part in stub.ExportEntries(entry_pb2.ExportEntriesRequest()):
                yield from part.leaves
                copy.checkpoint = part.checkpoint or copy.checkpoint
                copy.witnessed = part.witnessed or copy.witnessed

        copy.leaves = leaves()
        yield copy
