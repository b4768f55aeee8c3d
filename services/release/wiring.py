# SPDX-License-Identifier: Apache-2.0
"""Which parts the release service is made of."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from importlib.metadata import version

from services.common.installation import Installation
from services.common.server import Handler, Process
from services.registry.identities import AUDIT, RESEARCH
from services.release.adapters.checkpoint_client import AuditCheckpointClient
from services.release.adapters.signing_key_file import ensure_signer
from services.release.adapters.zone import ResearchZoneClient
from services.release.domain.building import ReleaseBuilder
from services.release.domain.exporting import ReleaseReader
from services.release.handlers import ReleaseBuilderHandlers, ReleaseReaderHandlers
from services.release.settings import ReleaseSettings
from sotto.release.v1 import release_service_pb2_grpc


def build(settings: ReleaseSettings, process: Process) -> Sequence[Handler]:
    """Read the signing key, or make it, and return the handlers.

    The allow-list names the clients of each.
    """
    signer = ensure_signer(
        settings.signing_folder or Installation(settings.home).make_folder("release")
    )
    zone = ResearchZoneClient(process.peers.channel(RESEARCH))
    log = AuditCheckpointClient(process.peers.channel(AUDIT))
    builder = ReleaseBuilder(zone, log, signer, lambda: datetime.now(UTC), version("sotto"))
    reader = ReleaseReader(zone)
    return [
        (
            release_service_pb2_grpc.add_ReleaseBuilderServiceServicer_to_server,
            ReleaseBuilderHandlers(builder, reader, process.trail),
        ),
        (
            release_service_pb2_grpc.add_ReleaseReaderServiceServicer_to_server,
            ReleaseReaderHandlers(reader, signer.public_key, process.trail),
        ),
    ]
