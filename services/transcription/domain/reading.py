# SPDX-License-Identifier: Apache-2.0
"""What a reader of transcripts made elsewhere finds: passages, and at last what it found."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Annotated, Literal

from pydantic import Field, StringConstraints

from services.common.records import Record
from services.registry.left_out import LEFT_OUT
from services.registry.reading_warnings import READING_WARNINGS
from services.transcription.domain.words import count_words

_MOST_NAMES = 500
_LONGEST_NAME = 200
_MOST_CODES = 50
_CODE = re.compile("[A-Z0-9][A-Z0-9-]{0,15}")


class PassageKind(StrEnum):
    """What a form says that a passage is."""

    SPEECH = "speech"
    HEADING = "heading"
    NOTE = "note"
    """A footnote or comment that the options want read; it follows the passage it belongs to."""


@dataclass(frozen=True, slots=True)
class Passage:
    """A stretch of a source as it stands there, in its order: a line, paragraph, cue or row.

    `text` has the line breaks of the source (soft breaks of a paragraph, lines of a cue).
    `speaker` and times, in milliseconds, are those that the form itself states, as a voice tag or a
    column does; None where it states none, and then structure is looked for in the text. A speaker
    of "" is stated to be nobody. `gap`: whether a blank line, or the end of a paragraph, stands
    before it. `emphasised`: characters at the start of the text that are bold, italic or underlined
    unlike what follows. `place`: number of its line, cue or paragraph in the source, from 1.
    """

    text: str
    speaker: str | None = None
    start_ms: int | None = None
    end_ms: int | None = None
    kind: PassageKind = PassageKind.SPEECH
    gap: bool = False
    emphasised: int = 0
    place: int = 0


@dataclass(frozen=True, slots=True)
class ReadingOptions:
    """How a transcript is to be read.

    `encoding`: "" where it is found out. `append_notes`: footnotes and comments are read as notes.
    `roles`: role by label of the speaker, such as {"S1": "interviewer"}.
    """

    encoding: str = ""
    append_notes: bool = False
    roles: Mapping[str, str] = field(default_factory=dict)


Word = Annotated[str, StringConstraints(pattern=r"^[a-z_]{1,40}$")]
Number = Annotated[int, Field(ge=0, lt=2**31)]


class SpeakerShare(Record):
    """How much one speaker says: `label` such as "S1", `share` in thousandths of all words."""

    label: str = Field(pattern=r"^S[1-9][0-9]{0,5}$")
    role: Literal["", "interviewer", "participant"] = ""
    turns: Number
    share: int = Field(ge=0, le=1000)


class ReadingWarning(Record):
    """What a person should look at: its kind, how often, and the first place, from 1."""

    kind: Word
    count: Number = 1
    place: Number = 0


class KnownName(Record):
    """A name that a source states, and where: content, for the roster of the recording alone."""

    name: str = Field(min_length=1, max_length=_LONGEST_NAME)
    source: Literal["label", "cover", "property", "file_name"]
    role: Literal["", "interviewer", "participant"] = ""


class Reading(Record):
    """What was found in a transcript: counts, places, codes; and, apart from them, names."""

    form: str = Field(pattern=r"^[a-z0-9_]{1,24}$")
    encoding: str = Field(default="", pattern=r"^([a-z0-9][a-z0-9_.-]{0,39})?$")
    encoding_guessed: bool = False
    turns: Number = 0
    timed_turns: Number = 0
    words: Number = 0
    speakers: tuple[SpeakerShare, ...] = Field(default=(), max_length=100)
    speaker_count: Number = 0
    languages: dict[Word, Number] = Field(default_factory=dict, max_length=16)
    left_out: dict[Word, Number] = Field(default_factory=dict, max_length=32)
    words_left_out: Number = 0
    warnings: tuple[ReadingWarning, ...] = Field(default=(), max_length=32)
    codes: tuple[Annotated[str, StringConstraints(pattern=rf"^{_CODE.pattern}$")], ...] = Field(
        default=(), max_length=_MOST_CODES
    )
    names: tuple[KnownName, ...] = Field(default=(), max_length=_MOST_NAMES)


def with_file_name(reading: Reading | None, file_name: str) -> tuple[KnownName, ...]:
    """Return the names that were found in a recording, and the name of its file without the
    suffix: people call files after those who speak.
    """
    stem = " ".join(file_name.rpartition(".")[0].split() or file_name.split())[:_LONGEST_NAME]
    found = reading.names if reading is not None else ()
    if not stem:
        return found
    return (*found[: _MOST_NAMES - 1], KnownName(name=stem, source="file_name"))


class Findings:
    """Collects, while a source is read, what is not a turn."""

    def __init__(self) -> None:
        self.left_out: Counter[str] = Counter()
        self.words_left_out = 0
        self.encoding = ""
        self.encoding_guessed = False
        self._codes: dict[str, None] = {}
        self._warnings: dict[str, tuple[int, int]] = {}
        self._names: dict[tuple[str, str], KnownName] = {}

    def leave_out(self, kind: str, text: str = "", count: int = 1) -> None:
        """Count a thing that is not read, of a kind of `LEFT_OUT`, and the words of its text."""
        if kind not in LEFT_OUT:
            raise KeyError(kind)
        self.left_out[kind] += count
        self.words_left_out += count_words(text)

    def warn(self, kind: str, place: int = 0, count: int = 1) -> None:
        """Note what a person should look at, of a kind of `READING_WARNINGS`."""
        if kind not in READING_WARNINGS:
            raise KeyError(kind)
        before, first = self._warnings.get(kind, (0, place))
        self._warnings[kind] = (before + count, first)

    def know(
        self,
        name: str,
        source: Literal["label", "cover", "property", "file_name"],
        role: Literal["", "interviewer", "participant"] = "",
    ) -> None:
        """Note a name that the source states; what is too long for one is cut."""
        name = " ".join(name.split())[:_LONGEST_NAME]
        key = (name.casefold(), source)
        if name and key not in self._names and len(self._names) < _MOST_NAMES:
            self._names[key] = KnownName(name=name, source=source, role=role)

    def know_code(self, code: str) -> None:
        """Note the code of a participant that the source states; those of a list are too many."""
        if len(self._codes) < _MOST_CODES and _CODE.fullmatch(code):
            self._codes[code] = None

    @property
    def codes(self) -> tuple[str, ...]:
        """Codes that were noted, in their order."""
        return tuple(self._codes)

    @property
    def warnings(self) -> tuple[ReadingWarning, ...]:
        """What was noted, in its order."""
        return tuple(
            ReadingWarning(kind=kind, count=count, place=place)
            for kind, (count, place) in self._warnings.items()
        )

    @property
    def names(self) -> tuple[KnownName, ...]:
        """Names that were noted, in their order."""
        return tuple(self._names.values())
