# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

import pytest

from flows.cli import quality
from flows.quality_output import overview_lines, round_lines
from services.common.errors import WrongUse
from sotto.release.v1 import quality_pb2
from sotto.study.v1 import study_pb2


class TestRound:
    """A round in words."""

    def test_says_what_was_found_and_what_comes_next(self) -> None:
        """A miss, what two readers found of it, and the command that follows."""
        made = quality_pb2.QualityRound(
            round=2,
            state=quality_pb2.ROUND_STATE_MISSED,
            segments=700,
            recording_ids=["rec"],
            census=40,
            sampled=300,
            misses=3,
            most=9,
            bound=0.0129,
            planted=10,
            found=9,
            detection_at_least=0.6,
            second_read=34,
            agreement={"all": quality_pb2.TypeAgreement(marks=4, exact=0.5, overlap=1.0)},
            found_by_both=2,
            found_by_first=1,
            missed_by_both=0.4,
            missed_by_both_most=2,
        )
        text = "\n".join(round_lines(made))
        assert "at most 9 segments (1.29%)" in text
        assert "9 of 10, at least 60%" in text
        assert "both found 2, one of them 1; neither about 0.4, at most 2" in text
        assert "sotto quality search" in text

    def test_says_what_it_lacks(self) -> None:
        """In words, with the way to look at it again."""
        made = quality_pb2.QualityRound(
            round=1,
            state=quality_pb2.ROUND_STATE_FAILED,
            shortfalls=[quality_pb2.SHORTFALL_DETECTION],
            first_left=3,
        )
        text = "\n".join(round_lines(made))
        assert "too few of the planted items were found" in text
        assert "Left: 3 first readings" in text

    def test_a_study_without_a_gate(self) -> None:
        """Says so, and one with a gate says what it asks for."""
        (line,) = overview_lines("s1", quality_pb2.ListRoundsResponse())
        assert "no gate" in line
        gated = quality_pb2.ListRoundsResponse(
            gate=study_pb2.QualityGate(bound=0.01, alpha=0.05), waiting=["rec"]
        )
        text = "\n".join(overview_lines("s1", gated))
        assert "at most 1.00% missed" in text
        assert "sotto quality open --study s1" in text


class TestCommand:
    """What is wrong is told before anything is called."""

    @pytest.mark.parametrize(
        "wrong", ["Siti", "1:PERSON", "1::Siti", "x:PERSON:Siti", "1:PERSON: "]
    )
    def test_a_miss_has_three_parts(self, wrong: str) -> None:
        """A passage, a type and words."""
        with pytest.raises(WrongUse, match="--miss 12:PERSON:Siti"):
            quality.record("s1", [1], [wrong])

    def test_a_miss_is_in_a_passage_that_was_read(self) -> None:
        """Whoever marks something has read it."""
        with pytest.raises(WrongUse, match="name the passages"):
            quality.record("s1", [1], ["2:PERSON:Siti"])
        with pytest.raises(WrongUse, match="one passage"):
            quality.rule("s1", 1, ["2:PERSON:Siti"])

    def test_nobody_signs_what_they_did_not_look_at(self) -> None:
        """`show` gives the number."""
        with pytest.raises(WrongUse, match="sotto quality show"):
            quality.sign("s1")
