# SPDX-License-Identifier: Apache-2.0
"""What people take releases for. The contract (`copy.proto`, enum `Purpose`) has the same names."""

from __future__ import annotations

from enum import StrEnum


class Purpose(StrEnum):
    """A purpose, as commands, records and the audit log say it."""

    ANALYSIS = "analysis"
    """Analysis for the study's own question."""
    REANALYSIS = "reanalysis"
    """Another question than the study's, for which there is an approval."""
    CHECKING = "checking"
    """Checking the transcripts, or how well they are de-identified."""
    TEACHING = "teaching"
    """Teaching, or supervision of those who analyse."""
    ARCHIVE = "archive"
    """Keeping in the archive of the institution."""
    OTHER = "other"
    """Something else, which has to be said in words."""
