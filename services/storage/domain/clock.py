# SPDX-License-Identifier: Apache-2.0
"""Times as records hold them: RFC 3339, UTC, microseconds."""

from __future__ import annotations

from datetime import UTC, datetime

from services.storage.errors import DataCorrupted


def now() -> str:
    """Return the present, such as `2026-11-25T16:00:00.000000+00:00`."""
    return datetime.now(UTC).isoformat(timespec="microseconds")


def parse(text: str) -> datetime:
    """Read a time of a record; raises `DataCorrupted`."""
    try:
        time = datetime.fromisoformat(text)
    except ValueError:
        raise DataCorrupted("a record is damaged: its time is malformed") from None
    if time.tzinfo is None:
        raise DataCorrupted("a record is damaged: its time has no zone")
    return time.astimezone(UTC)
