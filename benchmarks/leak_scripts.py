# SPDX-License-Identifier: Apache-2.0
"""Scripts of spoken interviews with marked identifiers, as benchmarks/speech_leaks_data/README.md
describes them.
"""

from __future__ import annotations

import re
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

FOLDER = Path(__file__).parent / "speech_leaks_data"
PEOPLE = frozenset({"person"})
NUMBERS = frozenset({"phone", "ic", "record", "account", "plate"})
DIRECT = PEOPLE | NUMBERS | {"email", "address"}
QUASI = frozenset({"place", "body", "date", "age"})
VOICES = frozenset({"joe", "slt", "rms", "ma1", "id1"})
USES = frozenset({"tuned", "new"})
LANGUAGES = frozenset({"en", "ms"})
_MARK = re.compile(r"\[(\w+):(\w+) ([^\[\]]+)\]|([^\[\]]+)")
_LINE = re.compile(r"([IP])(?:\((\w\w)\))?: (.+)")
_WORD = re.compile(r"[^\W_]+(?:'[^\W_]+)*")
_SAID = re.compile(r"(~?)([^\W_]+(?:'[^\W_]+)*)|([^\w~]+)")


@dataclass(frozen=True)
class Mark:
    """An identifier in a line: its kind, what it names, and its words (first, behind the last)."""

    kind: str
    id: str
    first: int
    last: int


@dataclass(frozen=True)
class Line:
    """A turn: who speaks, in which language, how it is said (`~` before words that are said by the
    rules of Malay), its words, and what is marked in it.
    """

    role: str
    language: str
    said: str
    words: tuple[str, ...]
    marks: tuple[Mark, ...]

    @property
    def text(self) -> str:
        """The turn as a perfect transcript has it."""
        return self.said.replace("~", "")


@dataclass(frozen=True)
class Script:
    """An interview; `voices` are the interviewer's and the participant's."""

    name: str
    language: str
    voices: tuple[str, str]
    use: str
    lines: tuple[Line, ...]

    def people(self) -> dict[str, list[str]]:
        """Return by person the forms of the name that are said, in order."""
        found: dict[str, list[str]] = {}
        for line in self.lines:
            for mark in line.marks:
                if mark.kind in PEOPLE:
                    form = " ".join(line.words[mark.first : mark.last])
                    found.setdefault(mark.id, []).append(form)
        return found


def scripts(folder: Path = FOLDER) -> Iterator[Script]:
    """Yield all scripts, in the order of their names."""
    for path in sorted(folder.glob("*.txt")):
        yield parse(path.stem, path.read_text("utf-8"))


def parse(name: str, text: str) -> Script:
    """Read a script; raises ValueError with the line that is wrong."""
    head, _, body = text.partition("\n\n")
    said = dict(line.split(": ", 1) for line in head.splitlines())
    lines = tuple(_line(name, line, said["language"]) for line in body.splitlines() if line)
    voices = (said["interviewer"], said["participant"])
    if not (set(voices) <= VOICES and said["use"] in USES and said["language"] in LANGUAGES):
        raise ValueError(f"{name}: unknown voice, use or language")
    return Script(name, said["language"], voices, said["use"], lines)


def _line(name: str, text: str, language: str) -> Line:
    whole = _LINE.fullmatch(text)
    if whole is None:
        raise ValueError(f"{name}: no turn: {text}")
    role = "interviewer" if whole[1] == "I" else "participant"
    said, words, marks = "", list[str](), list[Mark]()
    body = whole[3]
    at = 0
    for part in _MARK.finditer(body):
        if part.start() != at:
            break
        at = part.end()
        kind, who, inside, outside = part.groups()
        if kind and kind not in DIRECT | QUASI:
            raise ValueError(f"{name}: unknown kind: {kind}")
        first = len(words)
        words += _WORD.findall(inside or outside)
        said += inside or outside
        if kind:
            marks.append(Mark(kind, who, first, len(words)))
    if at != len(body):
        raise ValueError(f"{name}: a bracket that is not closed: {text}")
    return Line(role, whole[2] or language, said, tuple(words), tuple(marks))


def for_voice(line: Line, voice: str) -> str:
    """Return how a line is given to a voice: Piper's gets Malay as phonemes of espeak-ng, in its
    notation; the others read it by their own rules.
    """
    if voice != "joe":
        return line.text
    said = ""
    for malay, word, other in _SAID.findall(line.said):
        if word:
            said += f"[[ {_phonemes(word)} ]]" if malay or line.language == "ms" else word
        else:
            said += other
    return said.replace("]] [[", "")


@lru_cache(maxsize=4096)
def _phonemes(word: str) -> str:
    command = ["espeak-ng", "-q", "-v", "ms", "--ipa", word]
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout.strip()
