# SPDX-License-Identifier: Apache-2.0
"""Registers the handlers of the transcription service on a server."""

from __future__ import annotations

import grpc

from services.common.audit import AuditTrail
from services.common.client import Peers
from services.registry.identities import CLINICAL
from services.transcription.adapters.zone import ClinicalZone
from services.transcription.handlers import TranscriptionHandlers
from services.transcription.settings import TranscriptionSettings
from services.transcription.wiring import EngineRoom, build
from sotto.transcription.v1 import transcription_service_pb2_grpc


def register(
    server: grpc.Server, settings: TranscriptionSettings, peers: Peers, trail: AuditTrail
) -> None:
    """Build the tools and add the handlers."""
    room = EngineRoom(settings)
    handlers = TranscriptionHandlers(
        build(settings, room),
        room.identity,
        ClinicalZone(peers.channel(CLINICAL)),
        trail,
        settings.speech_parallel,
    )
    transcription_service_pb2_grpc.add_TranscriptionServiceServicer_to_server(handlers, server)
