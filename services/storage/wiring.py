# SPDX-License-Identifier: Apache-2.0
"""Makes the handlers of a zone: one gRPC service for each kind of caller, all on one store."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

from services.common.audit import AuditTrail
from services.common.server import Handler, Process
from services.registry.identities import RESEARCH
from services.storage.adapters.research_zone import ResearchZoneClient
from services.storage.backends import pace, space
from services.storage.domain.bundles import Bundles
from services.storage.domain.catalog import Catalog
from services.storage.domain.contents import Contents
from services.storage.domain.corrections import CorrectionStore
from services.storage.domain.countersignatures import CountersignatureStore
from services.storage.domain.intake_repair import IntakeRepair, ResearchZone
from services.storage.domain.listening import Listening
from services.storage.domain.names import RecordingRef
from services.storage.domain.pending import PendingList
from services.storage.domain.recording_rosters import RecordingRosters
from services.storage.domain.recordings import Recordings
from services.storage.domain.removals import Removals
from services.storage.domain.retention import KeepingRule, ReleaseTimes, Retention
from services.storage.domain.reveals import Reveals
from services.storage.domain.reviews import Reviews
from services.storage.domain.run_keys import RunKeys
from services.storage.domain.store import SealedStore
from services.storage.domain.study_records import StudyRecords
from services.storage.domain.transcripts import Transcripts
from services.storage.domain.uploads import Uploads
from services.storage.domain.versioned import VersionedDocuments
from services.storage.domain.voices import VoiceStore
from services.storage.domain.work import WorkNotes
from services.storage.handlers import study_description
from services.storage.handlers.admin import (
    ErasureHandlers,
    StoreAdminHandlers,
    StoreCheckHandlers,
)
from services.storage.handlers.bundles import BundleHandlers
from services.storage.handlers.catalog import (
    CatalogReaderHandlers,
    CatalogWriterHandlers,
    FailureHandlers,
)
from services.storage.handlers.copies import CopyStoreHandlers
from services.storage.handlers.countersignatures import CountersignatureHandlers
from services.storage.handlers.participants import Participants
from services.storage.handlers.pending import PendingHandlers
from services.storage.handlers.recording_rosters import (
    RecordingRosterReaderHandlers,
    RecordingRosterWriterHandlers,
)
from services.storage.handlers.recordings import RecordingReaderHandlers, RecordingWriterHandlers
from services.storage.handlers.removals import RemovalHandlers, TranscriptRemovalHandlers
from services.storage.handlers.retention import (
    HoldHandlers,
    RetentionCalendarHandlers,
    RetentionHandlers,
)
from services.storage.handlers.reveals import RevealStoreHandlers
from services.storage.handlers.reviews import ReviewStoreHandlers
from services.storage.handlers.run_keys import RunKeyHandlers
from services.storage.handlers.segments import SegmentReaderHandlers, SegmentWriterHandlers
from services.storage.handlers.uploads import (
    UploadExpiryHandlers,
    UploadHandlers,
    UploadReaderHandlers,
)
from services.storage.handlers.vault import (
    RosterReaderHandlers,
    RosterWriterHandlers,
    VaultHandlers,
)
from services.storage.handlers.voices import (
    VoiceReaderHandlers,
    VoiceRegisterHandlers,
    VoiceWriterHandlers,
)
from services.storage.handlers.work import WorkNoteHandlers, WorkReaderHandlers
from services.storage.settings import StorageSettings
from services.storage.zone import OpenZone, open_zone
from sotto.storage.v1.admin_service_pb2_grpc import (
    add_ErasureServiceServicer_to_server,
    add_StoreAdminServiceServicer_to_server,
    add_StoreCheckServiceServicer_to_server,
)
from sotto.storage.v1.bundle_service_pb2_grpc import add_BundleServiceServicer_to_server
from sotto.storage.v1.catalog_service_pb2_grpc import (
    add_CatalogReaderServiceServicer_to_server,
    add_CatalogWriterServiceServicer_to_server,
    add_CountersignatureServiceServicer_to_server,
    add_FailureServiceServicer_to_server,
)
from sotto.storage.v1.copy_service_pb2_grpc import add_CopyStoreServiceServicer_to_server
from sotto.storage.v1.pending_service_pb2_grpc import add_PendingServiceServicer_to_server
from sotto.storage.v1.recording_roster_service_pb2_grpc import (
    add_RecordingRosterReaderServiceServicer_to_server,
    add_RecordingRosterWriterServiceServicer_to_server,
)
from sotto.storage.v1.recording_service_pb2_grpc import (
    add_HoldServiceServicer_to_server,
    add_RecordingReaderServiceServicer_to_server,
    add_RecordingWriterServiceServicer_to_server,
    add_RetentionCalendarServiceServicer_to_server,
    add_RetentionServiceServicer_to_server,
)
from sotto.storage.v1.removal_service_pb2_grpc import (
    add_RemovalServiceServicer_to_server,
    add_TranscriptRemovalServiceServicer_to_server,
)
from sotto.storage.v1.reveal_service_pb2_grpc import add_RevealStoreServiceServicer_to_server
from sotto.storage.v1.review_service_pb2_grpc import add_ReviewStoreServiceServicer_to_server
from sotto.storage.v1.run_key_service_pb2_grpc import add_RunKeyServiceServicer_to_server
from sotto.storage.v1.segment_service_pb2_grpc import (
    add_SegmentReaderServiceServicer_to_server,
    add_SegmentWriterServiceServicer_to_server,
)
from sotto.storage.v1.upload_service_pb2_grpc import (
    add_UploadExpiryServiceServicer_to_server,
    add_UploadReaderServiceServicer_to_server,
    add_UploadServiceServicer_to_server,
)
from sotto.storage.v1.vault_service_pb2_grpc import (
    add_RosterReaderServiceServicer_to_server,
    add_RosterWriterServiceServicer_to_server,
    add_VaultServiceServicer_to_server,
)
from sotto.storage.v1.voice_service_pb2_grpc import (
    add_VoiceReaderServiceServicer_to_server,
    add_VoiceRegisterServiceServicer_to_server,
    add_VoiceWriterServiceServicer_to_server,
)
from sotto.storage.v1.work_service_pb2_grpc import (
    add_WorkNoteServiceServicer_to_server,
    add_WorkReaderServiceServicer_to_server,
)
from sotto.study.v1 import study_pb2


def build(settings: StorageSettings, process: Process) -> Sequence[Handler]:
    """Open the zone that the settings name and return its handlers.

    Raises `ContractViolation` when a store or a key provider does not keep its contract.
    """
    # Called for retention and removals alone, by the clinical zone.
    research = ResearchZoneClient(process.peers.channel(RESEARCH))
    return handlers(open_zone(settings, process.trail), process.trail, research)


def handlers(zone: OpenZone, trail: AuditTrail, research: ResearchZone) -> Sequence[Handler]:
    """Return the handlers of an open zone: those of both zones, then those of this zone alone.

    `research` is what the clinical zone asks of the other one.
    """
    store = zone.store
    catalog = Catalog(store)
    transcripts = Transcripts(store)
    clinical = store.zone == "clinical"
    marks = zone.open_backend("pending") if clinical else None
    pending = PendingList(marks, store, catalog.sealed) if marks else None
    signatures = CountersignatureStore(store) if clinical else None
    recordings = Recordings(store, pending.mark) if pending else Recordings(store)
    require = catalog.require if clinical else _require_nothing
    contents = Contents(store, catalog.recordings)
    intake = RecordingWriterHandlers(recordings, contents, catalog, trail)

    def session_date(ref: RecordingRef) -> str:
        """Return the date of the interview; empty in the research zone, which knows no dates."""
        if not clinical:
            return ""
        return recordings.get(ref.owner, ref.recording_id).header.session_date

    both: list[Handler] = [
        (
            add_SegmentWriterServiceServicer_to_server,
            SegmentWriterHandlers(transcripts, require, trail),
        ),
        (
            add_SegmentReaderServiceServicer_to_server,
            SegmentReaderHandlers(transcripts, catalog.get_study, session_date, trail),
        ),
        (
            add_CatalogReaderServiceServicer_to_server,
            CatalogReaderHandlers(catalog, signatures),
        ),
        (
            add_CatalogWriterServiceServicer_to_server,
            CatalogWriterHandlers(catalog, pending, trail),
        ),
        (add_ErasureServiceServicer_to_server, ErasureHandlers(zone.erasure, pending, trail)),
        (
            add_StoreAdminServiceServicer_to_server,
            StoreAdminHandlers(
                store,
                zone.settings.storage,
                partial(space, zone.settings),
                pace(zone.settings),
                trail,
            ),
        ),
        (add_StoreCheckServiceServicer_to_server, StoreCheckHandlers(store, trail)),
    ]
    if marks is None or pending is None or signatures is None:
        bundles = BundleHandlers(Bundles(store), Removals(store), trail)
        reviews = ReviewStoreHandlers(
            Reviews(store), CorrectionStore(store), StudyRecords(store, "quality"), trail
        )
        return [
            *both,
            (add_BundleServiceServicer_to_server, bundles),
            (add_ReviewStoreServiceServicer_to_server, reviews),
            (
                add_CopyStoreServiceServicer_to_server,
                CopyStoreHandlers(StudyRecords(store, "copy"), trail),
            ),
            (
                add_TranscriptRemovalServiceServicer_to_server,
                TranscriptRemovalHandlers(store, trail),
            ),
        ]
    retention = _retention(store, catalog, research)
    work = WorkNotes(marks)
    return [
        *both,
        (add_RecordingWriterServiceServicer_to_server, intake),
        (
            add_RecordingReaderServiceServicer_to_server,
            RecordingReaderHandlers(recordings, Listening(store), trail),
        ),
        (
            add_RunKeyServiceServicer_to_server,
            RunKeyHandlers(RunKeys(store.keyring), catalog.require),
        ),
        (
            add_RetentionServiceServicer_to_server,
            RetentionHandlers(retention, catalog.sealed, VoiceStore(store), trail),
        ),
        (
            add_RetentionCalendarServiceServicer_to_server,
            RetentionCalendarHandlers(retention, catalog.sealed),
        ),
        (add_HoldServiceServicer_to_server, HoldHandlers(retention, catalog.require, trail)),
        (
            add_RemovalServiceServicer_to_server,
            RemovalHandlers(
                IntakeRepair(store, catalog, recordings, retention, research, pending.forget),
                catalog,
                Removals(store),
                research,
                trail,
            ),
        ),
        *_upload_handlers(store, catalog, recordings, contents, trail),
        *_vault_handlers(store, pending, trail),
        *_recording_roster_handlers(store, catalog, trail),
        *_voice_handlers(store, catalog, trail),
        (
            add_CountersignatureServiceServicer_to_server,
            CountersignatureHandlers(catalog, signatures, pending, trail),
        ),
        (add_FailureServiceServicer_to_server, FailureHandlers(catalog, pending, trail)),
        (
            add_PendingServiceServicer_to_server,
            PendingHandlers(pending, catalog.require, trail),
        ),
        (add_WorkNoteServiceServicer_to_server, WorkNoteHandlers(work)),
        (add_WorkReaderServiceServicer_to_server, WorkReaderHandlers(work)),
    ]


def _retention(store: SealedStore, catalog: Catalog, released: ReleaseTimes) -> Retention:
    def rule_of(study: str) -> KeepingRule:
        return study_description.keeping_rule(study_pb2.Study.FromString(catalog.get_study(study)))

    return Retention(store, rule_of, released)


def _vault_handlers(store: SealedStore, pending: PendingList, trail: AuditTrail) -> list[Handler]:
    vaults = VersionedDocuments(store, "vault")
    rosters = VersionedDocuments(store, "roster")
    return [
        (add_VaultServiceServicer_to_server, VaultHandlers(vaults, trail)),
        (add_RevealStoreServiceServicer_to_server, RevealStoreHandlers(Reveals(store), trail)),
        (add_RosterReaderServiceServicer_to_server, RosterReaderHandlers(rosters, trail)),
        (add_RosterWriterServiceServicer_to_server, RosterWriterHandlers(rosters, pending, trail)),
    ]


def _upload_handlers(
    store: SealedStore,
    catalog: Catalog,
    recordings: Recordings,
    contents: Contents,
    trail: AuditTrail,
) -> list[Handler]:
    uploads = Uploads(store, recordings)
    return [
        (
            add_UploadServiceServicer_to_server,
            UploadHandlers(uploads, recordings, contents, Participants(catalog), trail),
        ),
        (add_UploadReaderServiceServicer_to_server, UploadReaderHandlers(uploads, trail)),
        (add_UploadExpiryServiceServicer_to_server, UploadExpiryHandlers(uploads, trail)),
    ]


def _recording_roster_handlers(
    store: SealedStore, catalog: Catalog, trail: AuditTrail
) -> list[Handler]:
    rosters = RecordingRosters(store)
    return [
        (
            add_RecordingRosterReaderServiceServicer_to_server,
            RecordingRosterReaderHandlers(rosters, trail),
        ),
        (
            add_RecordingRosterWriterServiceServicer_to_server,
            RecordingRosterWriterHandlers(rosters, catalog.require, trail),
        ),
    ]


def _voice_handlers(store: SealedStore, catalog: Catalog, trail: AuditTrail) -> list[Handler]:
    voices = VoiceStore(store)
    return [
        (add_VoiceReaderServiceServicer_to_server, VoiceReaderHandlers(voices, trail)),
        (
            add_VoiceWriterServiceServicer_to_server,
            VoiceWriterHandlers(voices, catalog.get_study, trail),
        ),
        (add_VoiceRegisterServiceServicer_to_server, VoiceRegisterHandlers(voices, trail)),
    ]


def _require_nothing(ref: RecordingRef) -> None:
    """Accept any recording: the research zone knows recordings by their transcripts alone."""
