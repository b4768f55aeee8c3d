# SPDX-License-Identifier: Apache-2.0
"""Who a person is to Sotto, by the claims of the hospital's identity provider."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from services.common.delegation import MOST_STUDIES
from services.console.errors import SignInRefused
from services.registry import ids
from services.registry.identities import PEOPLE


@dataclass(frozen=True, slots=True)
class Member:
    """A person, their roles, and the studies that they are limited to; none for all."""

    person: str
    roles: tuple[str, ...]
    studies: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Reading:
    """Which claims tell what. A dot leads into a claim, as in `realm_access.roles`.

    `roles` and `studies` translate values; without them a value is a role or a study by itself.
    Without `studies_claim` nobody is limited beyond the studies that list them as members.
    """

    person_claim: str = "preferred_username"
    roles_claim: str = "groups"
    studies_claim: str = ""
    roles: Mapping[str, str] = field(default_factory=dict)
    studies: Mapping[str, str] = field(default_factory=dict)

    def member(self, claims: Mapping[str, Any]) -> Member:
        """Return who a person is; raises SignInRefused for whoever has no name, role or study."""
        person = _at(claims, self.person_claim)
        if not isinstance(person, str) or not re.fullmatch(ids.PERSON, person):
            raise SignInRefused(
                "your hospital's sign-in gives no account name that Sotto can write into its log;"
                " ask hospital IT for another claim (oidc_person_claim)",
                reason="provider_claims",
            )
        roles = self._translated(claims, self.roles_claim, self.roles)
        known = tuple(role for role in PEOPLE if role in roles)
        if not known:
            raise SignInRefused(
                "the account {person} has no role in Sotto; ask hospital IT to put it into a group"
                " that has one",
                reason="no_role",
                person=person,
            )
        if not self.studies_claim:
            return Member(person, known, ())
        named = self._translated(claims, self.studies_claim, self.studies)
        studies = tuple(sorted(one for one in named if re.fullmatch(ids.STUDY_ID, one)))
        # None would stand for all, so that whoever is limited to nothing is not let in.
        if not 0 < len(studies) <= MOST_STUDIES:
            raise SignInRefused(
                "the account {person} is for no study, or for more than {count}; ask hospital IT",
                reason="no_study",
                person=person,
                count=str(MOST_STUDIES),
            )
        return Member(person, known, studies)

    def _translated(
        self, claims: Mapping[str, Any], claim: str, words: Mapping[str, str]
    ) -> set[str]:
        found = _at(claims, claim)
        values = found if isinstance(found, list) else [found]
        given = {one for one in values if isinstance(one, str)}
        return {words[one] for one in given if one in words} if words else given


def _at(claims: Mapping[str, Any], path: str) -> object:
    """Return a claim by its name, or by a path into it."""
    if path in claims:
        return claims[path]
    found: object = claims
    for step in path.split("."):
        found = found.get(step) if isinstance(found, Mapping) else None
    return found
