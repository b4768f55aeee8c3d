# SPDX-License-Identifier: Apache-2.0
"""Registers the release service's handlers."""

from __future__ import annotations

import grpc

from services.common.audit import AuditTrail
from services.release.domain.building import ReleaseBuilder
from services.release.domain.exporting import ReleaseReader
from services.release.domain.signing import PublicKey
from services.release.handlers import BuilderHandlers, ReaderHandlers
from sotto.release.v1 import release_service_pb2_grpc


def register(
    server: grpc.Server,
    builder: ReleaseBuilder,
    reader: ReleaseReader,
    key: PublicKey,
    trail: AuditTrail,
) -> None:
    """Serve builders and readers; the allow-list tells their clients apart."""
    release_service_pb2_grpc.add_ReleaseBuilderServiceServicer_to_server(
        BuilderHandlers(builder, reader, trail), server
    )
    release_service_pb2_grpc.add_ReleaseReaderServiceServicer_to_server(
        ReaderHandlers(reader, key, trail), server
    )
