# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

from pathlib import Path

import pytest

from services.deidentification.adapters.neural_recogniser import NeuralRecognizer
from services.deidentification.adapters.presidio import RECOGNISERS
from services.deidentification.domain.entities import (
    ALIASES,
    DIRECT,
    ENTITY_TYPES,
    QUASI,
    entity_type,
)
from services.deidentification.domain.policy import load, shipped

DOCUMENT = Path(__file__).parents[3] / "docs" / "deidentification.md"


class TestEntityTypes:
    """The one table of entity types."""

    def test_direct_and_quasi(self) -> None:
        """Each type is one or the other by its own row, whatever its place in the table."""
        assert {"PERSON", "MY_IC", "ADDRESS", "ID_NUMBER"} <= DIRECT
        assert {
            "FACILITY", "ORGANIZATION", "LOCATION", "DATE_TIME", "AGE", "NRP", "OCCUPATION"
        } == QUASI  # fmt: skip

    def test_aliases_are_no_types(self) -> None:
        """A label of another engine stands for one type, and hides none of ours."""
        assert not set(ALIASES) & set(ENTITY_TYPES)
        assert [entity_type(name) for name in ("GPE", "AGE", "HAIR")] == ["LOCATION", "AGE", "HAIR"]

    @pytest.mark.parametrize("name", ENTITY_TYPES)
    def test_is_found_by_somebody(self, name: str) -> None:
        """No type is in the table that no recogniser gives."""
        given = {kind for recogniser in RECOGNISERS for kind in recogniser.ENTITIES}
        assert name in given
        assert (ENTITY_TYPES[name].tags is not None) == (name in NeuralRecognizer.ENTITIES)

    @pytest.mark.parametrize("name", ENTITY_TYPES)
    def test_is_in_every_policy_that_ships(self, name: str) -> None:
        """A policy that ships says what happens to each type, and leaves none to its default."""
        for policy in shipped():
            assert name in load(policy).rules

    @pytest.mark.parametrize("name", ENTITY_TYPES)
    def test_is_documented(self, name: str) -> None:
        """The page on de-identification has a row for each type."""
        row = ENTITY_TYPES[name]
        kind = "direct" if row.direct else "quasi"
        assert f"| {name} | {row.description} | {kind} |" in DOCUMENT.read_text(encoding="utf-8")
