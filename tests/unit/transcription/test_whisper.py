# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

from services.transcription.adapters.whisper import choose_language


class TestChooseLanguage:
    GUESS = (("id", 0.6), ("ms", 0.25), ("en", 0.1))

    def test_only_allowed_ones(self) -> None:
        """A language that nobody speaks in the study is never taken."""
        assert choose_language(self.GUESS, ["en", "ms"], 0.5)[0] == "ms"

    def test_below_the_floor_the_first(self) -> None:
        """An unsure guess gives way to the most frequent language."""
        assert choose_language(self.GUESS, ["en", "ms"], 0.9)[0] == "en"

    def test_none_of_them(self) -> None:
        """Where the model gives them nothing, it is the first with no certainty."""
        assert choose_language([("fr", 1.0)], ["en", "ms"], 0.5) == ("en", 0.0)
