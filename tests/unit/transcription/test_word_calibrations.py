# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

import json
import math
from pathlib import Path

import pytest

from services.transcription.adapters import word_calibrations
from services.transcription.adapters.known_models import known_models
from services.transcription.adapters.word_calibrations import word_calibration

TABLE = json.loads(
    Path(word_calibrations.__file__).parents[1].joinpath("word_doubts.json").read_text()
)


class TestWordCalibration:
    """What the word probabilities of a model are worth."""

    @pytest.mark.parametrize("name", ["base", "tiny.en"])
    def test_known_models_have_their_own(self, name: str) -> None:
        """A model is recognised by its files' name in the list of known models."""
        assert name in {model.name for model in known_models()}
        assert word_calibration(name).name == name

    @pytest.mark.parametrize("name", ["", "large-v3", "a site's own"])
    def test_others_have_one_together(self, name: str) -> None:
        """A model that nobody measured gets what holds for all that were."""
        assert word_calibration(name).name == "other models"

    def test_words_are_doubtful_below_the_probability(self) -> None:
        """The mark follows the word's own probability and nothing else."""
        found = word_calibration("base")
        for given in (found.below - 0.001, found.below):
            assert found.doubts(given) is (given < found.below)

    @pytest.mark.parametrize("row", TABLE["models"], ids=lambda row: row["name"])
    def test_the_table_agrees_with_itself(self, row: dict[str, object]) -> None:
        """Each threshold is where the regression gives the least probability of being wrong, and on
        talk that it has not seen the marks find most errors in a part of the text.
        """
        fitted, measured, below = row["fitted"], row["measured"], row["below"]
        assert isinstance(fitted, dict)
        assert isinstance(measured, dict)
        assert isinstance(below, float)
        odds = fitted["intercept"] + fitted["slope"] * math.log(below / (1 - below))
        assert 1 / (1 + math.exp(-odds)) == pytest.approx(TABLE["least_error"], abs=0.01)
        assert measured["found"] > 2 * measured["marked"]
        assert measured["right"] > TABLE["least_error"]
