# SPDX-License-Identifier: Apache-2.0
"""The format of a study's roster: names that are never missed in a transcript.

Flows write it from the study's file, the clinical storage refuses what is none, and the engines
read it.
"""

from __future__ import annotations

from typing import Literal

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
