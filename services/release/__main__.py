# SPDX-License-Identifier: Apache-2.0
"""Starts the release service: settings, log, signing key, domain, server."""

from __future__ import annotations

from datetime import UTC, datetime
from importlib.metadata import version

from services.common.installation import Installation
from services.common.process_main import run_process
from services.common.server import Process
from services.registry.identities import AUDIT, RESEARCH
from services.release.adapters.keyfile import ensure_signer
from services.release.adapters.log import AuditService
from services.release.adapters.zone import StorageZone
from services.release.domain.building import ReleaseBuilder
from services.release.domain.exporting import ReleaseReader
from services.release.server import register
from services.release.settings import ReleaseSettings


def main() -> None:
    """Serve until told to stop."""
    settings = ReleaseSettings.load()
    process = Process(settings, zone="research")
    signer = ensure_signer(settings.signing_folder or Installation(settings.home).folder("release"))
    zone = StorageZone(process.peers.channel(RESEARCH))
    log = AuditService(process.peers.channel(AUDIT))
    builder = ReleaseBuilder(zone, log, signer, lambda: datetime.now(UTC), version("sotto"))
    reader = ReleaseReader(zone)
    process.serve(
        lambda server: register(server, builder, reader, signer.public_key, process.trail)
    )


if __name__ == "__main__":
    run_process(main)
