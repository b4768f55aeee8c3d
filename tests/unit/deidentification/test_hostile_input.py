# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

from collections.abc import Callable

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from services.deidentification.domain.engine import Engine
from services.deidentification.domain.transcript import Transcript, Turn

Talk = Callable[..., Transcript]
WORDS = (
    "oh one two double kosong satu Encik Nurul bin a/l Hospital Permai jalan mawar 3/2 012-3456 "
    "850312-01-5678 @ dot com at "
    "gmail March 2019 hari raya the of \u200d\u200f\u202e n u r u l \U0001f600 e\u0301 "
    "\u0b95\u0bcd\u0bb7 \u6211 "
    "\u0646\u0648\u0631 my brother Azman 's . , - \n \t [ ] ( ) +60 years old umur"
).split(" ")
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
    """Nothing crashes, and offsets stay exact."""

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
