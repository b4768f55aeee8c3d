# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import dataclass

import pytest

from services.deidentification.adapters.neural_recogniser import TYPES, calibrated
from services.deidentification.adapters.presidio import PresidioDetector, blocks
from services.deidentification.domain.policy import load
from services.deidentification.domain.transcript import Transcript, Turn
from services.deidentification.engine_factory import make_engine


@dataclass(frozen=True)
class Tag:
    """A tagger's span."""

    start: int
    end: int
    label: str
    score: float
    words: tuple[tuple[int, int, float], ...] = ()


class Dictionary:
    """A tagger that knows one word."""

    version = "dictionary/1"

    def __init__(self, word: str, score: float) -> None:
        self._word, self._score = word, score

    def tag(self, turns: Sequence[str]) -> list[list[Tag]]:
        """Where the word is."""
        return [
            [Tag(t.index(self._word), t.index(self._word) + len(self._word), "PERSON", self._score)]
            if self._word in t
            else []
            for t in turns
        ]


class TestTagger:
    """A tagger plugs in as a recogniser."""

    @pytest.mark.parametrize(
        ("turn", "is_found"),
        [
            ("Rejab took me to the ward", True),
            ("he is called Rejab", True),
            ("bulan Rejab tahun lepas", False),
            ("we fast on 27 Rejab", False),
            ("there are 1988 Rejab families", True),
        ],
    )
    def test_months_are_names_too(self, turn: str, *, is_found: bool) -> None:
        """A word that is a month and a name is a person unless something says that it is not."""
        found = PresidioDetector(Dictionary("Rejab", 0.99)).detect([turn]).findings
        assert any(turn[f.start : f.end] == "Rejab" for f in found) == is_found

    def test_its_tags_are_kept_as_they_were(self) -> None:
        """What the tagger saw is told beside the findings, also where rules let it go."""
        turn = "a\nthe medicine kopi"
        found = PresidioDetector(Dictionary("kopi", 0.9)).detect(["before", turn])
        (tag,) = found.tags
        assert (tag.turn, turn[tag.start : tag.end], tag.score) == (1, "kopi", 0.9)
        assert PresidioDetector().detect([turn]).tags == []

    def test_its_tags_count(self) -> None:
        """What only the tagger knows is found, everywhere."""
        engine = make_engine(load("research-default"), PresidioDetector(Dictionary("xolqua", 0.9)))
        result = engine.deidentify(Transcript((Turn("then xolqua came"), Turn("and xolqua left"))))
        assert not any("xolqua" in text for text in result.texts)
        assert "dictionary/1" in dict(engine.versions)["detector"]

    def test_everyday_words_need_certainty(self) -> None:
        """A tagger that takes an everyday word for a name is not followed at once."""
        doubtful = (TYPES["PERSON"].plain or 0.0) - 0.05
        engine = make_engine(
            load("research-default"), PresidioDetector(Dictionary("makan", doubtful))
        )
        result = engine.deidentify(Transcript((Turn("lepas tu kita makan sama"),)))
        assert result.texts == ("lepas tu kita makan sama",)

    def test_scale(self) -> None:
        """The threshold of a class is 0.5 on our scale, and order is kept."""
        assert calibrated(0.2, 0.2) == 0.5
        assert calibrated(0.1, 0.2) < calibrated(0.15, 0.2) < 0.5 < calibrated(0.3, 0.2) < 1


class TestQuiet:
    """No word of a transcript reaches a log."""

    def test_nothing_is_logged(
        self, detector: PresidioDetector, caplog: pytest.LogCaptureFixture
    ) -> None:
        """Even with the root logger at DEBUG."""
        with caplog.at_level(logging.DEBUG):
            detector.detect(["Encik Faizal 012-345 6789 faizal@example.com"])
        assert "Faizal" not in caplog.text
        assert "6789" not in caplog.text

    def test_blocks_cover_all_turns_once(self) -> None:
        """Blocks are neighbours, whatever the lengths."""
        texts = ["x" * n for n in (0, 30000, 5, 5, 19990, 10, 25000)]
        ranges = list(blocks(texts))
        assert [a for a, _ in ranges] == [0, *[b for _, b in ranges[:-1]]]
        assert ranges[-1][1] == len(texts)
