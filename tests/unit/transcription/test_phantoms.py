# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from services.transcription.adapters.models import ModelFolder, ModelRegistry
from services.transcription.domain.audio import SAMPLE_RATE, SampleRange
from services.transcription.domain.evidence import EvidenceOptions, measure_evidence
from services.transcription.domain.phantoms import phrases, plain, unspoken
from services.transcription.domain.ports import AsrSegment
from services.transcription.domain.spoken import Trial
from services.transcription.domain.transcript import Doubt
from services.transcription.wiring import check_model
from tests.support.speech_model import DEMO_FOLDER


def trial(text: str, compression: float = 1.0) -> Trial:
    """What a model wrote of a sound."""
    return Trial("en", text, -0.3, compression)


class TestUnspoken:
    """Sounds without speech."""

    def test_are_the_same_each_time(self) -> None:
        """Seeded, so that a model that is added twice has the same phrases; silence is first."""
        first, again = list(unspoken()), list(unspoken())
        assert not first[0].any()
        assert len(first) > 4
        for one, other in zip(first, again, strict=True):
            assert np.array_equal(one, other)
            assert np.abs(one).max() < 1

    def test_take_seconds(self) -> None:
        """All together are no longer than a minute, so that adding a model takes no long wait."""
        assert sum(map(len, unspoken())) <= 60 * SAMPLE_RATE


class TestPhrases:
    """What was written of them."""

    def test_each_once_without_loops(self) -> None:
        """In one spelling; a loop, or a text without letters, is no phrase."""
        written = [trial("You."), trial(" you"), trial("..."), trial("a a a a a a", 3.0)]
        assert phrases([*written, trial("I'm sorry.")]) == ("i m sorry", "you")

    @pytest.mark.parametrize(
        ("text", "no_speech", "doubted"),
        [("I'm sorry!", 0.4, True), ("I'm sorry!", 0.01, False), ("I'm sorry, Ali.", 0.4, False)],
    )
    def test_doubt_what_stands_alone_and_unsure(
        self, text: str, no_speech: float, doubted: bool
    ) -> None:
        """People say these words, too: they are doubtful where nothing else is said and the model
        is unsure that there is speech.
        """
        span = SampleRange(0, 3 * SAMPLE_RATE)
        segment = AsrSegment(text, 0.0, 3.0, (), -0.2, no_speech, 1.0)
        options = EvidenceOptions(phantoms=("i m sorry",))
        found = measure_evidence(segment, 1.0, span, span, [span], options)
        assert (Doubt.STOCK_PHRASE in found.doubts) is doubted


class TestHarvest:
    """They are heard when a model is added, and stored with it."""

    def test_stored_with_the_model(self, tmp_path: Path) -> None:
        """A model that is added knows what it writes of silence and noise; one that never was knows
        none.
        """
        assert ModelFolder.read(DEMO_FOLDER).phantoms == ()
        registry = ModelRegistry(tmp_path)
        added = registry.add(DEMO_FOLDER, "mine", check_model)
        again = registry.add(DEMO_FOLDER, "again", check_model)
        assert added.phantoms
        assert added.phantoms == again.phantoms == registry.find("mine").phantoms
        assert all(phrase == plain(phrase) for phrase in added.phantoms)
        assert added.damaged() == []
