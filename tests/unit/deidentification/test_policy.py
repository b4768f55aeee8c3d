# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.deidentification.domain.entities import ENTITY_TYPES
from services.deidentification.domain.policy import Policy, load, shipped
from services.deidentification.errors import PolicyError

START = "name: own\nversion: 1\nentities:\n"


class TestPolicy:
    """Policies are data that is checked before use."""

    def test_two_ship(self) -> None:
        """Both policies that ship can be read and name every entity type that they act on."""
        assert shipped() == ("research-default", "safe-harbor")
        assert load("research-default").covered == frozenset(ENTITY_TYPES)
        assert load("safe-harbor").covered == frozenset(ENTITY_TYPES) - {"NRP", "OCCUPATION"}

    def test_unknown_type_is_refused_with_the_known_ones(self) -> None:
        """An unknown entity type is refused, and the message lists what there is."""
        with pytest.raises(PolicyError) as caught:
            Policy.parse(START + "  PERSONN: mask\n")
        assert "PERSONN" in caught.value.message
        assert all(name in caught.value.message for name in ENTITY_TYPES)

    @pytest.mark.parametrize(
        ("body", "word"),
        [
            ("  PERSON: delete\n", "PERSON"),
            ("  PERSON: generalise\n", "cannot be generalised"),
            ("  AGE: {operator: generalise, to: year}\n", "band"),
            ("  AGE: {operator: tag, threshold: 2}\n", "threshold"),
            ("  - PERSON\n", "entities"),
        ],
    )
    def test_faults_are_named(self, body: str, word: str) -> None:
        """What is wrong is said by field."""
        with pytest.raises(PolicyError, match=word):
            Policy.parse(START + body)

    @given(st.one_of(st.text(), st.binary()))
    def test_garbage_is_refused(self, text: str | bytes) -> None:
        """Anything but a policy raises PolicyError and nothing else."""
        with pytest.raises(PolicyError):
            Policy.parse(text)

    def test_digest_follows_content(self) -> None:
        """White space does not change the digest, a rule does."""
        one = Policy.parse(START + "  PERSON: mask\n")
        assert one.digest == Policy.parse(START + "  PERSON:   {operator: mask}\n").digest
        assert one.digest != Policy.parse(START + "  PERSON: tag\n").digest

    def test_unnamed_types_get_the_default(self) -> None:
        """What a policy forgets is tagged, not kept."""
        assert Policy.parse(START + "  PERSON: keep\n").rule("PHONE_NUMBER").operator == "tag"
