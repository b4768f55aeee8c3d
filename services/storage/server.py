# SPDX-License-Identifier: Apache-2.0
"""Registers what a zone serves: separate gRPC services on one store, by what a caller may touch."""

from __future__ import annotations

from collections.abc import Callable

import grpc

from services.common.audit import AuditTrail
from services.storage.domain.approvals import Approvals
from services.storage.domain.bundles import Bundles
from services.storage.domain.catalog import Catalog
from services.storage.domain.recordings import Recordings
from services.storage.domain.retention import Retention
from services.storage.domain.states import Ref
from services.storage.domain.transcripts import Transcripts
from services.storage.domain.versioned import VersionedDocuments
from services.storage.handlers.admin import ErasureHandlers, StoreAdminHandlers
from services.storage.handlers.bundles import BundleHandlers
from services.storage.handlers.catalog import CatalogReaderHandlers, CatalogWriterHandlers
from services.storage.handlers.recordings import RecordingReaderHandlers, RecordingWriterHandlers
from services.storage.handlers.retention import HoldHandlers, RetentionHandlers
from services.storage.handlers.segments import SegmentReader, SegmentWriter
from services.storage.handlers.vault import (
    RosterReaderHandlers,
    RosterWriterHandlers,
    VaultHandlers,
)
from services.storage.wiring import Zone
from sotto.storage.v1 import (
    admin_service_pb2_grpc,
    bundle_service_pb2_grpc,
    catalog_service_pb2_grpc,
    recording_service_pb2_grpc,
    segment_service_pb2_grpc,
    vault_service_pb2_grpc,
)


def register(server: grpc.Server, zone: Zone, trail: AuditTrail) -> None:
    """Add what both zones serve, and what this zone alone does."""
    store = zone.store
    catalog = Catalog(store)
    transcripts = Transcripts(store)
    clinical = store.zone == "clinical"
    recordings = Recordings(store)
    intake = RecordingWriterHandlers(recordings, catalog, trail)
    require = catalog.require if clinical else _anything

    def session_date(ref: Ref) -> str:
        """The research zone knows no days."""
        if not clinical:
            return ""
        return recordings.get(ref.owner, ref.recording_id).incoming.session_date

    segment_service_pb2_grpc.add_SegmentWriterServiceServicer_to_server(
        SegmentWriter(transcripts, require, trail), server
    )
    segment_service_pb2_grpc.add_SegmentReaderServiceServicer_to_server(
        SegmentReader(transcripts, session_date, trail), server
    )
    catalog_service_pb2_grpc.add_CatalogReaderServiceServicer_to_server(
        CatalogReaderHandlers(catalog), server
    )
    catalog_service_pb2_grpc.add_CatalogWriterServiceServicer_to_server(
        CatalogWriterHandlers(catalog, store.zone, trail, intake.forget), server
    )
    admin_service_pb2_grpc.add_ErasureServiceServicer_to_server(
        ErasureHandlers(zone.erasure, trail), server
    )
    admin_service_pb2_grpc.add_StoreAdminServiceServicer_to_server(
        StoreAdminHandlers(store, zone.settings.storage, trail), server
    )
    if clinical:
        _register_clinical(server, zone, intake, require, trail)
    else:
        bundle_service_pb2_grpc.add_BundleServiceServicer_to_server(
            BundleHandlers(Bundles(store), Approvals(store), trail), server
        )


def _register_clinical(
    server: grpc.Server,
    zone: Zone,
    intake: RecordingWriterHandlers,
    require: Callable[[Ref], None],
    trail: AuditTrail,
) -> None:
    rosters = VersionedDocuments(zone.store, "roster")
    recording_service_pb2_grpc.add_RecordingWriterServiceServicer_to_server(intake, server)
    recording_service_pb2_grpc.add_RecordingReaderServiceServicer_to_server(
        RecordingReaderHandlers(Recordings(zone.store), trail), server
    )
    retention = Retention(zone.store)
    recording_service_pb2_grpc.add_RetentionServiceServicer_to_server(
        RetentionHandlers(retention, trail), server
    )
    recording_service_pb2_grpc.add_HoldServiceServicer_to_server(
        HoldHandlers(retention, require, trail), server
    )
    vault_service_pb2_grpc.add_VaultServiceServicer_to_server(
        VaultHandlers(VersionedDocuments(zone.store, "vault"), trail), server
    )
    vault_service_pb2_grpc.add_RosterReaderServiceServicer_to_server(
        RosterReaderHandlers(rosters, trail), server
    )
    vault_service_pb2_grpc.add_RosterWriterServiceServicer_to_server(
        RosterWriterHandlers(rosters, trail), server
    )


def _anything(ref: Ref) -> None:
    """The research zone knows recordings by their transcripts alone."""
