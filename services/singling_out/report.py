# SPDX-License-Identifier: Apache-2.0
"""The report of singling out: who stands out, by what, where it stands, and what to make coarser.

It holds words of the lists in `data` alone, and places; no text of an interview.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from services.singling_out import tables
from services.singling_out.estimate import COARSER, Standing
from services.singling_out.linkage import KnownPeople, Link
from services.singling_out.profiles import Place

#: The least number of people that a participant should be one of, as the European Medicines Agency
#: (policy 0070) and Health Canada ask: a risk of 0.09.
LEAST = 11
_MOST_NARROWING = 3
_LEAST_FACTOR = 1.5  # by which an attribute narrows, in the text form
_MOST_PLACES = 5  # of an attribute, in the text form


@dataclass(frozen=True, slots=True)
class Row:
    """A participant: how they stand out, and which known people fit them, if there is a table."""

    standing: Standing
    link: Link | None

    @property
    def code(self) -> str:
        """The participant's code."""
        return self.standing.profile.participant

    def verdict(self, least: int) -> str:
        """Return "stands out", "unknown" where attributes without a figure narrow further, or
        "not alone".
        """
        if self.standing.estimate.people < least or (self.link and self.link.fitting == 1):
            return "stands out"
        return "unknown" if self.standing.estimate.unknown else "not alone"


@dataclass(frozen=True, slots=True)
class Report:
    """All participants, the fewest people first."""

    rows: tuple[Row, ...]
    least: int
    known: int

    @classmethod
    def of(
        cls, standings: Sequence[Standing], least: int = LEAST, known: KnownPeople | None = None
    ) -> Report:
        """Hold each participant against the population and, where there are any, known people."""
        rows = tuple(Row(one, known.link(one.profile) if known else None) for one in standings)
        return cls(rows, least, len(known) if known else 0)

    @property
    def smallest(self) -> float:
        """The fewest people that any participant is one of, with two digits that count."""
        return min((_number(row.standing.estimate.people) for row in self.rows), default=0.0)

    def count(self, verdict: str) -> int:
        """Return of how many participants a verdict is given."""
        return sum(row.verdict(self.least) == verdict for row in self.rows)

    def as_json(self) -> dict[str, Any]:
        """Return plain JSON."""
        return {
            "basis": tables.BASIS,
            "least": self.least,
            "known_people": self.known,
            "smallest_k": self.smallest,
            "stand_out": [r.code for r in self.rows if r.verdict(self.least) == "stands out"],
            "participants": [self._row(row) for row in self.rows],
        }

    def _row(self, row: Row) -> dict[str, Any]:
        standing = row.standing
        found = standing.estimate
        told: dict[str, Any] = {
            "participant": row.code,
            "verdict": row.verdict(self.least),
            "k": _number(found.people),
            "k_by_interview": {n: _number(e.people) for n, e in standing.alone.items()},
            "participants_alike": standing.sharing,
            "narrows": [
                {"kind": n.kind, "value": n.value, "factor": _number(n.factor)}
                for n in found.narrowing
            ],
            "unknown": [{"kind": kind, "value": value} for kind, value in found.unknown],
            "narrower_groups": [_place(one) for one in standing.profile.narrower],
            "attributes": [
                {
                    "kind": kind,
                    "value": value,
                    "coarser": COARSER[kind],
                    "places": [_place(one) for one in standing.profile.places(kind, value)],
                }
                for kind, values in standing.profile.values().items()
                for value in values
            ],
        }
        if row.link is not None:
            told["known_people_that_fit"] = row.link.fitting
            told["rows"] = list(row.link.rows)
            told["shared"] = list(row.link.kinds)
        return told

    def text(self) -> str:
        """Return the report for people to read."""
        return "\n".join(self._lines()) + "\n"

    def _lines(self) -> Iterator[str]:
        out = self.count("stands out")
        known = ", or one known person alone does" if self.known else ""
        yield (
            f"{out} of {len(self.rows)} participants stand out: by open figures, fewer than"
            f" {self.least} people fit{known}."
        )
        yield f"Base: {tables.BASIS}."
        for row in self.rows:
            yield ""
            yield from self._about(row)

    def _about(self, row: Row) -> Iterator[str]:
        standing, found = row.standing, row.standing.estimate
        yield f"{row.code}: {row.verdict(self.least)}; k {people(found.people)}"
        yield f"  participants of whom all of it is said: {standing.sharing} of {len(self.rows)}"
        if len(standing.alone) > 1:
            each = (f"{name} {people(one.people)}" for name, one in standing.alone.items())
            yield f"  each interview alone: {', '.join(each)}"
        if row.link is not None:
            by = f", by {', '.join(row.link.kinds)}" if row.link.kinds else ""
            rows = f" (rows {', '.join(map(str, row.link.rows))})" if row.link.rows else ""
            yield f"  known people that fit: {row.link.fitting} of {self.known}{rows}{by}"
        for one in found.narrowing[:_MOST_NARROWING]:
            if one.factor < _LEAST_FACTOR:
                break
            yield (
                f"  narrows {people(one.factor)} times: {one.kind} {one.value},"
                f" {self._where(row, one.kind, one.value)}; coarser: {COARSER[one.kind]}"
            )
        for kind, value in found.unknown:
            yield (
                f"  narrows, no open figure: {kind} {value}, {self._where(row, kind, value)};"
                f" coarser: {COARSER[kind]}"
            )
        for place in standing.profile.narrower[:_MOST_PLACES]:
            yield f"  narrows, no open figure: a group inside of the census's, {_at(place)}"

    @staticmethod
    def _where(row: Row, kind: str, value: str) -> str:
        places = row.standing.profile.places(kind, value)
        more = f" and {len(places) - _MOST_PLACES} more" if len(places) > _MOST_PLACES else ""
        return ", ".join(map(_at, places[:_MOST_PLACES])) + more


def people(number: float) -> str:
    """Return a number with two digits that count, such as "about 4,800"; "under 1" below 1."""
    if number < 1:
        return "under 1"
    digits = max(len(str(int(number))) - 2, 0)
    return f"about {round(number, -digits):,.0f}"


def _number(number: float) -> float:
    return float(f"{number:.2g}")


def _at(place: Place) -> str:
    return f"{place.interview} turn {place.turn}, {place.start}-{place.end}"


def _place(place: Place) -> dict[str, Any]:
    return {
        "interview": place.interview,
        "turn": place.turn,
        "start": place.start,
        "end": place.end,
    }
