# SPDX-License-Identifier: Apache-2.0
"""Which pseudonyms mean the same in all interviews of a study, and which in those of one
participant.

De-identification keeps a label in the study's vault or in the participant's by this rule, and a
release says by it which labels of several interviews are one.
"""

from __future__ import annotations

from collections.abc import Collection

#: What the pseudonyms of people are called who may be known by the whole study.
STAFF = frozenset(
    (
        "Doctor",
        "Nurse",
        "Counsellor",
        "Psychologist",
        "Pharmacist",
        "Teacher",
        "Judge",
        "Peer worker",
        "Social worker",
        "Religious leader",
        "Employer",
    )
)


def is_study_wide(label: str, entity_type: str, study_wide: Collection[str]) -> bool:
    """Return whether a pseudonym, such as "Nurse 2", is one of the whole study.

    `study_wide` is what the policy shares over the study: "staff", "places" (and bodies), or both.
    """
    if entity_type != "PERSON":
        return "places" in study_wide
    return "staff" in study_wide and label.rpartition(" ")[0] in STAFF
