# SPDX-License-Identifier: Apache-2.0
"""Importer of TTML and its older form DFXP (W3C): paragraphs with times, agents as speakers."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from fractions import Fraction
from typing import TYPE_CHECKING

from services.transcription.adapters.importing import stated_names
from services.transcription.adapters.importing.stamps import milliseconds
from services.transcription.adapters.importing.xml_events import Start, Text, read_events
from services.transcription.domain.reading import Findings, Passage
from services.transcription.errors import BadTranscript, TooLarge

if TYPE_CHECKING:
    from services.transcription.adapters.importing.source import Source

_METADATA = "ttml#metadata"
_CLOCK = re.compile(r"(\d{1,4}):(\d{1,2}):(\d{1,2})(?:\.(\d{1,9})|:(\d{1,3})(?:\.\d{1,3})?)?")
_OFFSET = re.compile(r"(\d{1,12}(?:\.\d{1,9})?)(ms|h|m|s|f|t)")
_ROOT = re.compile(
    r"\s{0,50}(?:<\?[^>]{0,500}>\s{0,50}){0,5}(?:<!--[^>]{0,1000}-->\s{0,50}){0,5}"
    r"<(?:\w{1,20}:)?tt[\s>]"
)
_BLANKS = re.compile(r"[ \t\r\n]+")
_AROUND_BREAK = re.compile(r" ?\n ?")
_LATEST_MS = 1_000_000_000
"""Latest time in a transcript, about eleven days."""


def looks_like(head: str) -> bool:
    """Return whether a text begins as TTML does: with the element `tt`."""
    return _ROOT.match(head.lstrip("\ufeff")) is not None


def read(source: Source) -> Iterator[Passage]:
    """Yield a passage for each paragraph and agent; raises `BadTranscript` and `TooLarge`."""
    yield from _Reader(source.findings, source.limits.max_turns).passages(source.data.lstrip())


@dataclass(slots=True)
class _Open:
    """An element that is open: its times in milliseconds, its agent, whether it is shown."""

    name: str
    start: int = 0
    end: int | None = None
    agent: str | None = None
    timed: bool = False
    own_time: bool = False
    shown: bool = False
    keeps_space: bool = False


@dataclass(slots=True)
class _Paragraph:
    """What is said in a paragraph: pieces of text by agent, and the times of its spans."""

    spans: list[tuple[str | None, list[str]]] = field(default_factory=list)
    start: int | None = None
    end: int | None = None

    def say(self, agent: str | None, text: str) -> None:
        if not self.spans or self.spans[-1][0] != agent:
            self.spans.append((agent, []))
        self.spans[-1][1].append(text)


class _Reader:
    def __init__(self, findings: Findings, max_turns: int) -> None:
        self._findings = findings
        self._max_turns = max_turns
        self._rates = _Rates()
        self._agents: dict[str, str] = {}
        self._agent = ""
        self._open: list[_Open] = []
        self._aside: list[str] = []
        self._paragraph: _Paragraph | None = None
        self._count = 0

    def passages(self, data: bytes) -> Iterator[Passage]:
        for event in read_events(data, "a TTML file"):
            if isinstance(event, Start):
                self._start(event)
            elif isinstance(event, Text):
                self._text(event.text)
            else:
                yield from self._end()

    def _start(self, element: Start) -> None:
        if not self._open:
            if element.name != "tt":
                raise BadTranscript("The transcript is XML, but no TTML: it must begin with tt.")
            self._rates = _Rates.of(element.attributes)
        above = self._open[-1] if self._open else _Open("")
        name = f"metadata:{element.name}" if _METADATA in element.full_name else element.name
        one = _Open(name, above.start, above.end, above.agent, above.timed)
        one.shown = name == "body" or (above.shown and name in ("div", "p", "span", "br"))
        one.keeps_space = above.keeps_space
        self._open.append(one)
        self._attributes(one, above.start, element.attributes)
        if name == "metadata:agent":
            self._agent = next((v for k, v in element.attributes.items() if k.endswith("}id")), "")
        elif one.shown and name == "p":
            self._count += 1
            if self._count > self._max_turns:
                raise TooLarge(
                    f"The transcript has more than {self._max_turns} turns; "
                    "split it or raise the limit in the settings."
                )
            self._paragraph = _Paragraph()
        elif one.shown and name == "br" and self._paragraph is not None:
            self._paragraph.say(one.agent, "\n")
        elif one.shown and name == "span" and self._paragraph is not None and one.own_time:
            said = self._paragraph
            said.start = one.start if said.start is None else min(said.start, one.start)
            said.end = one.end

    def _attributes(self, one: _Open, parent_start: int, attributes: dict[str, str]) -> None:
        """Take times and agents; a time counts from the start of the element around it."""
        for key, value in attributes.items():
            plain = key.rpartition("}")[2]
            if plain == "agent" and "}" in key:
                names = [self._agents.get(i, i) for i in value.split()[:8]]
                one.agent = " + ".join(names) or None
            elif plain == "space":
                one.keeps_space = value == "preserve"
        if not one.shown:
            return
        begin = self._rates.milliseconds(attributes.get("begin", ""))
        end = self._rates.milliseconds(attributes.get("end", ""))
        lasts = self._rates.milliseconds(attributes.get("dur", ""))
        unread = any(
            attributes.get(name) and time is None
            for name, time in (("begin", begin), ("end", end), ("dur", lasts))
        )
        if unread:
            self._findings.warn("stamps_in_text", self._count + 1)
        if begin is not None:
            one.start, one.end = parent_start + begin, None
            one.timed = one.own_time = True
        if end is not None:
            one.end = parent_start + end
        elif lasts is not None:
            one.end = one.start + lasts

    def _text(self, text: str) -> None:
        one = self._open[-1]
        if one.shown and self._paragraph is not None:
            self._paragraph.say(one.agent, text if one.keeps_space else _BLANKS.sub(" ", text))
        elif text.strip():
            self._aside.append(text)

    def _end(self) -> Iterator[Passage]:
        one = self._open.pop()
        if one.name == "p" and one.shown and self._paragraph is not None:
            yield from self._said(one, self._paragraph)
            self._paragraph = None
        elif self._aside and (one.name != "metadata:name" or not self._agent):
            text = "".join(self._aside)
            self._findings.leave_out("notes", text)
            stated_names.know_names(text, self._findings)
            self._aside.clear()
        elif self._aside:
            self._agents[self._agent] = " ".join("".join(self._aside).split())
            self._aside.clear()

    def _said(self, one: _Open, said: _Paragraph) -> Iterator[Passage]:
        start, end = (one.start, one.end) if one.timed else (None, None)
        if not one.own_time and said.start is not None:
            start, end = said.start, said.end
        if start is not None and end is not None and end < start:
            self._findings.warn("ends_before_start", self._count)
            end = None
        for agent, pieces in said.spans:
            text = _AROUND_BREAK.sub("\n", "".join(pieces)).strip()
            if text:
                yield Passage(text, agent, start, end, place=self._count)


@dataclass(frozen=True, slots=True)
class _Rates:
    """Frames and ticks of a second, by which times may count."""

    frames: Fraction = Fraction(30)
    ticks: Fraction = Fraction(1)

    @classmethod
    def of(cls, attributes: dict[str, str]) -> _Rates:
        """Read them off the first element; what is no number is as if it were not there."""
        plain = {key.rpartition("}")[2]: value for key, value in attributes.items()}
        frames = _positive(plain.get("frameRate", ""))
        parts = re.split(r"[\s:]", plain.get("frameRateMultiplier", "").strip(), maxsplit=1)
        over = _positive(parts[0]) or Fraction(1)
        under = _positive(parts[1]) if len(parts) > 1 else None
        rate = (frames or Fraction(30)) * over / (under or Fraction(1))
        ticks = _positive(plain.get("tickRate", ""))
        return cls(rate, ticks or (rate if frames else Fraction(1)))

    def milliseconds(self, text: str) -> int | None:
        """Return a time expression in milliseconds, or None where it is none."""
        text = text.strip()
        if clock := _CLOCK.fullmatch(text):
            hours, minutes, seconds, fraction, frames = clock.groups()
            whole = milliseconds(hours, minutes, seconds, fraction)
            return whole + round(int(frames or 0) * 1000 / self.frames)
        offset = _OFFSET.fullmatch(text)
        if not offset:
            return None
        unit = {
            "h": Fraction(3_600_000),
            "m": Fraction(60_000),
            "s": Fraction(1000),
            "ms": Fraction(1),
            "f": 1000 / self.frames,
            "t": 1000 / self.ticks,
        }[offset[2]]
        found = round(Fraction(offset[1]) * unit)
        return found if found <= _LATEST_MS else None


def _positive(text: str) -> Fraction | None:
    return Fraction(text) if re.fullmatch(r"[1-9]\d{0,11}", text.strip()) else None
