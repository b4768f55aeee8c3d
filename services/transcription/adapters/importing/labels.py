# SPDX-License-Identifier: Apache-2.0
"""Speaker labels and time stamps as people type them at the start of a line."""

from __future__ import annotations

import re

from services.transcription.domain.transcript import Role
from services.transcription.domain.turns import role_of

# Every quantifier is bounded, so that no line takes more than linear time.
_STAMP = re.compile(
    r"\s{0,8}[\[(#]?(?:(\d{1,3}):)?(\d{1,3}):([0-5]\d)(?:[.,-](\d{1,3}))?[\])#]?(?=\s|$|[^\d:])"
)
_LABEL = re.compile(
    r"\s{0,8}(?P<name>[^\W_](?:[\w.'’/@()# -]{0,38}[\w.)])?)\s{0,3}[:：](?=\s|$|[^\W\d])"
)
_PARTICLES = frozenset(
    "bin binti bte bt b. a/l a/p al ap s/o d/o so do anak van de den der of".split()
)


def take_stamp(line: str) -> tuple[int | None, str]:
    """Return the time at the start of a line in milliseconds, or None, and the rest of the line.

    Reads [00:01:02], (1:02), 00:01:02.500 and #00:01:02-5#.
    """
    found = _STAMP.match(line)
    if not found:
        return None, line
    bracketed = line[found.start() : found.end()].strip()[0] in "[(#"
    if not bracketed and found.group(1) is None and not line[found.end() :][:1].isspace():
        return None, line
    return milliseconds(*found.groups()), line[found.end() :]


def milliseconds(hours: str | None, minutes: str, seconds: str, fraction: str | None = None) -> int:
    """Return a clock time in milliseconds; the fraction is decimal digits of a second."""
    whole = (int(hours or 0) * 60 + int(minutes)) * 60 + int(seconds)
    return whole * 1000 + int((fraction or "0").ljust(3, "0")[:3])


def take_label(line: str) -> tuple[str | None, str]:
    """Return what looks like a speaker label at the start of a line, or None, and the rest.

    A label is one to four words before a colon, each of them a name, an initial, a number or a
    particle of names such as "bin"; or a word for a role in any case.
    """
    found = _LABEL.match(line)
    if not found:
        return None, line
    name = found["name"].strip()
    if role_of(name) is Role.UNKNOWN and not _is_name(name):
        return None, line
    return name, line[found.end() :]


def _is_name(name: str) -> bool:
    words = name.split()
    return (
        len(words) <= 6
        and all(
            word[0].isupper()
            or word[0].isdigit()
            or not word[0].isalpha()
            # Scripts without capitals, such as Chinese or Tamil, have only the colon.
            or word[0].lower() == word[0].upper()
            or word.lower() in _PARTICLES
            for word in words
        )
        and any(character.isalpha() for character in name)
    )
