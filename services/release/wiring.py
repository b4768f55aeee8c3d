# SPDX-License-Identifier: Apache-2.0
"""Which parts the release service is made of."""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from datetime import UTC, datetime
from importlib.metadata import version

from services.common.installation import Installation
from services.common.server import Handler, Process
from services.common.signing_key_file import ensure_signer
from services.registry.identities import AUDIT, DEIDENTIFICATION, RESEARCH, TRANSCRIPTION
from services.release.adapters.bleeping import BleepingClient
from services.release.adapters.checkpoint_client import AuditCheckpointClient
from services.release.adapters.copy_store import CopyStoreClient
from services.release.adapters.quality_store import QualityStoreClient
from services.release.adapters.review_store import ReviewStoreClient
from services.release.adapters.spreading import CorrectionClient
from services.release.adapters.zone import ResearchZoneClient
from services.release.domain.building import ReleaseBuilder
from services.release.domain.copies.notices import Notices
from services.release.domain.copies.register import CopyRegister
from services.release.domain.correcting import Corrector
from services.release.domain.deciding import ReviewDecider
from services.release.domain.exporting import ReleaseReader
from services.release.domain.quality.reading import QualityReading
from services.release.domain.quality.rounds import QualityRounds
from services.release.domain.quality.searching import MissSearch
from services.release.domain.review_list import ReviewLister
from services.release.handlers.copies import CopyReaderHandlers
from services.release.handlers.quality import QualityHandlers, QualityReaderHandlers
from services.release.handlers.release_reader import ReleaseReaderHandlers
from services.release.handlers.releases import ReleaseBuilderHandlers
from services.release.handlers.reviews import ReviewHandlers, ReviewRuleHandlers
from services.release.settings import ReleaseSettings
from services.storage_client.catalog import CatalogClient
from services.storage_client.study_members import StudyMembers
from sotto.release.v1 import release_service_pb2_grpc


def build(settings: ReleaseSettings, process: Process) -> Sequence[Handler]:
    """Read the signing key, or make it, and return the handlers.

    The allow-list names the clients of each.
    """
    signer = ensure_signer(
        settings.signing_folder or Installation(settings.home).make_folder("release")
    )
    research = process.peers.channel(RESEARCH)
    zone = ResearchZoneClient(research)
    store = ReviewStoreClient(research)
    log = AuditCheckpointClient(process.peers.channel(AUDIT))
    spreader = CorrectionClient(lambda: process.peers.channel(DEIDENTIFICATION))
    audio = BleepingClient(lambda: process.peers.channel(TRANSCRIPTION))
    rounds = QualityStoreClient(research)
    corrector = Corrector(zone, store, spreader, _now)
    builder = ReleaseBuilder(zone, store, rounds, log, audio, signer, _now, version("sotto"))
    reader = ReleaseReader(zone)
    register = CopyRegister(zone, CopyStoreClient(research), Notices(zone, reader, _now), _now)
    decider = ReviewDecider(zone, store)
    quality = QualityRounds(zone, store, rounds, log, _now, secrets.token_bytes)
    members = StudyMembers(CatalogClient(research))
    return [
        (
            release_service_pb2_grpc.add_ReviewServiceServicer_to_server,
            ReviewHandlers(
                ReviewLister(zone, store),
                decider,
                corrector,
                members,
                process.trail,
            ),
        ),
        (
            release_service_pb2_grpc.add_QualityServiceServicer_to_server,
            QualityHandlers(
                quality,
                QualityReading(zone, store, rounds, _now),
                MissSearch(zone, store, corrector),
                members,
                process.trail,
            ),
        ),
        (
            release_service_pb2_grpc.add_QualityReaderServiceServicer_to_server,
            QualityReaderHandlers(quality, members),
        ),
        (
            release_service_pb2_grpc.add_ReviewRuleServiceServicer_to_server,
            ReviewRuleHandlers(decider, process.trail),
        ),
        (
            release_service_pb2_grpc.add_ReleaseBuilderServiceServicer_to_server,
            ReleaseBuilderHandlers(builder, reader, members, process.trail),
        ),
        (
            release_service_pb2_grpc.add_ReleaseReaderServiceServicer_to_server,
            ReleaseReaderHandlers(reader, register, signer.public_key, members, process.trail),
        ),
        (
            release_service_pb2_grpc.add_CopyReaderServiceServicer_to_server,
            CopyReaderHandlers(register),
        ),
    ]


def _now() -> datetime:
    return datetime.now(UTC)
