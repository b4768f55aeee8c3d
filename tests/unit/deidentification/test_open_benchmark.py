# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

import json
from pathlib import Path

import pytest

from benchmarks.deid_open import (
    people,
    places,
    templates_dev,
    templates_test,
)
from benchmarks.deid_open.generate import SPLITS, TURNS, lines

DATA = Path(__file__).parents[3] / "benchmarks" / "deid_data"


class TestBenchmark:
    """The shipped splits, their generator and their separation."""

    @pytest.mark.parametrize("split", list(SPLITS))
    def test_generator_gives_the_shipped_bytes(self, split: str) -> None:
        """The generator reproduces the shipped file byte for byte."""
        assert "".join(lines(split)).encode() == (DATA / f"{split}.jsonl").read_bytes()

    @pytest.mark.parametrize("split", list(SPLITS))
    def test_spans_are_inside_their_turn_and_apart(self, split: str) -> None:
        """Gold spans lie inside their turns, are not blank at an edge and do not overlap."""
        for line in lines(split):
            interview = json.loads(line)
            assert len(interview["turns"]) == TURNS
            last = (-1, 0)
            for span in interview["spans"]:
                text = interview["turns"][span["turn"]]["text"]
                assert 0 <= span["start"] < span["end"] <= len(text)
                covered = text[span["start"] : span["end"]]
                assert covered == covered.strip()
                assert (span["turn"], span["start"]) >= last
                last = (span["turn"], span["end"])

    def test_splits_share_no_name_place_or_template(self) -> None:
        """Names, places and identifying exchanges of dev and test are disjoint."""
        assert not people.DEV.words() & people.TEST.words()
        assert not people.DEV.given_pairs() & people.TEST.given_pairs()
        assert not places.DEV.words() & places.TEST.words()
        for key, bank in templates_dev.EXCHANGES.items():
            assert not set(bank) & set(templates_test.EXCHANGES[key])
