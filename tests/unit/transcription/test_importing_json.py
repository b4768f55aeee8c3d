# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

import contextlib
import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.transcription.adapters.importing.json_turns import parse
from services.transcription.domain.turns import Turn
from services.transcription.errors import BadTranscript

JSON = st.recursive(
    st.none() | st.booleans() | st.floats() | st.integers() | st.text(max_size=10),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=6), inner),
    max_leaves=12,
)


class TestJson:
    def test_turns(self) -> None:
        """Speaker and times are optional, seconds become milliseconds."""
        text = (
            '{"turns": [{"speaker": "I", "start": 1.5, "end": 2, "text": "a  b"}, {"text": "c"}]}'
        )
        assert list(parse(text)) == [Turn("I", "a b", 1500, 2000), Turn("", "c")]

    @given(
        st.lists(
            st.tuples(
                st.text("Aé中 ", max_size=5), st.text("ab\nü", min_size=1), st.integers(0, 10**9)
            )
        )
    )
    def test_round_trip(self, turns: list[tuple[str, str, int]]) -> None:
        """What is written as JSON is read back as the same turns, white space aside."""
        document = {
            "turns": [{"speaker": s, "start": at / 1000, "text": said} for s, said, at in turns]
        }
        expected = [Turn(s, " ".join(said.split()), at) for s, said, at in turns]
        assert list(parse(json.dumps(document))) == expected

    @pytest.mark.parametrize(
        ("document", "place"),
        [
            ([], "turns"),
            ({"turns": {}}, "turns"),
            ({"turns": ["x"]}, r"turns\[0\]"),
            ({"turns": [{"text": 3}]}, r"turns\[0\].text"),
            ({"turns": [{"text": "a", "speaker": 4}]}, r"turns\[0\].speaker"),
            ({"turns": [{"text": "a", "start": "1"}]}, r"turns\[0\].start"),
            ({"turns": [{"text": "a", "start": True}]}, r"turns\[0\].start"),
            ({"turns": [{"text": "a", "start": -1}]}, r"turns\[0\].start"),
            ({"turns": [{"text": "a", "start": 10**400}]}, r"turns\[0\].start"),
            ({"turns": [{"text": "a", "start": float("nan")}]}, r"turns\[0\].start"),
            ({"turns": [{"text": "a", "start": 2, "end": 1}]}, r"turns\[0\]"),
            ({"turns": [{"text": "\ud800"}]}, r"turns\[0\].text"),
        ],
    )
    def test_faults_are_named_by_field(self, document: Any, place: str) -> None:
        """A fault is named by turn and field."""
        with pytest.raises(BadTranscript, match=place):
            list(parse(json.dumps(document)))

    @pytest.mark.parametrize("text", ["{", "[" * 100_000, '{"turns": ' + "9" * 5000 + "}"])
    def test_what_is_no_json(self, text: str) -> None:
        """Broken, deep and enormous values are refused."""
        with pytest.raises(BadTranscript):
            list(parse(text))

    @given(JSON, st.booleans())
    def test_any_document(self, document: Any, as_turns: bool) -> None:
        """Any JSON is read or refused, never more."""
        with contextlib.suppress(BadTranscript):
            list(parse(json.dumps({"turns": document} if as_turns else document)))
