# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.common.delegation import MOST_STUDIES
from services.console.domain.claims import Member, Reading
from services.console.errors import SignInRefused
from services.registry.identities import PEOPLE

GROUPS = Reading(roles={"sotto-reading": "reviewer", "sotto-audit": "compliance"})
LIMITED = Reading(studies_claim="studies", studies={"grp-recovery": "recovery-2026"})


def _refusal(reading: Reading, claims: dict[str, Any]) -> str:
    with pytest.raises(SignInRefused) as caught:
        reading.member(claims)
    return caught.value.reason


class TestReading:
    def test_translates_groups(self) -> None:
        """What the hospital calls its groups is a role here; other groups are none."""
        claims = {"preferred_username": "siti", "groups": ["sotto-reading", "ward-4", "compliance"]}
        assert GROUPS.member(claims) == Member("siti", ("reviewer",), ())

    def test_takes_names_of_roles_as_they_are(self) -> None:
        """Without a table a value is a role, in the order of ours."""
        claims = {"preferred_username": "siti", "groups": ["researcher", "reviewer", "chief"]}
        assert Reading().member(claims).roles == ("reviewer", "researcher")

    def test_finds_claims_within_claims(self) -> None:
        """A dot leads into a claim, unless a claim is called so."""
        reading = Reading("upn", "realm_access.roles")
        claims = {"upn": "siti", "realm_access": {"roles": ["reviewer"]}}
        assert reading.member(claims).roles == ("reviewer",)
        url = Reading(roles_claim="https://hospital.example/roles")
        told = {"preferred_username": "siti", "https://hospital.example/roles": "reviewer"}
        assert url.member(told).roles == ("reviewer",)

    def test_limits_to_studies(self) -> None:
        """A person is limited to the studies that their claims name."""
        claims = {
            "preferred_username": "siti",
            "groups": ["reviewer"],
            "studies": ["grp-recovery", "grp-other"],
        }
        assert LIMITED.member(claims).studies == ("recovery-2026",)

    @pytest.mark.parametrize("studies", [None, [], ["grp-other"], "", {"a": 1}])
    def test_nobody_is_limited_to_nothing(self, studies: object) -> None:
        """No studies would stand for all of them, so that such a person is not let in."""
        claims = {"preferred_username": "siti", "groups": ["reviewer"], "studies": studies}
        assert _refusal(LIMITED, claims) == "no_study"

    def test_nor_to_more_than_fit(self) -> None:
        """Nothing is cut off in silence."""
        studies = [f"s{number}" for number in range(MOST_STUDIES + 1)]
        claims = {"preferred_username": "siti", "groups": ["reviewer"], "studies": studies}
        assert _refusal(Reading(studies_claim="studies"), claims) == "no_study"

    @pytest.mark.parametrize("name", [None, "", "a b", 7, ["siti"], "x" * 65, "siti\n"])
    def test_a_name_fits_into_the_log(self, name: object) -> None:
        """A person whom the log could not name does not come in."""
        claims = {"preferred_username": name, "groups": ["reviewer"]}
        assert _refusal(Reading(), claims) == "provider_claims"

    @given(groups=st.recursive(st.none() | st.booleans() | st.integers() | st.text(), st.lists))
    def test_whatever_is_claimed_gives_no_role_that_is_none(self, groups: object) -> None:
        """Claims of any form give roles of people, or nobody comes in."""
        try:
            roles = GROUPS.member({"preferred_username": "siti", "groups": groups}).roles
        except SignInRefused:
            return
        assert roles
        assert set(roles) <= set(PEOPLE)
