# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

import time
from collections.abc import Callable

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from services.deidentification.adapters.presidio import RECOGNISERS
from services.deidentification.domain.engine import Engine
from services.deidentification.domain.tokens import Document
from services.deidentification.domain.transcript import Transcript, Turn
from services.deidentification.recognisers.base import SottoRecognizer

Talk = Callable[..., Transcript]
WORDS = (
    "oh one two double kosong satu Encik Nurul bin a/l Hospital Permai jalan mawar 3/2 012-3456 "
    "850312-01-5678 @ dot com at "
    "gmail March 2019 hari raya the of \u200d\u200f\u202e n u r u l \U0001f600 e\u0301 "
    "\u0b95\u0bcd\u0bb7 \u6211 "
    "\u0646\u0648\u0631 my brother Azman 's . , - \n \t [ ] ( ) +60 years old umur"
).split(" ")
UNITS = (
    "a", "A ", "1", "1 ", "one ", "0-", "@", "a.", "a@", "www.", "bin ", "A bin ", "12/", "no 1, ",
    "Jalan ", "n-", "dot ",
    "dot com ", "the week before ", "double ", "march ", "Hospital ", "my only ", "'s ", "(", "+6",
    "a1_", "1.1.1.", "\n",
    "oh\n", "dua puluh ", "Mr. ", "St. ", "twenty ", "years-old-", "A1-", "AB12 ", "Box 1 ",
    "Aa 1 ",
)  # fmt: skip
talkish = st.lists(st.sampled_from(WORDS), max_size=40).map(" ".join)


def reassemble(turn: str, text: str, engine: Engine) -> None:
    """Offsets are exact: the original with its redactions replaced is the output."""
    result = engine.deidentify(Transcript((Turn(turn), Turn(text))))
    for index, original in enumerate((turn, text)):
        at, pieces = 0, []
        for r in result.redactions:
            if r.turn == index:
                assert at <= r.start < r.end <= len(original)
                pieces += [original[at : r.start], r.replacement]
                at = r.end
        assert "".join(pieces) + original[at:] == result.texts[index]


class TestHostileInput:
    """Nothing crashes, offsets stay exact, time stays linear."""

    @settings(
        max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
    )
    @given(st.one_of(talkish, st.text(max_size=120)), talkish)
    def test_offsets_are_exact(self, engine: Engine, first: str, second: str) -> None:
        """Any text in any script comes out as itself with its redactions replaced."""
        reassemble(first, second, engine)

    @pytest.mark.parametrize(
        "name",
        [
            "Nur\u200dul",
            "\u202bNurul\u202c",
            "Nu\u0301rul",
            "\u200fNurul",
        ],
    )
    def test_invisible_characters_hide_no_name(self, engine: Engine, talk: Talk, name: str) -> None:
        """Joiners, marks and direction signs inside a name hide nothing."""
        result = engine.deidentify(talk("", "Encik Nurul came.", "", f"saw {name} again"))
        assert name not in result.texts[3]

    def test_empty(self, engine: Engine) -> None:
        """No turns, empty turns, white space alone."""
        assert engine.deidentify(Transcript(())).texts == ()
        blank = engine.deidentify(Transcript((Turn(""), Turn(" \n\t "), Turn("\u200d"))))
        assert blank.texts == ("", " \n\t ", "\u200d")

    def test_long_transcript(self, engine: Engine) -> None:
        """100,000 words pass, and a name at one end is found at the other.

        Slow (10 s of CPU), since the size is what is tested.
        """
        turns = [Turn("saya rasa macam okay je and then we talk some more about it la" * 20)] * 360
        turns = [Turn("My friend Encik Zulhelmi."), *turns, Turn("zulhelmi came")]
        result = engine.deidentify(Transcript(tuple(turns)))
        assert "zulhelmi" not in result.texts[-1]

    @pytest.mark.parametrize("kind", RECOGNISERS, ids=lambda kind: kind.__name__)
    def test_time_is_linear(self, kind: Callable[[], SottoRecognizer]) -> None:
        """Sixteen times the text of a repeated unit takes nowhere near its square in time.

        Slow (30 s of CPU in all), since every recogniser reads every unit at a size at which a square
        would show.
        """
        recogniser = kind()
        for unit in UNITS:
            costs: list[float] = []
            for size in (1000, 16000):
                text = unit * (size // len(unit))
                start = time.process_time()
                list(recogniser.find(Document.of(text)))
                costs.append(time.process_time() - start)
            assert costs[1] < max(costs[0], 0.01) * 100, unit
