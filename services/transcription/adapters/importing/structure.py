# SPDX-License-Identifier: Apache-2.0
"""Finds turns in the passages of a source: who speaks, and when."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field

from services.registry import role_words
from services.registry.role_words import RoleName
from services.transcription.adapters.importing import cover, overlaps
from services.transcription.adapters.importing.clock import Clock, joined
from services.transcription.adapters.importing.evidence import Evidence, Line
from services.transcription.adapters.importing.heads import Frame, Head
from services.transcription.adapters.importing.inner import cut
from services.transcription.adapters.importing.labels import (
    Likeness,
    clean,
    is_event,
    key_of,
    likeness,
    name_in,
)
from services.transcription.adapters.importing.stamps import stamp_at
from services.transcription.adapters.importing.text import squeeze
from services.transcription.domain.reading import Findings, Passage, PassageKind
from services.transcription.domain.transcript import Role
from services.transcription.domain.turns import Turn

_ONE_SPEAKER_WORDS = 150
"""Words from which one speaker alone is odd: a minute of talk."""

_LONGEST_HEADING = 4
"""Words behind the colon of a heading at most."""


_LONGEST_TITLE = 8
"""Words of a heading at most that stands out by its type alone."""


_CHEVRONS = re.compile(r"\s{0,8}>{2,3}\s{0,8}\S")
_DASHED = re.compile(r"\s{0,8}[-–—]\s{0,4}[^\s\d-]")
_NEAR_LINES = 8
"""Lines of a cue around one that are looked at for dashes."""


def find_turns(passages: Iterable[Passage], findings: Findings) -> Iterator[Turn]:
    """Yield the turns of a source in its order; what is no turn is noted in `findings`."""
    yield from _Structure(cut(list(passages)), findings).turns()


@dataclass(slots=True)
class _Open:
    """A turn that goes on."""

    speaker: str = ""
    start: int | None = None
    end: int | None = None
    words: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    place: int = 0


class _Structure:
    """The passages of a source, line by line, and what was decided about them."""

    def __init__(self, passages: Sequence[Passage], findings: Findings) -> None:
        self._passages = passages
        self._findings = findings
        self._lines: list[Line | None] = []
        self._owners: list[int] = []
        self._speech_headings = _mostly_headings(passages)
        stated = Counter[str]()
        for number, passage in enumerate(passages):
            if passage.speaker:
                stated[key_of(passage.speaker)] += 1
            self._add(number, passage)
        evidence = Evidence(self._lines, stated)
        colons = evidence.colons()
        self._cover = cover.cover_of(
            self._lines, Counter(key_of(head.label) for head in colons.values())
        )
        self._cover |= cover.table_head(self._lines)
        if self._cover:
            open_lines = [None if n in self._cover else x for n, x in enumerate(self._lines)]
            evidence = Evidence(open_lines, stated)
        self._colons = colons
        self._heads = evidence.decide()
        self._known = evidence.speakers
        self._rejected = evidence.rejected(self._heads)
        self._names: dict[str, str] = {}
        self._roles: dict[str, RoleName] = {}
        self._first_head = min(self._heads, default=len(self._lines))
        self._last_head = max(self._heads, default=len(self._lines))
        first_stated = next((n for n, p in enumerate(passages) if p.speaker), None)
        if first_stated is not None:
            at = next(n for n, owner in enumerate(self._owners) if owner == first_stated)
            self._first_head = min(self._first_head, at)
        self._clock = Clock([line.text if line else "" for line in self._lines], self._heads)
        self._latest_cover = max(self._cover, default=-1)
        self._with_headings = self._has_headings()
        self._begun = bool(self._heads or stated)

    def _add(self, number: int, passage: Passage) -> None:
        timed = passage.start_ms is not None or passage.end_ms is not None
        for part, text in enumerate(passage.text.split("\n")):
            open_line = passage.speaker is None and passage.kind is not PassageKind.NOTE
            gap = part == 0 and (passage.gap or timed or number == 0)
            line = Line(
                text, passage.place, gap, part == 0, timed, passage.emphasised if not part else 0
            )
            self._lines.append(line if open_line else None)
            self._owners.append(number)

    def turns(self) -> Iterator[Turn]:
        """Yield the turns, and note what a person should look at."""
        self._name_speakers()
        words, speakers, latest = 0, set[str](), -1
        for place, turn in self._raw_turns():
            words += len(turn.text.split())
            speakers.add(turn.speaker)
            if turn.start_ms is not None:
                if turn.start_ms < latest:
                    self._findings.warn("out_of_order", place)
                latest = max(latest, turn.start_ms)
            if self._clock.left_in(turn.text):
                self._findings.warn("stamps_in_text", place, self._clock.left_in(turn.text))
            yield turn
        silent = {self._speaker(head.label) for head in self._heads.values()} - speakers
        for label in sorted(silent):
            # Nothing was said behind it.
            self._findings.leave_out("markup", label)
        if len(speakers) == 1 and words >= _ONE_SPEAKER_WORDS:
            self._findings.warn("one_speaker")

    def _name_speakers(self) -> None:
        """Settle how each speaker is called, which roles they have, and note their names."""
        spelled: dict[str, str] = {}
        for passage in self._passages:
            if passage.speaker:
                spelled.setdefault(key_of(passage.speaker), clean(passage.speaker))
        for at in sorted(self._heads):
            head = self._heads[at]
            spelled.setdefault(key_of(head.label), clean(head.label))
        bases: dict[str, list[str]] = {}
        for key in spelled:
            bases.setdefault(key.partition(" (")[0], []).append(key)
        for base, keys in bases.items():
            # "Interviewer" and "Interviewer (Hanim)" are one, unless there are several.
            full = [key for key in keys if key != base]
            one = len(full) == 1 and base in spelled
            for key in keys:
                self._names[key] = spelled[base] if one else spelled[key]
        self._roles = role_words.roles_of(dict.fromkeys(self._names.values()))
        for key, label in spelled.items():
            self._know(key, label)
        for rejected in self._rejected:
            if self._is_styled_heading(self._passages[self._owners[rejected.at]]):
                continue
            line = self._lines[rejected.at]
            self._findings.warn("labels_in_text", line.place if line else 0)

    def _know(self, key: str, label: str) -> None:
        if code := role_words.code_of(label):
            self._findings.know_code(code)
            return
        role = self._roles.get(self._names[key], "")
        if name := name_in(label):
            self._findings.know(name, "label", role)

    def _speaker(self, label: str) -> str:
        return self._names.get(key_of(label), clean(label))

    def _turn(self, speaker: str, text: str, start: int | None, end: int | None) -> Turn:
        role = Role(self._roles.get(speaker, ""))
        if start is not None and end is not None and end < start:
            self._findings.warn("ends_before_start")
            end = None
        return Turn(speaker, text, start, end, role)

    def _raw_turns(self) -> Iterator[tuple[int, Turn]]:
        current = _Open()
        known = ""
        for at, line in enumerate(self._lines):
            passage = self._passages[self._owners[at]]
            if line is None:
                yield from self._close(current)
                if self._begins(at):
                    # Behind what is nobody's, the one who spoke goes on.
                    known = self._speaker(passage.speaker or "") or known
                    yield from self._stated(passage)
                current = _Open(known, place=passage.place)
                continue
            if self._is_left_out(at, line, passage):
                continue
            head = self._heads.get(at)
            if head is not None:
                yield from self._close(current)
                known = self._speaker(head.label)
                current = _Open(known, current.start, place=line.place)
            elif (line.timed and line.first) or (not self._begun and line.gap):
                yield from self._close(current)
                current = _Open(current.speaker, current.start, place=line.place)
            if head is None and self._changes_speaker(at, line):
                # Captions mark that somebody else speaks, and not who.
                yield from self._close(current)
                current = _Open("", place=line.place)
            if line.timed:
                current.start, current.end = passage.start_ms, passage.end_ms
            yield from self._line(current, at, line, head)
        yield from self._close(current)

    def _line(
        self, current: _Open, at: int, line: Line, head: Head | None
    ) -> Iterator[tuple[int, Turn]]:
        """Add a line to the turn that goes on; yield what is closed by a stamp in it."""
        whole = line.text
        if head is None and self._changes_speaker(at, line):
            whole = whole.lstrip(" -–—>")
        for stamp, text in self._clock.parts(at, whole, head):
            if stamp is not None and not line.timed:
                if self._clock.at_end:
                    current.end = stamp.end
                    yield from self._close(current)
                    # What ends a turn begins the next one.
                    current.start = stamp.end
                else:
                    yield from self._close(current)
                    current.start, current.end = stamp.start, stamp.end
                current.place = line.place
            # A dash alone says in captions that somebody else speaks; the label is below it.
            if (said := squeeze(text)) and said.strip("-–—"):
                current.words.append(said)

    def _changes_speaker(self, at: int, line: Line) -> bool:
        """Return whether `>>`, or one of several dashes in a cue, stands before a line of it."""
        if not line.timed:
            return False
        if _CHEVRONS.match(line.text):
            return True
        if not _DASHED.match(line.text):
            return False
        owner = self._owners[at]
        near = range(max(0, at - _NEAR_LINES), min(len(self._lines), at + _NEAR_LINES + 1))
        others = [self._lines[n] for n in near if n != at and self._owners[n] == owner]
        return any(other is not None and _DASHED.match(other.text) for other in others)

    def _stated(self, passage: Passage) -> Iterator[tuple[int, Turn]]:
        text = squeeze(passage.text)
        if passage.kind is PassageKind.NOTE:
            if text:
                yield passage.place, self._turn("", f"[Note: {text}]", None, None)
            return
        speaker = self._speaker(passage.speaker or "")
        start, end = passage.start_ms, passage.end_ms
        stamp, text = self._clock.taken_out(text)
        if start is None and stamp is not None:
            start = stamp
        if text and text[-1] in ":：" and likeness(text[:-1]) >= Likeness.NAME:
            # An editor's cue that holds the name of the voice alone.
            self._findings.know(clean(text), "label")
            return
        if text.strip():
            yield from self._split(speaker, text, start, end, passage.place)

    def _close(self, current: _Open) -> Iterator[tuple[int, Turn]]:
        """Yield a turn that ends; a time without words goes on to the next one."""
        if current.words:
            text = joined(current.words)
            yield from self._split(current.speaker, text, current.start, current.end, current.place)
            current.words.clear()
            current.start = current.end = None

    def _split(
        self, speaker: str, text: str, start: int | None, end: int | None, place: int
    ) -> Iterator[tuple[int, Turn]]:
        """Yield a turn, and those of others that stand inside it."""
        for other, part in overlaps.parts(text, self._overlapping):
            if said := squeeze(part):
                yield place, self._turn(other or speaker, said, start, end)

    def _overlapping(self, label: str, slashed: bool) -> str | None:
        key = key_of(label)
        if key in self._names:
            return self._names[key]
        return clean(label) if slashed and likeness(label) >= Likeness.NAME else None

    def _is_left_out(self, at: int, line: Line, passage: Passage) -> bool:
        """Return whether a line is no speech: a cover line or a heading; it is noted."""
        text = line.text.strip()
        head = self._heads.get(at)
        if not text or head is not None:
            return False
        colon = self._colons.get(at)
        if at in self._cover:
            cover.know_cover(text, self._findings)
            self._findings.leave_out("cover_lines", text)
            return True
        if self._is_styled_heading(passage):
            self._findings.leave_out("headings", text)
            return True
        if not self._begun or line.timed:
            return False
        if self._is_heading(at, line, colon):
            self._findings.leave_out("headings", text)
            return True
        if at < self._first_head and (cover.is_title(text) or self._is_nobodys(at, line)):
            cover.know_cover(text, self._findings)
            self._findings.leave_out("cover_lines", text)
            self._latest_cover = at
            return True
        if cover.is_end(text) or (
            (at > self._last_head or at < self._first_head) and cover.is_done_by(text)
        ):
            self._findings.leave_out("cover_lines", text)
            return True
        return False

    def _is_nobodys(self, at: int, line: Line) -> bool:
        """Return whether a line before all turns is no speech.

        A time alone, a sound that is noted, what stands below a title.
        """
        text = line.text.strip()
        if text[0] in "[(" and text[-1] in "])" and is_event(text[1:-1]):
            return True
        if not line.gap and at and at - 1 == self._latest_cover and cover.is_short(text):
            return True
        stamp = stamp_at(text)
        if stamp is None or stamp.end < len(text):
            return False
        return all(moment is None for moment, _ in self._clock.parts(at, line.text, None))

    def _is_styled_heading(self, passage: Passage) -> bool:
        is_heading = passage.kind is PassageKind.HEADING
        return is_heading and not self._speech_headings and self._begun

    def _is_heading(self, at: int, line: Line, colon: Head | None) -> bool:
        following = next(
            (n for n in range(at + 1, min(at + 4, len(self._lines))) if self._filled(n)), None
        )
        if following is None or following not in self._heads:
            return False
        if colon is not None and colon.frame is Frame.COLON:
            if not colon.raw.strip():
                return colon.likeness >= Likeness.NAME
            words = colon.raw.split()
            return (
                len(words) <= _LONGEST_HEADING
                and self._with_headings
                and colon.likeness >= Likeness.NAME
                and colon.raw.rstrip()[-1] not in ".?!,"
            )
        # A line that stands out by its type between two turns, and is no speaker.
        text = line.text.strip()
        return (
            line.first
            and line.emphasised >= len(text)
            and len(text.split()) <= _LONGEST_TITLE
            and text[-1] not in ".?!"
        )

    def _has_headings(self) -> bool:
        return any(
            not head.raw.strip() and at not in self._heads and self._filled(at)
            for at, head in self._colons.items()
        )

    def _begins(self, at: int) -> bool:
        """Tell whether a line is the first one of its passage."""
        return at == 0 or self._owners[at - 1] != self._owners[at]

    def _filled(self, at: int) -> bool:
        line = self._lines[at]
        return line is not None and bool(line.text.strip())


def _mostly_headings(passages: Sequence[Passage]) -> bool:
    """Return whether most of the text has the style of headings, so that it is the talk itself."""
    sizes = Counter[bool]()
    for passage in passages:
        sizes[passage.kind is PassageKind.HEADING] += len(passage.text)
    return sizes[True] > sizes[False]
