# SPDX-License-Identifier: Apache-2.0
"""The intruder's look: which of the people whom somebody knows fit what a release says."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from services.singling_out import tables
from services.singling_out.profiles import KINDS, SEVERAL, Profile, band_of

_MOST_ROWS = 20  # that a report names
_SEXES = {"f": "female", "female": "female", "perempuan": "female", "wanita": "female"}
_SEXES |= {"m": "male", "male": "male", "lelaki": "male"}


@dataclass(frozen=True, slots=True)
class Known:
    """A person whom the intruder knows: the row of the table, from 1, and its attributes."""

    row: int
    values: Mapping[str, frozenset[str]]


@dataclass(frozen=True, slots=True)
class Link:
    """Known people who fit a participant: how many, the rows of the first, and the kinds of
    attributes by which they do.
    """

    fitting: int
    rows: tuple[int, ...]
    kinds: tuple[str, ...]


def known(row: int, cells: Mapping[str, object]) -> Known:
    """Read a row of the table of known people; columns are called as kinds of attributes, and what
    cannot be read is left out.
    """
    values: dict[str, frozenset[str]] = {}
    for column, cell in cells.items():
        kind = str(column).strip().casefold().replace("_", " ")
        text = str(cell).strip() if cell is not None else ""
        if kind in KINDS and text:
            parts = text.split(";") if kind in SEVERAL else [text]
            told = frozenset(filter(None, (_value(kind, part.strip()) for part in parts)))
            if told:
                values[kind] = told
    return Known(row, values)


def _value(kind: str, text: str) -> str:
    plain = text.casefold()
    match kind:
        case "sex":
            return _SEXES.get(plain, "")
        case "age":
            years = plain.strip("[]").removeprefix("aged ").partition("-")[0].rstrip("+")
            return band_of(int(years)) if years.isascii() and years.isdecimal() else ""
        case "children" | "siblings":
            return plain if plain.isascii() and plain.isdecimal() else ""
        case "occupation" | "illness":
            book = tables.listed("occupations" if kind == "occupation" else "conditions")
            return book.value(plain)
        case "district":
            return plain if plain in tables.districts() else ""
    title = {
        "state": "states",
        "ethnicity": "ethnicities",
        "religion": "religions",
        "marital status": "marital statuses",
        "education": "education",
        "event": "events",
    }[kind]
    return tables.phrases(title).value(plain)


class KnownPeople:
    """The table of known people, with a mask of bits for each attribute, so that a participant is
    held against all of them at once.
    """

    def __init__(self, people: Sequence[Known]) -> None:
        self._people = people
        self._has: dict[str, int] = defaultdict(int)
        self._equal: dict[tuple[str, str], int] = defaultdict(int)
        for bit, one in enumerate(people):
            for kind, values in one.values.items():
                self._has[kind] |= 1 << bit
                for value in values:
                    self._equal[kind, value] |= 1 << bit

    def __len__(self) -> int:
        """Return how many people there are."""
        return len(self._people)

    def link(self, profile: Profile) -> Link:
        """Return who fits: nothing said of both differs, and at least two attributes are the same.

        Occupations, illnesses and events that are told of one of the two alone do not differ.
        """
        fitting = (1 << len(self._people)) - 1
        once = twice = 0
        for kind, values in profile.values().items():
            for value in values:
                equal = self._equal.get((kind, value), 0)
                if kind not in SEVERAL:
                    fitting &= equal | ~self._has.get(kind, 0)
                twice |= once & equal
                once |= equal
        fitting &= twice
        rows = [self._people[bit] for bit in _bits(fitting, _MOST_ROWS)]
        kinds = {
            kind
            for kind, values in profile.values().items()
            for one in rows
            if one.values.get(kind, frozenset()) & set(values)
        }
        return Link(
            fitting.bit_count(),
            tuple(one.row for one in rows),
            tuple(kind for kind in KINDS if kind in kinds),
        )


def _bits(mask: int, most: int) -> list[int]:
    """Return the positions of the first bits that are set."""
    found: list[int] = []
    while mask and len(found) < most:
        low = mask & -mask
        found.append(low.bit_length() - 1)
        mask ^= low
    return found
