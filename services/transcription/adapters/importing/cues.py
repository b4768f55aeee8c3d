# SPDX-License-Identifier: Apache-2.0
"""Cues of subtitles (WebVTT, SubRip, SubViewer of YouTube), as tolerant as players are.

A timing line begins a cue wherever it stands, so neither blank lines inside a cue nor missing ones
between two of them lose anything. What cannot be read costs its own cue alone.
"""

from __future__ import annotations

import io
import re
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from enum import Enum
from typing import NamedTuple

from services.transcription.adapters.importing.stamps import milliseconds
from services.transcription.domain.reading import Findings, Passage
from services.transcription.errors import BadTranscript

# Every quantifier is bounded, so that no line takes more than linear time. Spaces around the marks,
# a missing hour, a comma for a dot and frames behind a colon are what people and programs write.
_TIME = r"-?(?:(?:(\d{1,4}) ?: ?)?(\d{1,3}) ?: ?)?(\d{1,3})(?: ?[.,:;] ?(\d{1,9}))?"
_ARROW = r"[ \t]{0,8}(?:-{1,3} ?>|[–—]>|→|--&gt;)[ \t]{0,8}"
_ARROW_TIMING = re.compile(
    rf"[\s\ufeff]{{0,8}}(?:\d{{1,7}}[.)]? {{1,4}})?\[?{_TIME}{_ARROW}(?:{_TIME})?\]?(?=\s|$)"
)
_ARROWS = re.compile(r"->|[–—]>|→|--&gt;")
_BROKEN_ARROW_TIMING = re.compile(
    r"\s{0,8}\d[\d:.,; ]{0,40}[ \t]{0,8}-->|.{0,80}-->\s{0,8}\d{1,4}:"
)
_COMMA_TIMING = re.compile(
    r"[\s\ufeff]{0,8}(\d{1,4}):(\d{1,2}):(\d{1,2})[.](\d{1,9})"
    r" ?, ?(\d{1,4}):(\d{1,2}):(\d{1,2})[.](\d{1,9})(?=\s|$)"
)
_BROKEN_COMMA_TIMING = re.compile(r"\s{0,8}\d{1,4}:\d{1,2}:[\d.:]{1,20} ?,")
_SETTING = re.compile(r"(?:vertical|line|position|size|align|region|[ADLST]|[XY][12]):\S{1,100}")
_NUMBER = re.compile(r"\s{0,8}\ufeff?(\d{1,9})\s{0,8}")
_TOKEN = re.compile(r"[\w./#:{}-]{0,100}\d[\w./#:{}-]{0,100}")
_WEBEX_NAME = re.compile(r'\d{1,7} "([^"]{1,200})" \(\d{1,20}\)')
_NOT_SPEECH = re.compile(r"(?:NOTE|STYLE|REGION|WEBVTT)(?:\s|$)")


_SURE_NAMES = 4
"""Cues with names from which those that come again are taken for speakers."""


class Timing(NamedTuple):
    """What a timing line says, in milliseconds, and what stands behind the times."""

    start_ms: int
    end_ms: int | None
    rest: str


@dataclass(slots=True)
class Cue:
    """A cue as it is written: its times, its text with line breaks, and its line, from 1.

    `speaker` is the one that its name states, as Webex does, and else None.
    """

    place: int
    start_ms: int
    end_ms: int | None
    text: str
    speaker: str | None = None


def arrow_timing(line: str) -> Timing | None:
    """Return the times of a line of WebVTT or SubRip, or None."""
    if not _ARROWS.search(line):
        return None
    found = _ARROW_TIMING.match(line)
    # Seconds alone are a time only with their fraction: "3 -> 4" may have been said.
    if not found or (found[2] is None and found[4] is None):
        return None
    rest = line[found.end() :]
    if found[7] is None and rest.strip():
        return None
    start = milliseconds(found[1], found[2] or "0", found[3], found[4])
    # Shifted subtitles may begin before zero.
    start = 0 if line.lstrip().startswith("-") else start
    end = milliseconds(found[5], found[6] or "0", found[7], found[8]) if found[7] else None
    return Timing(start, end, rest)


def comma_timing(line: str) -> Timing | None:
    """Return the times of a line of SubViewer as YouTube writes it, or None."""
    found = _COMMA_TIMING.match(line)
    if not found:
        return None
    parts = found.groups()
    return Timing(milliseconds(*parts[:4]), milliseconds(*parts[4:]), line[found.end() :])


@dataclass(frozen=True, slots=True)
class Layout:
    """How a form writes its cues: timing lines, numbers or names before them, blocks of notes."""

    timing: Callable[[str], Timing | None]
    broken: re.Pattern[str]
    names: bool = False
    notes: bool = False


WEBVTT = Layout(arrow_timing, _BROKEN_ARROW_TIMING, names=True, notes=True)
SUBRIP = Layout(arrow_timing, _BROKEN_ARROW_TIMING)
SUBVIEWER = Layout(comma_timing, _BROKEN_COMMA_TIMING)


class _Part(Enum):
    HEAD = "head"
    CUE = "cue"
    NOTE = "note"
    BROKEN = "broken"


@dataclass(slots=True)
class Splitter:
    """Cuts a text into cues; `head` and `notes` keep what stands outside them, by its lines."""

    layout: Layout
    findings: Findings
    head: list[Passage] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    _numbered: bool = False
    _named: bool = False
    _named_by_speaker: bool = False
    _speaker: str | None = None
    _last_number: int | None = None
    _cues: int = 0

    def cues(self, text: str) -> Iterator[Cue]:
        """Yield the cues that have a text; raises `BadTranscript` where no timing can be read."""
        self._look(text)
        part, place = _Part.HEAD, 1
        timing = Timing(0, None, "")
        lines: list[str] = []
        first_line = first_broken = 0
        for number, raw in enumerate(io.StringIO(text), 1):
            line = raw.rstrip("\n")
            if not line.strip():
                if not lines or lines[-1]:
                    lines.append("")
                continue
            first_line = first_line or number
            found = self.layout.timing(line)
            if found is None and not self._is_broken(line, lines, part):
                fresh = not lines or not lines[-1]
                if self.layout.notes and fresh and _NOT_SPEECH.match(line):
                    yield from self._end(part, timing, lines, place)
                    part, place, lines = _Part.NOTE, number, []
                lines.append(line)
                continue
            speaker = self._take_name(lines, part)
            yield from self._end(part, timing, lines, place)
            place, lines, self._speaker = number, [], speaker
            if found is None:
                part, lines = _Part.BROKEN, [line]
                first_broken = first_broken or number
                continue
            part, timing = _Part.CUE, found
            self._cues += 1
            if not all(_SETTING.fullmatch(word) for word in found.rest.split(maxsplit=40)):
                lines.append(found.rest)
        if not self._cues:
            raise BadTranscript(
                "The transcript has no valid cue timing in line "
                f"{first_broken or self._first_of_body(text) or first_line}."
            )
        yield from self._end(part, timing, lines, place)

    def _look(self, text: str) -> None:
        """Find out whether cues have numbers or names, by what stands before their timing lines."""
        timings = numbers = 0
        names: Counter[str] = Counter()
        before, last = "", ""
        for raw in io.StringIO(text):
            line = raw.strip()
            if self.layout.timing(line) is not None:
                timings += 1
                if _NUMBER.fullmatch(last):
                    numbers += 1
                elif last and not before:
                    names[last[:200]] += 1
            before, last = last, line
        self._numbered = numbers * 2 > timings
        count = names.total()
        self._named = self.layout.names and count * 2 > timings
        # Names of cues are different; one that comes again and again is a person's.
        self._named_by_speaker = self._named and count >= _SURE_NAMES and len(names) * 2 <= count

    def _is_broken(self, line: str, lines: list[str], part: _Part) -> bool:
        """Return whether a line is a timing line that cannot be read."""
        if self.layout.broken.match(line):
            return True
        number = len(lines) > 0 and _NUMBER.fullmatch(lines[-1]) is not None
        apart = not lines[-2] if len(lines) > 1 else part is _Part.HEAD
        return "-->" in line and number and apart

    def _take_name(self, lines: list[str], part: _Part) -> str | None:
        """Take the number or name of the cue that follows off the end of what stands before it.

        Return the speaker that the name states.
        """
        speaker = None
        at = len(lines) - 1
        while at >= 0 and not lines[at]:
            at -= 1
        if at < 0:
            return None
        last, direct = lines[at], at == len(lines) - 1
        apart = not lines[at - 1] if at else part is _Part.HEAD
        first = self._cues == 0
        if number := _NUMBER.fullmatch(last):
            value = int(number[1])
            expected = first or (self._last_number is not None and value == self._last_number + 1)
            if expected or (self._numbered and direct and apart):
                self._last_number = value
                del lines[at:]
                return None
        elif self.layout.names and direct and apart and (first or self._named):
            if webex := _WEBEX_NAME.fullmatch(last):
                speaker = webex[1]
            elif self._named_by_speaker:
                speaker = last
            elif not _TOKEN.fullmatch(last):
                self.notes.append(last)
                self.findings.leave_out("notes", last)
            del lines[at:]
        if self._last_number is not None:
            self._last_number += 1
        return speaker

    def _end(self, part: _Part, timing: Timing, lines: list[str], place: int) -> Iterator[Cue]:
        text = "\n".join(lines).strip()
        if part is _Part.BROKEN:
            self.findings.warn("cues_skipped", place)
            self.findings.leave_out("cues", text)
        elif not text:
            return
        elif part is _Part.NOTE:
            self._leave_note(text)
        elif part is _Part.HEAD:
            if self.layout.notes:
                self._leave_note(text)
            else:
                self.head += [
                    Passage(line, place=number, gap=number > 1 and not lines[number - 2])
                    for number, line in enumerate(lines, 1)
                    if line
                ]
        else:
            end = timing.end_ms
            if end is not None and end < timing.start_ms:
                self.findings.warn("ends_before_start", place)
                end = None
            # Blank lines inside a cue say nothing.
            text = "\n".join(line for line in lines if line).strip()
            yield Cue(place, timing.start_ms, end, text, self._speaker)

    def _leave_note(self, text: str) -> None:
        if text.startswith(("STYLE", "REGION")):
            self.findings.leave_out("markup")
            return
        # The word that marks it is none of the file's own.
        said = _NOT_SPEECH.sub("", text, count=1).strip()
        if said:
            self.notes.append(said)
            self.findings.leave_out("notes", said)

    def _first_of_body(self, text: str) -> int:
        """Return the line of the first block behind the header of WebVTT, or 0."""
        if not self.layout.notes:
            return 0
        blank = False
        for number, line in enumerate(io.StringIO(text), 1):
            if blank and line.strip():
                return number
            blank = not line.strip()
        return 0
