# SPDX-License-Identifier: Apache-2.0
"""Decides over a whole source which time stamps it has, where, and what they mean."""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from services.transcription.adapters.importing.heads import Frame, Head
from services.transcription.adapters.importing.stamps import (
    Stamp,
    stamp_at,
    stamp_at_end,
    stamps_inside,
)

_DAY = 24 * 3600 * 1000
_LATE = 3 * 3600 * 1000
"""From this first time on, times that have hours are those of a day and not of a recording."""

_NUMBERS = frozenset(
    "zero oh one two three four five six seven eight nine ten eleven twelve twenty thirty forty"
    " fifty sixty seventy eighty ninety hundred double triple at dot dash underscore kosong satu"
    " dua tiga empat lima enam tujuh lapan sembilan sepuluh belas puluh".split()
)
_LEFT = re.compile(r"[\[{<#]\d{1,3}[:.][0-5]\d(?:[:.][0-5]\d)?\b")
_OPENERS = "[({<#（【［"
_NEAR = 200
"""Characters on either side of a stamp that tell whether a turn may be cut there."""

_SENTENCE_END = '.?!…。？！"”’)]）]'


@dataclass(frozen=True, slots=True)
class Moment:
    """What a stamp says, in milliseconds from the first time."""

    start: int
    end: int | None


class Clock:
    """The stamps of a source. `at_end`: a stamp says when the words before it ended, as f4's do."""

    def __init__(self, lines: Sequence[str], heads: Mapping[int, Head]) -> None:
        self._heads = heads
        leads = [self._leading(at, line) for at, line in enumerate(lines)]
        ends = [stamp_at_end(line) if line.strip() else None for line in lines]
        self._bare_lead = _regular([s for s in leads if s and not s.marked], lines)
        self._short_lead = _regular([s for s in leads if s and s.marked and not s.sure], lines, 2)
        behind = [head.behind for head in heads.values() if head.behind]
        self._bare_behind = (
            sum(not s.marked for s in behind) >= 2
            and 2 * sum(not s.marked for s in behind) >= len(heads)
        ) or any(_is_sure(heads[at]) for at in heads)
        taken = [s for at in range(len(lines)) for s in self._beginning(at, leads[at])]
        tails = [
            s for at, s in enumerate(ends)
            if s and s.marked and s.begin > 0 and not (heads.get(at) and heads[at].rest == "")
        ]  # fmt: skip
        begun = sum(1 for at in range(len(lines)) if self._beginning(at, leads[at]))
        self.at_end = bool(tails) and len(tails) > 2 * begun
        self._inner = _rising(tails if self.at_end else [], 1) or any(not s.sure for s in taken)
        times = [s.start_ms for s in (taken or tails)]
        clocks = [s.clock for s in (taken or tails)]
        hours = all(s.hours for s in (taken or tails))
        late = bool(times) and hours and times[0] >= _LATE
        self._base = times[0] if times and (all(clocks) or late) else 0

    def _leading(self, at: int, line: str) -> Stamp | None:
        head = self._heads.get(at)
        if head is not None:
            return head.before
        stripped = line.lstrip()
        stamp = (
            stamp_at(stripped) if stripped[:1] and stripped[0] in "[({<#（【［0123456789" else None
        )
        if stamp and not stamp.marked:
            following = stripped[stamp.end : stamp.end + 1]
            if following and not following.isspace() and following not in "-–—|":
                return None
        return stamp

    def _beginning(self, at: int, lead: Stamp | None) -> list[Stamp]:
        """Return the stamps that are believed at the start of a line."""
        head = self._heads.get(at)
        found: list[Stamp] = []
        if lead and self._believed(lead, head):
            found.append(lead)
        if head and head.behind and (head.behind.marked or self._bare_behind):
            found.append(head.behind)
        return found

    def _believed(self, lead: Stamp, head: Head | None) -> bool:
        if lead.sure or head is not None:
            return True
        if lead.marked:
            return self._short_lead or lead.start_ms == 0
        return self._bare_lead

    def parts(self, at: int, line: str, head: Head | None) -> Iterator[tuple[Moment | None, str]]:
        """Yield the text of a line in parts, each with the time that stands before it."""
        lead = self._leading(at, line)
        text = line
        first: Stamp | None = None
        if head is not None:
            text = head.raw
            first = head.before
            if head.behind and (head.behind.marked or self._bare_behind):
                text, first = head.rest, first or head.behind
        elif lead and self._believed(lead, None):
            stripped = line.lstrip()
            text, first = stripped[lead.end :].lstrip(" \t\u00a0-–—|"), lead
        if first is not None:
            yield from self._inside(text, self._moment(first))
        else:
            yield from self._inside(text, None)

    def _inside(self, text: str, first: Moment | None) -> Iterator[tuple[Moment | None, str]]:
        """Yield the parts of a text that stamps inside it part."""
        at, moment = 0, first
        kept: list[str] = []
        for stamp in stamps_inside(text) if any(c in text for c in _OPENERS) else ():
            if not self._is_inner(stamp, text):
                continue
            kept.append(text[at : stamp.begin])
            at = stamp.end
            before = next((part for part in reversed(kept) if part.strip()), "")
            if not _may_part(before[-_NEAR:], text[at : at + _NEAR]):
                continue
            yield moment, " ".join(kept)
            moment, kept = self._moment(stamp), []
            if self.at_end:
                yield moment, ""
                moment = None
        kept.append(text[at:])
        yield moment, " ".join(kept)

    def _is_inner(self, stamp: Stamp, text: str) -> bool:
        if stamp.sure:
            return True
        opened = text[stamp.begin]
        return self._inner and opened in "[{#<"

    def _moment(self, stamp: Stamp) -> Moment:
        return Moment(self._offset(stamp.start_ms), self._last(stamp))

    def _last(self, stamp: Stamp) -> int | None:
        if stamp.end_ms is not None:
            return self._offset(stamp.end_ms)
        return self._offset(stamp.start_ms) if self.at_end else None

    def _offset(self, time: int) -> int:
        time -= self._base
        return time + _DAY if time < -_DAY // 2 else max(0, time)

    def taken_out(self, text: str) -> tuple[int | None, str]:
        """Return the first sure stamp of a text, and the text without any."""
        first: int | None = None
        kept, at = [], 0
        for stamp in stamps_inside(text) if any(c in text for c in _OPENERS) else ():
            if stamp.sure:
                first = stamp.start_ms if first is None else first
                kept.append(text[at : stamp.begin])
                at = stamp.end
        kept.append(text[at:])
        return first, " ".join(part.strip() for part in kept if part.strip())

    def left_in(self, text: str) -> int:
        """Return how many of what looks like stamps stay in a text."""
        return sum(1 for _ in _LEFT.finditer(text))


def _is_sure(head: Head) -> bool:
    return head.frame is Frame.STAMPED_LINE and head.behind is not None


def _regular(stamps: Sequence[Stamp], lines: Sequence[str], least: int = 3) -> bool:
    """Return whether stamps are many and rise, as those of a recording do."""
    filled = sum(1 for line in lines if line.strip())
    enough = len(stamps) >= (2 if stamps and all(s.hours for s in stamps) else least)
    enough = enough or (bool(stamps) and all(s.marked for s in stamps))
    return enough and len(stamps) >= 0.1 * filled and _rising(stamps, 1)


def _rising(stamps: Sequence[Stamp], least: int) -> bool:
    if len(stamps) < least:
        return False
    pairs = list(itertools.pairwise(stamps))
    return sum(b.start_ms >= a.start_ms for a, b in pairs) >= 0.8 * len(pairs)


def _may_part(before: str, after: str) -> bool:
    """Return whether a turn may be cut here: never inside a number or a name."""
    left, right = before.split(), after.split()
    if not left or not right:
        return True
    if left[-1][-1] in _SENTENCE_END:
        return True
    last, following = left[-1].strip(",.-").casefold(), right[0].strip(",.-").casefold()
    for word in (last, following):
        if word in _NUMBERS or any(c.isdigit() for c in word):
            return False
    return not (left[-1][:1].isupper() and right[0][:1].isupper())


def joined(parts: Sequence[str]) -> str:
    """Return lines as one text: with a space between them, save where no script has one."""
    text = [parts[0]]
    for before, after in itertools.pairwise(parts):
        if not (_is_han(before[-1:]) and _is_han(after[:1])):
            text.append(" ")
        text.append(after)
    return "".join(text)


def _is_han(character: str) -> bool:
    return "\u2e80" <= character <= "\u9fff" or "\uff00" <= character <= "\uff60"
