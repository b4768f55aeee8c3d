# SPDX-License-Identifier: Apache-2.0
"""The names that certificates carry: services and clients."""

from __future__ import annotations

# Services call as themselves; people call through a role's client.
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
