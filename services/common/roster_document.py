# SPDX-License-Identifier: Apache-2.0
"""The format of a study's roster: names that are never missed in a transcript.

Flows write it from the study's file, the clinical storage refuses what is none, and the engines
read it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Literal, Self, TypeVar, cast

from pydantic import Field

from services.common.records import Record


class RosterPerson(Record, strict=False):
    """A person whom the study knows, and whose name is never missed in a transcript."""

    name: str = Field(min_length=1, max_length=200)
    also: tuple[str, ...] = Field(default=(), description="Nicknames and other spellings.")
    role: str = Field(default="", max_length=60, description='Such as "nurse" or "brother".')
    participant: str = Field(default="", description="Whose relative, or who it is: a code.")


class RosterPlace(Record, strict=False):
    """A place or organisation that the study knows."""

    name: str = Field(min_length=1, max_length=200)
    also: tuple[str, ...] = ()
    kind: Literal["place", "facility", "organisation"] = "place"


class Roster(Record, strict=False):
    """Names that are never missed. Sealed in the clinical zone."""

    people: tuple[RosterPerson, ...] = ()
    places: tuple[RosterPlace, ...] = ()

    @property
    def name_count(self) -> int:
        """Number of names, with nicknames and other spellings."""
        people = sum(1 + len(one.also) for one in self.people)
        return people + sum(1 + len(one.also) for one in self.places)

    def extended(self, more: Self) -> Self:
        """Return a roster with the names of another one added; what both have stands once."""
        people = _joined((*self.people, *more.people), lambda one: (one.name, one.participant))
        places = _joined((*self.places, *more.places), lambda one: (one.name, one.kind))
        return self.model_copy(update={"people": people, "places": places})


_Entry = TypeVar("_Entry", bound=RosterPerson | RosterPlace)


def _joined(
    entries: Iterable[_Entry], key: Callable[[_Entry], tuple[str, str]]
) -> tuple[_Entry, ...]:
    """Return the entries, those of one key as one: what the newest says, and all spellings."""
    found: dict[tuple[str, str], _Entry] = {}
    for entry in entries:
        there = found.get(key(entry), entry)
        said = {**there.model_dump(), **entry.model_dump(exclude_defaults=True)}
        also = dict.fromkeys((*there.also, *entry.also))
        joined = entry.model_copy(update={**said, "also": tuple(also)})
        found[key(entry)] = cast("_Entry", joined)
    return tuple(found.values())
