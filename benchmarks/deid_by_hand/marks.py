# SPDX-License-Identifier: Apache-2.0
"""Reads interviews with marks in the text, `{{TYPE|words}}`, as README.md describes them."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from services.deidentification.domain.entities import DIRECT, ENTITY_TYPES

STYLES = ("founding", "recogniser", "mixed")
SPEAKERS = {"I": "interviewer", "P": "participant", "P2": "participant", "X": "other"}
_HEAD = re.compile(r"# ?(\w+): ?(.*)")
_TURN = re.compile(r"(I|P2?|X): (.*)")
_MARK = re.compile(r"\{\{([A-Z_]+)\|([^{}|]+)\}\}")


@dataclass(frozen=True, slots=True, order=True)
class Mark:
    """An identifier: code points of the text of its turn, end exclusive, and its type."""

    turn: int
    start: int
    end: int
    kind: str


@dataclass(frozen=True, slots=True)
class Interview:
    """An interview; each turn is its speaker and its text without marks."""

    name: str
    style: str
    turns: tuple[tuple[str, str], ...]
    marks: tuple[Mark, ...]

    def words(self, mark: Mark) -> str:
        """Return the marked words."""
        return self.turns[mark.turn][1][mark.start : mark.end]

    def as_json(self) -> str:
        """Return the line of the JSONL file, in the form that `sotto deid evaluate` reads."""
        spans = [
            {
                "turn": m.turn,
                "start": m.start,
                "end": m.end,
                "entity_type": m.kind,
                "identifier": "direct" if m.kind in DIRECT else "quasi",
            }
            for m in self.marks
        ]
        turns = [{"speaker": speaker, "text": text} for speaker, text in self.turns]
        record = {"id": self.name, "style": self.style, "turns": turns, "spans": spans}
        return json.dumps(record, ensure_ascii=False) + "\n"


def read(path: Path) -> Interview:
    """Return the interview of a file; raises ValueError with the line where it cannot be read."""
    head: dict[str, str] = {}
    turns: list[tuple[str, str]] = []
    marks: list[Mark] = []
    for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
        place = f"{path.name}, line {number}"
        if match := _HEAD.fullmatch(line):
            head[match[1]] = match[2].strip()
        elif match := _TURN.fullmatch(line):
            text, found = _unmarked(match[2].strip(), place)
            marks += [Mark(len(turns), *mark) for mark in found]
            turns.append((SPEAKERS[match[1]], text))
        elif line.strip():
            raise ValueError(f'{place}: a turn begins with "I: ", "P: ", "P2: " or "X: "')
    if not head.get("id") or head.get("style") not in STYLES:
        raise ValueError(f'{path.name}: "# id: ..." or "# style: {" | ".join(STYLES)}" lacks')
    return Interview(head["id"], head["style"], tuple(turns), tuple(marks))


def _unmarked(said: str, place: str) -> tuple[str, list[tuple[int, int, str]]]:
    """Return the text without marks, and start, end and type of each."""
    text, found, at = "", [], 0
    for match in _MARK.finditer(said):
        text += said[at : match.start()]
        kind, words = match.groups()
        if kind not in ENTITY_TYPES:
            raise ValueError(f"{place}: there is no type {kind}")
        if words != words.strip():
            raise ValueError(f"{place}: a mark begins or ends with a blank")
        found.append((len(text), len(text) + len(words), kind))
        text, at = text + words, match.end()
    text += said[at:]
    if "{{" in text or "}}" in text:
        raise ValueError(
            f"{place}: a mark is broken; it is {{{{TYPE|words}}}}, and none in another"
        )
    return text, found


def read_folder(folder: Path) -> list[Interview]:
    """Return the interviews of a folder by the names of their files; none where it is absent.

    Raises ValueError where two have one id.
    """
    interviews = [read(path) for path in sorted(folder.glob("*.txt"))]
    names = [interview.name for interview in interviews]
    if twice := {name for name in names if names.count(name) > 1}:
        raise ValueError(f"{folder}: more than one interview has the id {', '.join(sorted(twice))}")
    return interviews


def unmarked_mentions(interview: Interview) -> Iterator[tuple[int, str]]:
    """Yield turn and words where the words of a direct identifier stand without a mark.

    They are forgotten marks, or plain words here: the writer looks at each.
    """
    marked = {
        interview.words(m).lower(): None
        for m in interview.marks
        if m.kind in DIRECT and m.end - m.start > 2
    }
    for turn, (_, text) in enumerate(interview.turns):
        spans = [(m.start, m.end) for m in interview.marks if m.turn == turn]
        for words in marked:
            for match in re.finditer(rf"(?<!\w){re.escape(words)}(?!\w)", text.lower()):
                if not any(s <= match.start() and match.end() <= e for s, e in spans):
                    yield turn, words
