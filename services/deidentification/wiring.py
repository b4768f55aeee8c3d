# SPDX-License-Identifier: Apache-2.0
"""From settings to handlers."""

from __future__ import annotations

from collections.abc import Sequence

import grpc

from services.common.audit import AuditTrail
from services.common.server import Handler, Process
from services.deidentification.adapters.reveals import ClinicalReveals
from services.deidentification.adapters.zones import Zones
from services.deidentification.domain.correction_job import CorrectionRunner
from services.deidentification.domain.engine import Engine
from services.deidentification.domain.job import DeidentificationRunner
from services.deidentification.domain.policy import Policy
from services.deidentification.domain.reveals import Reveals
from services.deidentification.domain.vault_updates import VaultUpdater
from services.deidentification.engine_factory import LazyDetector, make_engine
from services.deidentification.gazetteers.loading import load_lexicon
from services.deidentification.handlers.deidentification import (
    CorrectionHandlers,
    DeidentificationHandlers,
    PolicyHandlers,
)
from services.deidentification.handlers.reveals import (
    RevealDecisionHandlers,
    RevealHandlers,
    RevealReaderHandlers,
)
from services.deidentification.settings import DeidentificationSettings
from services.registry.identities import CLINICAL, RESEARCH
from services.storage_client.catalog import CatalogClient
from sotto.deidentification.v1 import deidentification_service_pb2_grpc, reveal_service_pb2_grpc


def build(settings: DeidentificationSettings, process: Process) -> Sequence[Handler]:
    """Return the handlers of the service."""
    detector = LazyDetector(
        neural=settings.neural,
        threads=settings.neural_threads,
        nlp_configuration=settings.nlp_configuration,
    )
    clinical = process.peers.channel(CLINICAL)
    zones = Zones(clinical, process.peers.channel(RESEARCH))
    vaults = VaultUpdater(zones)

    def engine(policy: Policy) -> Engine:
        return make_engine(policy, detector)

    runner = DeidentificationRunner(zones, vaults, engine, load_lexicon, settings.window_segments)
    corrections = CorrectionRunner(zones, vaults, engine, load_lexicon)
    handlers = DeidentificationHandlers(runner, process.trail, settings.deidentification_parallel)
    return [
        (
            deidentification_service_pb2_grpc.add_DeidentificationServiceServicer_to_server,
            handlers,
        ),
        (deidentification_service_pb2_grpc.add_PolicyServiceServicer_to_server, PolicyHandlers()),
        (
            deidentification_service_pb2_grpc.add_CorrectionServiceServicer_to_server,
            CorrectionHandlers(corrections, process.trail),
        ),
        *_reveal_handlers(clinical, process.trail),
    ]


def _reveal_handlers(clinical: grpc.Channel, trail: AuditTrail) -> list[Handler]:
    zone, catalog = ClinicalReveals(clinical), CatalogClient(clinical)
    reveals = Reveals(zone)
    return [
        (
            reveal_service_pb2_grpc.add_RevealServiceServicer_to_server,
            RevealHandlers(reveals, catalog, trail),
        ),
        (
            reveal_service_pb2_grpc.add_RevealDecisionServiceServicer_to_server,
            RevealDecisionHandlers(reveals, catalog, trail),
        ),
        (
            reveal_service_pb2_grpc.add_RevealReaderServiceServicer_to_server,
            RevealReaderHandlers(zone, catalog),
        ),
    ]
