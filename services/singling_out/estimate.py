# SPDX-License-Identifier: Apache-2.0
"""How many people of Malaysia fit what is said of somebody, and what narrows that most.

State, ethnic group, sex and age are taken together, as the population table has them; all else is
multiplied as if it had nothing to do with them, which it has: the number is of the right order and
not exact. A religion beside an ethnic group is taken as a bound from above, since each nearly says
the other. What no open figure is at hand for does not lower the number, and is named.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache

from services.singling_out import tables
from services.singling_out.profiles import Profile

Values = Mapping[str, tuple[str, ...]]

#: What can be done about an attribute in the text, for whoever decides on it.
COARSER = {
    "sex": "leave out what says it",
    "age": "a wider band, or [AGE]",
    "state": "the country alone, or [LOCATION]",
    "district": "its state",
    "ethnicity": "[NRP]",
    "religion": "[NRP]",
    "marital status": "leave it out",
    "education": "a wider level, or leave it out",
    "children": "\u201csome children\u201d",
    "siblings": "\u201csome siblings\u201d",
    "occupation": "its field, or [OCCUPATION]",
    "illness": "a wider group of illnesses",
    "event": "words that tell its kind alone",
}


@dataclass(frozen=True, slots=True)
class Narrowing:
    """By how much an attribute lowers the number: without it, `factor` times as many would fit."""

    kind: str
    value: str
    factor: float


@dataclass(frozen=True, slots=True)
class Estimate:
    """How many people fit: `people`, at most, by open figures; `unknown` are kinds and values
    without one.
    """

    people: float
    narrowing: tuple[Narrowing, ...]
    unknown: tuple[tuple[str, str], ...]


def estimate(values: Values) -> Estimate:
    """Return how many people fit all values, with what narrows most first."""
    people, unknown = _people(values)
    found = []
    for kind, several in values.items():
        for value in several:
            if (kind, value) in unknown:
                continue
            rest = tuple(one for one in several if one != value)
            without = {k: v for k, v in {**values, kind: rest}.items() if v}
            found.append(Narrowing(kind, value, _people(without)[0] / max(people, 1e-9)))
    found.sort(key=lambda one: (-one.factor, one.kind, one.value))
    return Estimate(people, tuple(one for one in found if one.factor > 1), tuple(unknown))


def _one(values: Values, kind: str) -> str:
    return values[kind][0] if kind in values else ""


def _people(values: Values) -> tuple[float, list[tuple[str, str]]]:
    state, district = _one(values, "state"), _one(values, "district")
    within = 1.0
    if district and (not state or tables.districts()[district][0] == state):
        state, within = tables.districts()[district]
    where = (state, _one(values, "sex"), _one(values, "age"))
    people = _joint(where, _one(values, "ethnicity"), _one(values, "religion")) * within
    if married := _one(values, "marital status"):
        people *= tables.share(married, "of_age", state)
    unknown = [
        (kind, value)
        for kind in ("education", "children", "siblings")
        for value in values.get(kind, ())
    ]
    for kind, shares in (
        ("occupation", tables.occupation_shares()),
        ("illness", tables.condition_shares()),
        ("event", {}),
    ):
        for value in values.get(kind, ()):
            if value in shares:
                people *= shares[value]
            else:
                unknown.append((kind, value))
    return people, unknown


@cache
def _joint(where: tuple[str, str, str], ethnicity: str, religion: str) -> float:
    """Return the people of a state, sex and age; of a religion and an ethnic group at most so
    many.
    """
    state, sex, age = where
    people = tables.population(state, ethnicity, sex, age)
    if religion:
        whole = tables.population(state, "", sex, age)
        people = min(people, whole * tables.share(religion, "people", state))
    return people


@dataclass(frozen=True, slots=True)
class Standing:
    """How a participant stands out of the population and of the study.

    `alone` are the estimates of each interview by itself; `sharing` is the number of participants
    of whom all the same is said, this one among them.
    """

    profile: Profile
    estimate: Estimate
    alone: Mapping[str, Estimate]
    sharing: int


def standings(found: Mapping[str, Profile], masks: Mapping[tuple[str, str], int]) -> list[Standing]:
    """Return how each participant stands out, the fewest people first.

    `masks` is that of `profiles.by_value`.
    """
    result = []
    for profile in found.values():
        values = profile.values()
        sharing = (1 << len(found)) - 1
        for kind, several in values.items():
            for value in several:
                sharing &= masks[kind, value]
        alone = {name: estimate(profile.values(name)) for name in profile.interviews}
        result.append(Standing(profile, estimate(values), alone, sharing.bit_count()))
    return sorted(result, key=lambda one: (one.estimate.people, one.profile.participant))
