# SPDX-License-Identifier: Apache-2.0
"""Registers the handlers of the de-identification service on a server."""

from __future__ import annotations

import grpc

from services.common.audit import AuditTrail
from services.common.client import Peers
from services.deidentification.adapters.zones import Zones
from services.deidentification.domain.job import Workshop
from services.deidentification.handlers import DeidentificationHandlers
from services.deidentification.settings import DeidentificationSettings
from services.deidentification.wiring import DetectorRoom
from services.registry.identities import CLINICAL, RESEARCH
from sotto.deidentification.v1 import deidentification_service_pb2_grpc


def register(
    server: grpc.Server, settings: DeidentificationSettings, peers: Peers, trail: AuditTrail
) -> None:
    """Build the tools and add the handlers."""
    room = DetectorRoom(
        neural=settings.neural,
        threads=settings.neural_threads,
        nlp_configuration=settings.nlp_configuration,
    )
    zones = Zones(peers.channel(CLINICAL), peers.channel(RESEARCH))
    handlers = DeidentificationHandlers(
        Workshop(zones, room.get, settings.window_segments),
        trail,
        settings.deidentification_parallel,
    )
    deidentification_service_pb2_grpc.add_DeidentificationServiceServicer_to_server(
        handlers, server
    )
