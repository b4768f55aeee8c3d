# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

from collections.abc import Callable

from hypothesis import given
from hypothesis import strategies as st

from services.deidentification.domain import canaries
from services.deidentification.domain.engine import Engine
from services.deidentification.domain.entities import ENTITY_TYPES
from services.deidentification.domain.policy import Policy
from services.deidentification.domain.transcript import Transcript
from services.deidentification.engine_factory import make_engine

KINDS = sorted(canaries.PLANTED)
TEXTS = st.lists(st.text("aAbB .,?\n", max_size=40), max_size=30)


class TestPlanting:
    """A copy of a part of the turns with made-up identifiers."""

    @given(TEXTS, st.text(max_size=5))
    def test_offsets_and_determinism(self, texts: list[str], seed: str) -> None:
        """Same turns and seed, same copy; each canary stands where it is said to be."""
        copy, planted = canaries.plant(texts, KINDS, seed)
        assert (copy, planted) == canaries.plant(texts, KINDS, seed)
        assert len(copy) <= len(texts)
        for one in planted:
            value = copy[one.turn][one.start : one.end]
            assert value == value.strip() != ""
            assert one.entity_type in ENTITY_TYPES

    def test_a_long_interview_costs_no_more(self) -> None:
        """The copy is bounded, however many and long the turns are."""
        texts = ["and then we went there again " * 100] * 500
        copy, planted = canaries.plant(texts, KINDS, "a")
        assert len(planted) == sum(canaries.PLANTED.values())
        assert len(copy) <= 3 * len(planted)
        assert max(map(len, copy)) < 600

    def test_names_that_were_said_are_not_planted(self) -> None:
        """A name would be found by what the talk says of it."""
        texts = ["rushdi and salehuddin and zulhakim came with hanisah"] * 40
        copy, planted = canaries.plant(texts, ["PERSON"], "b")
        names = " ".join(copy[one.turn][one.start : one.end] for one in planted).lower()
        assert planted
        assert not {"rushdi", "salehuddin", "zulhakim", "hanisah"} & set(names.split())

    def test_written_as_the_talk_is(self) -> None:
        """Capitals and full stops where the talk has them, none where it has none."""
        flat = ["so we talked about the ward again"] * 60
        copy, _ = canaries.plant(flat, ["LOCATION", "PERSON"], "c")
        assert all(text == text.lower() for text in copy)
        cased = ["So we talked to Faizal about it, and to Mr Lim again."] * 60
        copy, planted = canaries.plant(cased, ["LOCATION"], "c")
        assert all(copy[one.turn][one.start].isupper() for one in planted)


class TestCounts:
    """What the run's own detection finds of them."""

    def test_engine_counts_by_type(self, engine: Engine, talk: Callable[..., Transcript]) -> None:
        """As many as were planted, of the types that the policy covers, the same each time."""
        made = talk(*["and how was it for you then"] * 60)
        counts = engine.canaries(made, "rec-a")
        assert {kind: one.planted for kind, one in counts.items()} == dict(canaries.PLANTED)
        assert counts["MY_IC"].found == counts["MY_IC"].planted
        assert all(0 <= one.found <= one.planted for one in counts.values())
        assert counts == engine.canaries(made, "rec-a")

    def test_what_the_policy_keeps_is_not_planted(
        self, engine: Engine, talk: Callable[..., Transcript]
    ) -> None:
        """A kind that stays is no miss."""
        policy = Policy.parse("name: own\nversion: 1\ndefault: keep\nentities: {AGE: tag}\n")
        made = talk(*["and how was it for you then"] * 60)
        assert set(make_engine(policy, engine._detector).canaries(made, "rec-a")) == {"AGE"}

    def test_no_turns(self, engine: Engine) -> None:
        """Nothing can be planted where nothing was said."""
        assert engine.canaries(Transcript(()), "rec-a") == {}
