# SPDX-License-Identifier: Apache-2.0
"""The names that certificates carry: services and clients."""

from __future__ import annotations

# Services call as themselves.
AUDIT = "audit"
CLINICAL = "storage-clinical"
RESEARCH = "storage-research"
TRANSCRIPTION = "transcription"
DEIDENTIFICATION = "deidentification"
RELEASE = "release"
# The orchestrator calls as one client.
FLOWS = "flows"
# The console calls for the people who are signed in there, by a signed statement of who they are,
# and for nobody by its certificate alone.
CONSOLE = "console"
# People call through the client of their role.
OPERATOR = "operator"
REVIEWER = "reviewer"
RESEARCHER = "researcher"
COMPLIANCE = "compliance"

PEOPLE = (OPERATOR, REVIEWER, RESEARCHER, COMPLIANCE)
CLIENTS = (FLOWS, CONSOLE, *PEOPLE)

# The role of the orchestrator, which acts for no person. A person's role is the name of the client.
FLOW = "flow"
