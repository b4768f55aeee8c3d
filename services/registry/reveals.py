# SPDX-License-Identifier: Apache-2.0
"""Why somebody asks what a pseudonym stands for, and how much an officer may grant."""

from __future__ import annotations

from enum import StrEnum

MOST_HOURS, USUAL_HOURS = 168, 24
"""Hours in which what was granted may be shown: at most, and where nothing is said."""

MOST_TIMES, USUAL_TIMES = 5, 1
"""How many times it may be shown."""


class RevealReason(StrEnum):
    """Why a pseudonym is to be revealed, as commands, records and the audit log say it."""

    INCIDENTAL_FINDING = "incidental_finding"
    """Something was said that somebody has to act on, such as a danger."""
    SAFETY_REPORT = "safety_report"
    """A report of safety has to name a person or place."""
    DATA_CORRECTION = "data_correction"
    """Data of the study are corrected."""
    PERSON_ASKS = "person_asks"
    """The person asks what is held of them."""
    LEGAL_DUTY = "legal_duty"
    """A law, a court or an authority asks."""


class RevealState(StrEnum):
    """How far a reveal is decided on."""

    PENDING = "pending"
    GRANTED = "granted"
    REFUSED = "refused"
