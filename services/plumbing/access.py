# SPDX-License-Identifier: Apache-2.0
"""Which client may call which gRPC service of which server. What is not listed is refused."""

from __future__ import annotations

from collections.abc import Mapping

from services.plumbing.errors import WrongUse

# Names that certificates carry. Services call as themselves; people call through a role's client.
AUDIT = "audit"
CLINICAL = "storage-clinical"
RESEARCH = "storage-research"
TRANSCRIPTION = "transcription"
DEIDENTIFICATION = "deidentification"
RELEASE = "release"
FLOWS = "flows"
OPERATOR = "operator"
REVIEWER = "reviewer"
RESEARCHER = "researcher"
COMPLIANCE = "compliance"

SERVICES = (AUDIT, CLINICAL, RESEARCH, TRANSCRIPTION, DEIDENTIFICATION, RELEASE)
PEOPLE = (OPERATOR, REVIEWER, RESEARCHER, COMPLIANCE)
CLIENTS = (FLOWS, *PEOPLE)

ALLOWED: Mapping[str, Mapping[str, frozenset[str]]] = {
    AUDIT: {
        "sotto.audit.v1.AuditAppendService": frozenset(
            {CLINICAL, RESEARCH, TRANSCRIPTION, DEIDENTIFICATION, RELEASE, FLOWS}
        ),
        "sotto.audit.v1.AuditQueryService": frozenset({COMPLIANCE, RELEASE}),
        "sotto.audit.v1.AuditReviewService": frozenset({COMPLIANCE}),
    },
    CLINICAL: {
        "sotto.storage.v1.RecordingWriterService": frozenset({OPERATOR}),
        "sotto.storage.v1.RecordingReaderService": frozenset({TRANSCRIPTION}),
        "sotto.storage.v1.RetentionService": frozenset({OPERATOR, FLOWS}),
        "sotto.storage.v1.HoldService": frozenset({COMPLIANCE}),
        "sotto.storage.v1.SegmentWriterService": frozenset({TRANSCRIPTION}),
        # Reviewers are cleared for identified data; each reading of theirs is in the log.
        "sotto.storage.v1.SegmentReaderService": frozenset({DEIDENTIFICATION, REVIEWER}),
        "sotto.storage.v1.VaultService": frozenset({DEIDENTIFICATION}),
        "sotto.storage.v1.RosterReaderService": frozenset({TRANSCRIPTION, DEIDENTIFICATION}),
        "sotto.storage.v1.RosterWriterService": frozenset({OPERATOR}),
        "sotto.storage.v1.CatalogReaderService": frozenset(
            {OPERATOR, FLOWS, TRANSCRIPTION, DEIDENTIFICATION, COMPLIANCE}
        ),
        "sotto.storage.v1.CatalogWriterService": frozenset({OPERATOR, FLOWS}),
        "sotto.storage.v1.ErasureService": frozenset({COMPLIANCE}),
        "sotto.storage.v1.StoreAdminService": frozenset({OPERATOR}),
    },
    RESEARCH: {
        "sotto.storage.v1.SegmentWriterService": frozenset({DEIDENTIFICATION}),
        "sotto.storage.v1.SegmentReaderService": frozenset({RELEASE}),
        "sotto.storage.v1.BundleService": frozenset({RELEASE}),
        "sotto.storage.v1.CatalogReaderService": frozenset(
            {OPERATOR, FLOWS, DEIDENTIFICATION, RELEASE, COMPLIANCE}
        ),
        "sotto.storage.v1.CatalogWriterService": frozenset({OPERATOR}),
        "sotto.storage.v1.ErasureService": frozenset({COMPLIANCE}),
        "sotto.storage.v1.StoreAdminService": frozenset({OPERATOR}),
    },
    TRANSCRIPTION: {
        "sotto.transcription.v1.TranscriptionService": frozenset({FLOWS, OPERATOR}),
    },
    DEIDENTIFICATION: {
        "sotto.deidentification.v1.DeidentificationService": frozenset({FLOWS, OPERATOR}),
    },
    RELEASE: {
        "sotto.release.v1.ReleaseBuilderService": frozenset({REVIEWER, OPERATOR, FLOWS}),
        "sotto.release.v1.ReleaseReaderService": frozenset({RESEARCHER, OPERATOR}),
    },
}

HEALTH = "grpc.health.v1.Health"


class AccessList:
    """Decides for one server; settings may replace the list of a gRPC service, never add a hole.

    Raises WrongUse when they name a gRPC service that does not exist.
    """

    def __init__(self, server: str, overrides: Mapping[str, list[str]] | None = None) -> None:
        self._allowed = dict(ALLOWED.get(server, {}))
        known = {service for lists in ALLOWED.values() for service in lists}
        for service, clients in (overrides or {}).items():
            if service not in known:
                msg = f"the setting 'allow' names {service}, which is no gRPC service of Sotto's"
                raise WrongUse(msg)
            self._allowed[service] = frozenset(clients)

    def as_text(self) -> str:
        """Give the whole list in one spelling."""
        lists = (f"{name}: {' '.join(sorted(who))}" for name, who in sorted(self._allowed.items()))
        return "\n".join(lists)

    def permits(self, client: str, grpc_service: str) -> bool:
        """Whether ``client`` (certified, not empty) may call ``grpc_service``."""
        if not client or grpc_service == HEALTH:
            return bool(client)
        return client in self._allowed.get(grpc_service, frozenset())
