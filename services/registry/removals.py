# SPDX-License-Identifier: Apache-2.0
"""Why recordings are removed."""

from __future__ import annotations

from enum import StrEnum


class RemovalReason(StrEnum):
    """Why a recording was removed, as commands, records and the audit log say it."""

    WRONG_PARTICIPANT = "wrong_participant"
    """It is of another participant."""
    WRONG_SESSION = "wrong_session"
    """It is another interview of the participant."""
    WRONG_READING = "wrong_reading"
    """It was to be read with other options."""
    DUPLICATE = "duplicate"
    """It is there twice."""
    NOT_CONSENTED = "not_consented"
    """The participant did not consent to it."""
    REPLACED = "replaced"
    """It failed, and another file of the same interview took its place."""
    OTHER = "other"
    """Something else."""
