# SPDX-License-Identifier: Apache-2.0
"""Importer of plain text: a passage is a line; `structure` finds turns in them.

Line numbers, as transcripts for courts and for analysis have them, and what stands on every page
are left out.
"""

from __future__ import annotations

import io
import re
from collections import Counter
from collections.abc import Iterator, Sequence
from itertools import pairwise
from typing import TYPE_CHECKING

from services.transcription.domain.reading import Passage

if TYPE_CHECKING:
    from services.transcription.adapters.importing.source import Source

_NUMBER = re.compile(r"\s{0,8}(\d{1,5})(?:\s{1,8}|$)(?!\s{0,8}[-–:]?\d)")
_PAGE = re.compile(
    r"\s{0,80}(?:(?:page|pg\.?|p\.|muka surat|halaman|பக்கம்)\s{0,3}\d{1,4}"
    r"(?:\s{0,3}(?:of|/|dari|daripada)\s{0,3}\d{1,4})?|第\s?\d{1,4}\s?[页頁]"
    r"|[-–—]\s{0,2}\d{1,4}\s{0,2}[-–—]|\d{1,4}\s?/\s?\d{1,4})\s{0,80}",
    re.IGNORECASE,
)
_BREAK = re.compile("[\v\u2028\u2029]|(?<=[^\n])(?=\f)")
"""Ends of lines beside the usual ones: Word's soft breaks, Unicode's, and new pages."""
_LONGEST_HEADER = 120
_NUMBERED_SHARE = 0.7
"""Part of the lines that must begin with the next number, for numbers to be those of lines."""


def read(source: Source) -> Iterator[Passage]:
    """Yield a passage for each line that is not blank."""
    text = _BREAK.sub("\n", source.text())
    lines = [line.rstrip("\n") for line in io.StringIO(text)]
    numbered = _are_numbered(lines)
    on_pages = _page_lines(lines)
    gap = False
    for number, line in enumerate(lines, 1):
        if number - 1 in on_pages:
            source.findings.leave_out("headers_footers", line)
            continue
        found = _NUMBER.match(line) if numbered else None
        said = line[found.end() if found else 0 :].replace("\f", " ")
        if not said.strip():
            gap = True
            continue
        yield Passage(said, gap=gap, place=number)
        gap = False


def _are_numbered(lines: Sequence[str]) -> bool:
    """Return whether lines begin with numbers that count them, each or every fifth one."""
    filled = [line for line in lines if line.strip()]
    numbers = [int(found[1]) if (found := _NUMBER.match(line)) else None for line in filled]
    known = [number for number in numbers if number is not None]
    if _every_fifth(numbers):
        return True
    if len(known) < 3 or len(known) < _NUMBERED_SHARE * len(filled):
        return False
    steps = Counter(after - before for before, after in pairwise(known))
    return steps[1] >= 0.8 * (len(known) - 1)


def _every_fifth(numbers: Sequence[int | None]) -> bool:
    """Return whether numbers stand where each says how many lines there are up to it, in fives."""
    fives = [(at, number) for at, number in enumerate(numbers, 1) if number]
    right = sum(number % 5 == 0 and number == at for at, number in fives)
    return right >= 2 and right == len(fives)


def _page_lines(lines: Sequence[str]) -> frozenset[int]:
    """Return the numbers of lines that are page numbers, and headers that come again with them."""
    pages = {n for n, line in enumerate(lines) if _PAGE.fullmatch(line.strip("\f"))}
    breaks = {n for n, line in enumerate(lines) if "\f" in line}
    if len(pages) + len(breaks) == 0:
        return frozenset()
    near = Counter[str]()
    beside: dict[int, str] = {}
    for at in {0} | pages | breaks:
        for n in range(max(0, at - 2), min(len(lines), at + 3)):
            text = lines[n].strip()
            if text and n not in pages and n not in beside and len(text) <= _LONGEST_HEADER:
                beside[n] = text
                near[text] += 1
    repeated = {n for n, text in beside.items() if near[text] > 1 and ":" not in text}
    return frozenset(pages | repeated)
