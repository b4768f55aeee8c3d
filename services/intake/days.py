# SPDX-License-Identifier: Apache-2.0
"""Days of interviews."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from services.common.errors import InvalidInput
from services.common.wording import counted


def interview_days(given: Sequence[str], files: int) -> list[str]:
    """Return the day of each file's interview, YYYY-MM-DD; empty strings when none was given.

    Raises InvalidInput for another number of days than of files, for what is no day, and for a day
    in the future.
    """
    if given and len(given) != files:
        raise InvalidInput(
            f"{counted(files, 'file')} and {counted(len(given), 'date')} were given; give each file"
            " its own, or none"
        )
    return [interview_day(day) for day in given] or [""] * files


def interview_day(text: str) -> str:
    """Return a day as YYYY-MM-DD; raises InvalidInput for what is none, or lies in the future."""
    try:
        day = datetime.strptime(text, "%Y-%m-%d").date()  # noqa: DTZ007 - a day
    except ValueError as error:
        raise InvalidInput(
            "the day of an interview is written as YYYY-MM-DD, such as 2026-03-20"
        ) from error
    if day > datetime.now().astimezone().date() + timedelta(days=1):
        raise InvalidInput("an interview has no date in the future; give its day as YYYY-MM-DD")
    return day.isoformat()
