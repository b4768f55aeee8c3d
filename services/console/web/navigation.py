# SPDX-License-Identifier: Apache-2.0
"""The places that the pages lead to, and for whom each is."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from services.registry.identities import COMPLIANCE, OPERATOR, RESEARCHER, REVIEWER


@dataclass(frozen=True, slots=True)
class Place:
    """A place of the navigation: its path, its name in English, and who sees it."""

    path: str
    name: str
    roles: frozenset[str]


#: In the order of the navigation. Each page family has its row.
PLACES: tuple[Place, ...] = (
    Place("/review", "Review", frozenset({REVIEWER})),
    Place("/releases", "Releases", frozenset({RESEARCHER})),
    Place("/copies", "Copies", frozenset({RESEARCHER})),
    Place("/participants", "Participants", frozenset({COMPLIANCE})),
    Place("/recipients", "Recipients", frozenset({COMPLIANCE})),
    Place("/log", "Audit log", frozenset({COMPLIANCE})),
    Place("/custody", "Custody", frozenset({COMPLIANCE})),
    Place("/retention", "Retention", frozenset({COMPLIANCE})),
    Place("/policies", "Policies", frozenset({COMPLIANCE})),
    Place("/verification", "Verification", frozenset({COMPLIANCE})),
    Place("/evidence", "Evidence", frozenset({COMPLIANCE})),
    Place("/quality", "Quality", frozenset({REVIEWER, COMPLIANCE})),
    Place("/reveals", "Pseudonyms", frozenset({REVIEWER, COMPLIANCE})),
    Place("/recordings", "Recordings", frozenset({OPERATOR})),
    Place("/upload", "Upload", frozenset({OPERATOR})),
    Place("/studies", "Studies", frozenset({OPERATOR})),
    Place("/system", "System", frozenset({OPERATOR})),
)


def places_of(roles: Sequence[str]) -> list[Place]:
    """Return the places of somebody with these roles."""
    return [place for place in PLACES if place.roles & set(roles)]
