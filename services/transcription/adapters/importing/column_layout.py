# SPDX-License-Identifier: Apache-2.0
"""Finds out what the columns of a table hold: by their names, or by what stands in them.

Numbers that go up are numbers of rows, stamps are times, a few short values that come again are
speakers, the most text is what was said.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from services.registry import role_words
from services.transcription.adapters.importing.column_names import Column, column_of
from services.transcription.adapters.importing.stamps import Stamp, stamp_at, stamp_at_end

LONGEST_SPEAKER = 80
"""Characters of the longest cell that is taken for a speaker."""

_FRAMES = re.compile(r"\b(\d\d);(\d\d);(\d\d)(;\d\d)\b")
"""Times of video with semicolons, as Premiere writes them (drop frames, SMPTE 12M)."""

_MOST_VALUES = 1000

Cells = Sequence[str]


@dataclass(slots=True)
class Content:
    """What stands in a column."""

    filled: int = 0
    characters: int = 0
    words: int = 0
    longest: int = 0
    numbers: int = 0
    last: int = -1
    rising: bool = True
    seconds: int = 0
    times: int = 0
    ranges: int = 0
    letters: int = 0
    roles: int = 0
    values: Counter[str] = field(default_factory=Counter)

    def add(self, cell: str) -> None:
        """Count a cell."""
        self.filled += 1
        self.characters += len(cell)
        self.words += len(cell.split())
        self.letters += any(character.isalpha() for character in cell[:200])
        label, stamp = label_and_time(cell)
        self.roles += len(label) < LONGEST_SPEAKER and bool(role_words.role_of(label))
        whole = time_of(cell)
        self.times += whole is not None
        self.ranges += whole is not None and whole.end_ms is not None
        if stamp is None or label:
            self.longest = max(self.longest, len(label))
        number = cell.strip(" .)(:#")
        if number.isdecimal() and len(number) <= 7:
            self.numbers += 1
            self.rising = self.rising and int(number) >= self.last
            self.last = int(number)
        self.seconds += cell.rstrip("s ").replace(".", "", 1).replace(",", "", 1).isdecimal()
        key = label.casefold()
        if key in self.values or len(self.values) < _MOST_VALUES:
            self.values[key] += 1

    @property
    def is_number(self) -> bool:
        """Whether numbers stand in it that go up."""
        return self.numbers * 10 >= self.filled * 8 and self.rising

    @property
    def is_time(self) -> bool:
        """Whether times stand in it."""
        return self.times * 10 >= self.filled * 7

    def is_speaker(self, timed: bool) -> bool:
        """Tell whether short values come again; one by one they are enough where times stand."""
        if not self.filled or self.longest > LONGEST_SPEAKER or 2 * self.letters < self.filled:
            return False
        if self.words > 6 * self.filled:
            return False
        again = self.filled - len(self.values)
        return (2 * len(self.values) <= self.filled + 1 and again > 0) or timed


@dataclass(frozen=True, slots=True)
class Layout:
    """What each column of a table holds; `names` of columns, and the `header` that has them."""

    kinds: tuple[Column, ...]
    names: tuple[str, ...] = ()
    header: tuple[str, ...] = ()
    guessed: bool = False
    first: bool = False
    """Whether the first row has the names of speakers."""

    def find(self, kind: Column) -> int | None:
        """Return the index of the first column of a kind."""
        return self.kinds.index(kind) if kind in self.kinds else None


def contents_of(rows: Iterable[Cells]) -> list[Content]:
    """Return what stands in each column."""
    contents: list[Content] = []
    for row in rows:
        while len(contents) < len(row):
            contents.append(Content())
        for content, cell in zip(contents, row, strict=False):
            if cell:
                content.add(cell)
    return contents


def by_name(names: Sequence[str], contents: list[Content]) -> Layout:
    """Return the columns of a table with a header; those without a known name are found out."""
    width = max(len(names), len(contents))
    names = [*names, *[""] * (width - len(names))]
    contents = [*contents, *(Content() for _ in range(width - len(contents)))]
    kinds: list[Column | None] = [column_of(name) for name in names]
    for at, (kind, content) in enumerate(zip(kinds, contents, strict=True)):
        timed = kind in (Column.START, Column.END, Column.SPAN)
        # A name is believed where a third of the cells agree.
        if timed and 3 * (content.times + content.seconds) < content.filled:
            kinds[at] = None
        if kind is Column.NUMBER and content.letters * 2 > content.filled:
            kinds[at] = None
    _settle_speech(kinds)
    guessed = False
    if not {Column.SPEECH, Column.ONE_SPEAKER} & set(kinds):
        free = [at for at, kind in enumerate(kinds) if kind is None and contents[at].words]
        # Annotations beside a tier are the talk itself, as ELAN exports them.
        free = free or [at for at, kind in enumerate(kinds) if kind is Column.NOTES]
        if free:
            main = max(free, key=lambda at: contents[at].characters)
            kinds[main], guessed = Column.SPEECH, True
    if Column.SPEAKER not in kinds and Column.ONE_SPEAKER not in kinds:
        for at, kind in enumerate(kinds):
            if kind is None and contents[at].is_speaker(timed=False):
                kinds[at], guessed = Column.SPEAKER, True
                break
    return Layout(
        tuple(kind or Column.OTHER for kind in kinds), tuple(names), tuple(names), guessed
    )


def _settle_speech(kinds: list[Column | None]) -> None:
    """Decide between columns that several names call speech."""
    ones = [at for at, kind in enumerate(kinds) if kind is Column.ONE_SPEAKER]
    if Column.SPEECH in kinds or len(ones) == 1:
        # A column called "Participant" beside one of speech names the speaker, or is no speech.
        for at in ones:
            if Column.SPEECH not in kinds:
                kinds[at] = Column.SPEECH
            else:
                kinds[at] = None if Column.SPEAKER in kinds else Column.SPEAKER
    languages = [at for at, kind in enumerate(kinds) if kind is Column.LANGUAGE]
    if languages and Column.SPEECH not in kinds:
        kinds[languages.pop(0)] = Column.SPEECH
    for at in languages:
        kinds[at] = Column.TRANSLATION
    if (
        Column.SPEECH not in kinds
        and Column.ONE_SPEAKER not in kinds
        and (Column.TRANSLATION in kinds and None not in kinds)
    ):
        kinds[kinds.index(Column.TRANSLATION)] = Column.SPEECH
    for kind in (Column.SPEAKER, Column.START, Column.END, Column.SPAN):
        for at in [at for at, one in enumerate(kinds) if one is kind][1:]:
            kinds[at] = Column.OTHER
    speech = [at for at, kind in enumerate(kinds) if kind is Column.SPEECH]
    for at in speech[1:]:
        kinds[at] = Column.TEXT


def side_by_side(rows: Sequence[Cells], contents: list[Content]) -> Layout | None:
    """Return the columns of a table that has one for each of two speakers, or None."""
    used = [at for at, one in enumerate(contents) if one.filled]
    texts = [at for at in used if not contents[at].is_time and not contents[at].is_number]
    if len(texts) != 2 or any(contents[at].filled < 2 for at in texts):
        return None
    both = [at for at, row in enumerate(rows) if all(_cell(row, column) for column in texts)]
    one = sum(1 for row in rows if any(_cell(row, column) for column in texts)) - len(both)
    named = both[:1] == [0] and all(len(_cell(rows[0], at)) <= LONGEST_SPEAKER for at in texts)
    # Rows of keys and values, or of labels and text, have both.
    if 10 * (len(both) - named) > one or one < 4 or any(contents[at].filled < 3 for at in texts):
        return None
    kinds = [Column.OTHER] * len(contents)
    names = [""] * len(contents)
    for number, at in enumerate(texts, 1):
        kinds[at] = Column.ONE_SPEAKER
        names[at] = _cell(rows[0], at) if named else f"Speaker {number}"
    times = [at for at in used if contents[at].is_time and not contents[at].is_number]
    for at, kind in zip(times, (Column.START, Column.END), strict=False):
        kinds[at] = Column.SPAN if contents[at].ranges else kind
    return Layout(tuple(kinds), tuple(names), guessed=True, first=named)


def _cell(row: Cells, at: int) -> str:
    return row[at] if at < len(row) else ""


def by_content(contents: list[Content]) -> Layout | None:
    """Return the columns of a table without a header, or None where it is not one of talk."""
    kinds: list[Column | None] = [None] * len(contents)
    times = [
        at for at, one in enumerate(contents) if one.filled and one.is_time and not one.is_number
    ]
    for at, kind in zip(times, (Column.START, Column.END), strict=False):
        kinds[at] = Column.SPAN if contents[at].ranges else kind
    texts = [at for at, one in enumerate(contents) if one.filled and kinds[at] is None]
    numbers = [at for at in texts if contents[at].is_number and contents[at].filled > 1]
    if len(texts) - len(numbers) >= 1:
        for at in numbers:
            kinds[at] = Column.NUMBER
        texts = [at for at in texts if at not in numbers]
    if not texts:
        return None
    speaker = _speaker_of(texts, contents, timed=bool(times))
    if speaker is not None:
        kinds[speaker] = Column.SPEAKER
    for at in texts:
        kinds[at] = kinds[at] or Column.TEXT
    if speaker is None and not times and len(texts) > 1:
        return None
    rest = [at for at in texts if at != speaker]
    kinds[max(rest, key=lambda at: contents[at].characters)] = Column.SPEECH
    return Layout(tuple(kind or Column.OTHER for kind in kinds), guessed=True)


def _speaker_of(texts: Sequence[int], contents: Sequence[Content], timed: bool) -> int | None:
    """Return the column of speakers: of roles, or of values that come again, or, beside times, the
    first of short ones. What was said stands in another one, usually to its right.
    """
    if len(texts) < 2:
        return None
    again = [at for at in texts if contents[at].is_speaker(timed=False)]
    for at in again:
        if 10 * contents[at].roles >= 8 * contents[at].filled:
            return at
    if again or not timed:
        return again[0] if again else None
    return next((at for at in texts[:-1] if contents[at].is_speaker(timed=True)), None)


def time_of(cell: str) -> Stamp | None:
    """Return the time that a cell holds and nothing else."""
    text = cell.strip()
    if not text or len(text) > 64 or not any(character.isdigit() for character in text):
        return None
    text = _FRAMES.sub(r"\1:\2:\3\4", text)
    stamp = stamp_at(text)
    return stamp if stamp is not None and not text[stamp.end :].strip(" .,;-") else None


def label_and_time(cell: str) -> tuple[str, Stamp | None]:
    """Return the label of a cell, and the time that stands before or behind it."""
    text = " ".join(cell[: 2 * LONGEST_SPEAKER].split()) if len(cell) < 400 else cell
    if len(text) > 2 * LONGEST_SPEAKER or not any(character.isdigit() for character in text):
        return text.strip(" :：*"), None
    stamp = stamp_at(text)
    if stamp is not None:
        return text[stamp.end :].strip(" :：*-"), stamp
    stamp = stamp_at_end(text)
    if stamp is not None:
        return text[: stamp.begin].strip(" :：*-"), stamp
    return text.strip(" :：*"), None
