# SPDX-License-Identifier: Apache-2.0
"""Cleans text the same way for all formats, so that each format has exactly the same words."""

from __future__ import annotations

import re
from collections.abc import Sequence

# Everything that some reader takes for the end of a line. A turn is one paragraph in every format.
_BREAKS = re.compile("[\t\n\x0b\x0c\r\x1c-\x1f\x85\u2028\u2029]+")
# What XML 1.0 cannot hold (section 2.2), UTF-8 cannot encode or a terminal obeys.
_NOT_ALLOWED = re.compile("[\x00-\x08\x0e-\x1b\x7f-\x84\x86-\x9f\ud800-\udfff\ufffe\uffff]")
_SPACES = re.compile(" {2,}")
REPLACEMENT = "\ufffd"


def clean(text: str) -> str:
    """Return `text` on one line, with U+FFFD for each character that no format can hold.

    Direction marks, joiners and every printable character stay as they are: they belong to the
    writing of Malay in Jawi, of Tamil and of others. Cleaning twice changes nothing more.
    """
    line = _NOT_ALLOWED.sub(REPLACEMENT, _BREAKS.sub(" ", text))
    return _SPACES.sub(" ", line).strip(" ")


def cleaned_places(text: str) -> Sequence[int]:
    """Return, for each code point of `text` and its end, where it is after `clean`."""
    if clean(text) == text:
        return range(len(text) + 1)
    places: list[int] = []
    at, is_space = 0, True
    for char in text:
        was_space, is_space = is_space, char == " " or bool(_BREAKS.match(char))
        # Of spaces in a row the last one is counted, when something follows them.
        at += was_space and not is_space and at > 0
        places.append(at)
        at += not is_space
    return [*places, at]
