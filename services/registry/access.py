# SPDX-License-Identifier: Apache-2.0
"""Which client may call which gRPC service of which server, and in which role it may speak.

What is not listed is refused.
"""

from __future__ import annotations

from collections.abc import Mapping

from services.registry.identities import (
    AUDIT,
    CLINICAL,
    COMPLIANCE,
    CONSOLE,
    DEIDENTIFICATION,
    FLOW,
    FLOWS,
    OPERATOR,
    PEOPLE,
    RELEASE,
    RESEARCH,
    RESEARCHER,
    REVIEWER,
    TRANSCRIPTION,
)

APPEND = "sotto.audit.v1.AuditAppendService"

ALLOWED: Mapping[str, Mapping[str, frozenset[str]]] = {
    AUDIT: {
        APPEND: frozenset(
            {CLINICAL, RESEARCH, TRANSCRIPTION, DEIDENTIFICATION, RELEASE, FLOWS, CONSOLE}
        ),
        "sotto.audit.v1.AuditQueryService": frozenset({COMPLIANCE}),
        # A checkpoint holds no entry, only a size, a hash and signatures.
        "sotto.audit.v1.AuditCheckpointService": frozenset({COMPLIANCE, RELEASE}),
        "sotto.audit.v1.AuditReviewService": frozenset({COMPLIANCE}),
        "sotto.audit.v1.AuditScheduleService": frozenset({FLOWS}),
        # Times and counts of what was done to the installation, and no entry.
        "sotto.audit.v1.AuditUpkeepService": frozenset({OPERATOR}),
    },
    CLINICAL: {
        "sotto.storage.v1.RecordingWriterService": frozenset({OPERATOR}),
        "sotto.storage.v1.RecordingReaderService": frozenset({TRANSCRIPTION}),
        "sotto.storage.v1.UploadService": frozenset({OPERATOR}),
        # A file is looked at in the sandbox before it is a recording.
        "sotto.storage.v1.UploadReaderService": frozenset({TRANSCRIPTION}),
        "sotto.storage.v1.UploadExpiryService": frozenset({FLOWS}),
        "sotto.storage.v1.RetentionService": frozenset({OPERATOR, FLOWS}),
        "sotto.storage.v1.RetentionCalendarService": frozenset({COMPLIANCE}),
        "sotto.storage.v1.HoldService": frozenset({COMPLIANCE}),
        # The store itself keeps what was released for compliance alone.
        "sotto.storage.v1.RemovalService": frozenset({OPERATOR, COMPLIANCE}),
        "sotto.storage.v1.SegmentWriterService": frozenset({TRANSCRIPTION}),
        # Reviewers are cleared for identified data; each reading of theirs is in the log.
        "sotto.storage.v1.SegmentReaderService": frozenset({DEIDENTIFICATION, REVIEWER}),
        # It answers with keyed names: whoever may call it could test guesses of what was said.
        "sotto.storage.v1.RunKeyService": frozenset({TRANSCRIPTION, DEIDENTIFICATION}),
        "sotto.storage.v1.VaultService": frozenset({DEIDENTIFICATION}),
        # Who asked for a name behind a pseudonym, and who granted it; whoever reads the vault asks.
        "sotto.storage.v1.RevealStoreService": frozenset({DEIDENTIFICATION}),
        "sotto.storage.v1.RosterReaderService": frozenset({TRANSCRIPTION, DEIDENTIFICATION}),
        "sotto.storage.v1.RosterWriterService": frozenset({OPERATOR}),
        # Names that came with a recording: whoever meets them writes them, and one alone reads.
        "sotto.storage.v1.RecordingRosterReaderService": frozenset({DEIDENTIFICATION}),
        "sotto.storage.v1.RecordingRosterWriterService": frozenset({TRANSCRIPTION}),
        # A voice is biometric data: one service checks, keeps and compares it; nobody hears it.
        "sotto.storage.v1.VoiceReaderService": frozenset({TRANSCRIPTION}),
        "sotto.storage.v1.VoiceWriterService": frozenset({TRANSCRIPTION}),
        "sotto.storage.v1.VoiceRegisterService": frozenset({OPERATOR}),
        "sotto.storage.v1.CatalogReaderService": frozenset(
            {OPERATOR, FLOWS, TRANSCRIPTION, DEIDENTIFICATION, COMPLIANCE}
        ),
        # Whoever steers the engine writes no study: its policy says what the engine lets through.
        "sotto.storage.v1.CatalogWriterService": frozenset({OPERATOR}),
        "sotto.storage.v1.CountersignatureService": frozenset({COMPLIANCE}),
        "sotto.storage.v1.FailureService": frozenset({OPERATOR, FLOWS}),
        "sotto.storage.v1.PendingService": frozenset({OPERATOR, FLOWS}),
        "sotto.storage.v1.WorkNoteService": frozenset({FLOWS}),
        "sotto.storage.v1.WorkReaderService": frozenset({OPERATOR}),
        "sotto.storage.v1.ErasureService": frozenset({COMPLIANCE}),
        "sotto.storage.v1.StoreAdminService": frozenset({OPERATOR}),
        "sotto.storage.v1.StoreCheckService": frozenset({FLOWS}),
    },
    RESEARCH: {
        "sotto.storage.v1.SegmentWriterService": frozenset({DEIDENTIFICATION}),
        "sotto.storage.v1.SegmentReaderService": frozenset({RELEASE, DEIDENTIFICATION}),
        "sotto.storage.v1.BundleService": frozenset({RELEASE}),
        "sotto.storage.v1.ReviewStoreService": frozenset({RELEASE}),
        "sotto.storage.v1.CopyStoreService": frozenset({RELEASE}),
        "sotto.storage.v1.TranscriptRemovalService": frozenset({CLINICAL}),
        "sotto.storage.v1.CatalogReaderService": frozenset(
            # The clinical store asks when a recording was released, before a rule deletes it.
            {OPERATOR, FLOWS, DEIDENTIFICATION, RELEASE, COMPLIANCE, CLINICAL}
        ),
        "sotto.storage.v1.CatalogWriterService": frozenset({OPERATOR}),
        "sotto.storage.v1.ErasureService": frozenset({COMPLIANCE}),
        "sotto.storage.v1.StoreAdminService": frozenset({OPERATOR}),
        "sotto.storage.v1.StoreCheckService": frozenset({FLOWS}),
    },
    TRANSCRIPTION: {
        "sotto.transcription.v1.TranscriptionService": frozenset({FLOWS, OPERATOR}),
        # It tells whoever uploads a file what is in it; the orchestrator does not learn it.
        "sotto.transcription.v1.IntakeService": frozenset({OPERATOR}),
        # It checks the voice of an interviewer before that is sealed, and answers without sound.
        "sotto.transcription.v1.EnrolmentService": frozenset({OPERATOR}),
        # It answers with sound of words that the caller has in writing, and of no others.
        "sotto.transcription.v1.BleepingService": frozenset({RELEASE}),
        # A few seconds around a place, counted for each person: nobody takes a recording by it.
        "sotto.transcription.v1.ClipService": frozenset({REVIEWER}),
    },
    DEIDENTIFICATION: {
        "sotto.deidentification.v1.DeidentificationService": frozenset({FLOWS, OPERATOR}),
        "sotto.deidentification.v1.PolicyService": frozenset({OPERATOR, COMPLIANCE}),
        # Undoing a pseudonym takes two people: who asks cannot grant, and who grants sees no name.
        "sotto.deidentification.v1.RevealService": frozenset({REVIEWER}),
        "sotto.deidentification.v1.RevealDecisionService": frozenset({COMPLIANCE}),
        "sotto.deidentification.v1.RevealReaderService": frozenset({REVIEWER, COMPLIANCE}),
        # It answers with places of a de-identified transcript, never with words.
        "sotto.deidentification.v1.CorrectionService": frozenset({RELEASE}),
    },
    RELEASE: {
        "sotto.release.v1.ReviewService": frozenset({REVIEWER}),
        "sotto.release.v1.QualityService": frozenset({REVIEWER}),
        # Numbers, and who read and signed; no word of a transcript.
        "sotto.release.v1.QualityReaderService": frozenset({REVIEWER, COMPLIANCE}),
        "sotto.release.v1.ReviewRuleService": frozenset({FLOWS}),
        "sotto.release.v1.ReleaseBuilderService": frozenset({REVIEWER, OPERATOR}),
        # Releases are for the researchers of the study; whoever runs the machine exports none.
        "sotto.release.v1.ReleaseReaderService": frozenset({RESEARCHER}),
        # Who took copies, and what these people said of them; no word of a release.
        "sotto.release.v1.CopyReaderService": frozenset({COMPLIANCE}),
    },
}

HEALTH = "grpc.health.v1.Health"

#: gRPC services that are called for nobody, and why. Every other call names a person, or is made by
#: the orchestrator in its role `flow`.
ON_OWN_BEHALF: Mapping[str, str] = {
    HEALTH: "tells whether a server answers, and nothing else",
    APPEND: "takes entries of what services do by themselves, such as"
    " their start; each entry says for whom it was done",
}


def _carried() -> dict[str, frozenset[str]]:
    """Return the roles of each certificate, from who may call whom.

    A person's client carries its own name, the orchestrator `flow`. The console carries the roles
    of people, each for those who are signed in, and acts for itself. A service passes on the roles
    of those that may call it, through any number of services, and may act for itself ("").
    """
    carried = {FLOWS: frozenset({FLOW}), **{name: frozenset({name}) for name in PEOPLE}}
    carried[CONSOLE] = frozenset({"", *PEOPLE})
    carried |= {server: frozenset({""}) for server in ALLOWED}
    callers = {server: frozenset().union(*lists.values()) for server, lists in ALLOWED.items()}
    while True:
        wider = {
            server: carried[server].union(*(carried[one] for one in callers[server]))
            for server in ALLOWED
        }
        if all(carried[server] == roles for server, roles in wider.items()):
            return carried
        carried |= wider


#: The roles that each certificate may speak in; "" is none. Settings that let another client call a
#: gRPC service (`allow`) change nothing here.
CARRIED: Mapping[str, frozenset[str]] = _carried()
