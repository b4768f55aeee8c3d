# SPDX-License-Identifier: Apache-2.0
"""What services say when they refuse something, in the language of the page.

A refusal arrives in English. `texts/<language>/refusals` holds each English text with {holes} for
what stands in it, such as ids and numbers, which are put into the same holes of the other language.
Of a text that is not there nothing is changed (docs/adr/0040-words-of-refusals.md).
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache

from services.console.web import language

#: Holes that hold words of ours, which are said in the language of the page too. What stands in
#: any other hole is kept as it came.
WORDED = frozenset(
    {
        "advice", "choices", "doing", "fault", "faults", "first", "hint", "kind", "left_out",
        "remedy", "rule", "second", "state", "there", "wanted", "what", "where", "why",
    }
)  # fmt: skip
#: File of pieces, which stand in a worded hole and are no refusal by themselves.
PIECES = "pieces"
_HOLE = re.compile(r"(?<!\{)\{([a-z_0-9]+)\}")
# Holes that hold several pieces, what stands between two, and how the next one begins.
_SEVERAL = {
    "faults": ("; ", re.compile(r"; (?=line \d+: |field )")),
    "left_out": (", ", re.compile(", ")),
}
_MOST_DEEP = 6


@dataclass(frozen=True, slots=True)
class Pattern:
    """An English text with holes, and what is said in its place."""

    parts: tuple[str, ...]
    holes: tuple[str, ...]
    said: str

    @classmethod
    def of(cls, english: str, said: str) -> Pattern:
        """Read the holes of a text."""
        found = _HOLE.split(english)
        parts = tuple(_plain(part) for part in found[::2])
        return cls(parts, tuple(found[1::2]), said)

    @property
    def weight(self) -> tuple[bool, int]:
        """How sure it is the right one for a message that it fits: by how much it says itself.

        One that begins with a hole fits beginnings of all kinds, so the others go before it.
        """
        return bool(self.parts[0]), sum(map(len, self.parts))

    def read(self, message: str) -> Mapping[str, str] | None:
        """Return what stands in the holes, each as short as can be; None for another message."""
        if not message.startswith(self.parts[0]):
            return None
        found: dict[str, str] = {}
        at = len(self.parts[0])
        for number, (hole, part) in enumerate(zip(self.holes, self.parts[1:], strict=True), 1):
            is_last = number == len(self.holes)
            end = len(message) - len(part) if is_last else message.find(part, at)
            if end < at or not message.startswith(part, end):
                return None
            value, at = message[at:end], end + len(part)
            if found.setdefault(hole, value) != value:
                return None
        return found


def say_refusal(message: str) -> str:
    """Return what a service said in the language of the page; unchanged where it is not known."""
    return _said(message, 0)[0]


def say_rule(text: str) -> str:
    """Return what is wrong with a field in the language of the page, as `say_refusal` does."""
    return _said(text, 1)[0]


def unsaid(message: str) -> Sequence[str]:
    """Return what of a message has no words in the language of the page; for tests."""
    return _said(message, 0)[1]


def _said(message: str, deep: int) -> tuple[str, Sequence[str]]:
    kept = language.current()
    if kept == language.ENGLISH or not message:
        return message, ()
    exact = _exact(kept, is_piece=deep > 0).get(message) or language.texts(kept).get(message)
    if exact is not None:
        return exact, ()
    for pattern in _patterns(kept, is_piece=deep > 0):
        values = pattern.read(message)
        if values is None:
            continue
        unknown: list[str] = []
        said = {hole: _value(hole, value, deep, unknown) for hole, value in values.items()}
        return pattern.said.format(**said), unknown
    return message, (message,)


def _value(hole: str, value: str, deep: int, unknown: list[str]) -> str:
    if hole not in WORDED or deep == _MOST_DEEP:
        return value
    between, ends = _SEVERAL.get(hole, ("", None))
    said = [_said(one, deep + 1) for one in (ends.split(value) if ends else [value])]
    unknown += [one for _, left in said for one in left]
    return between.join(text for text, _ in said)


def _plain(text: str) -> str:
    """Return a text without holes, in which a brace stands twice."""
    return text.replace("{{", "{").replace("}}", "}")


@cache
def refusals(kept: str) -> Mapping[str, str]:
    """Return the refusals of a language by the English ones."""
    found: dict[str, str] = {}
    for path in sorted((language.FOLDER / kept / "refusals").glob("*.toml")):
        if path.stem != PIECES:
            found |= tomllib.loads(path.read_text("utf-8"))
    return found


@cache
def pieces(kept: str) -> Mapping[str, str]:
    """Return what may stand in a worded hole, by the English words."""
    path = language.FOLDER / kept / "refusals" / f"{PIECES}.toml"
    return tomllib.loads(path.read_text("utf-8"))


def _known(kept: str, *, is_piece: bool) -> Mapping[str, str]:
    return {**refusals(kept), **(pieces(kept) if is_piece else {})}


@cache
def _exact(kept: str, *, is_piece: bool) -> Mapping[str, str]:
    """Return the texts without holes."""
    known = _known(kept, is_piece=is_piece)
    return {_plain(text): _plain(said) for text, said in known.items() if not _HOLE.search(text)}


@cache
def _patterns(kept: str, *, is_piece: bool) -> Sequence[Pattern]:
    """Return the texts with holes, the most telling one first."""
    known = _known(kept, is_piece=is_piece)
    made = [Pattern.of(english, said) for english, said in known.items()]
    return sorted((one for one in made if one.holes), key=lambda one: one.weight, reverse=True)
