# SPDX-License-Identifier: Apache-2.0
"""Times that a form states as a number of seconds."""

from __future__ import annotations

import re

_NUMBER = re.compile(r"\s{0,8}\+?(\d{1,9}(?:[.,]\d{0,40})?(?:[eE][+-]?\d{1,2})?)s?\s{0,8}")
_LONGEST_MS = 10_000 * 3600 * 1000


def milliseconds(seconds: str) -> int | None:
    """Return seconds, such as "3.25", in milliseconds, or None where it is no such number."""
    found = _NUMBER.fullmatch(seconds)
    value = round(float(found[1].replace(",", ".")) * 1000) if found else -1
    return value if 0 <= value <= _LONGEST_MS else None
