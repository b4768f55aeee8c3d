# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

import gc
import time
from collections.abc import Callable

import pytest

from services.deidentification.adapters.presidio import RECOGNISERS, PresidioDetector
from services.deidentification.domain.policy import load
from services.deidentification.domain.tokens import Document
from services.deidentification.domain.transcript import Transcript, Turn
from services.deidentification.engine_factory import make_engine
from services.deidentification.recognisers.base import SottoRecognizer

UNITS = (
    "a", "A ", "1", "1 ", "one ", "0-", "@", "a.", "a@", "www.", "bin ", "A bin ", "12/", "no 1, ",
    "Jalan ", "n-", "dot ",
    "dot com ", "the week before ", "double ", "march ", "Hospital ", "my only ", "'s ", "(", "+6",
    "a1_", "1.1.1.", "\n",
    "oh\n", "dua puluh ", "Mr. ", "St. ", "twenty ", "years-old-", "A1-", "AB12 ", "Box 1 ",
    "Aa 1 ",
)  # fmt: skip


class TestLargeInput:
    """Size and repetition cost time in proportion, and lose nothing."""

    def test_long_transcript(self) -> None:
        """100,000 words pass, and a name at one end is found at the other.

        Slow (10 s of CPU), since the size is what is tested.
        """
        engine = make_engine(load("research-default"), PresidioDetector())
        turns = [Turn("saya rasa macam okay je and then we talk some more about it la" * 20)] * 360
        turns = [Turn("My friend Encik Zulhelmi."), *turns, Turn("zulhelmi came")]
        result = engine.deidentify(Transcript(tuple(turns)))
        assert "zulhelmi" not in result.texts[-1]

    @pytest.mark.parametrize("kind", RECOGNISERS, ids=lambda kind: kind.__name__)
    def test_time_is_linear(self, kind: Callable[[], SottoRecognizer]) -> None:
        """Sixteen times the text of a repeated unit takes nowhere near its square in time.

        Slow (30 s of CPU in all), since every recogniser reads every unit at a size at which a
        square would show.
        """
        recogniser = kind()
        for unit in UNITS:
            costs: list[float] = []
            for size in (1000, 16000):
                text = unit * (size // len(unit))
                # Collecting what the tests before left behind can take a second by itself.
                gc.disable()
                try:
                    start = time.process_time()
                    list(recogniser.find(Document.of(text)))
                    costs.append(time.process_time() - start)
                finally:
                    gc.enable()
            assert costs[1] < max(costs[0], 0.01) * 100, unit
