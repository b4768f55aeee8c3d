# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

import contextlib
import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.transcription.adapters.importing import json_forms
from services.transcription.adapters.importing.source import ImportLimits, Source
from services.transcription.errors import BadTranscript, TooLarge
from tests.support.reading import read_all
from tests.support.reading_json import kinds, read, rows, said, word

JSON = st.recursive(
    st.none() | st.booleans() | st.floats() | st.integers() | st.text(max_size=10),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=6), inner),
    max_leaves=12,
)
NAMES = st.sampled_from(
    "turns segments utterances results channels alternatives items words text speaker start end "
    "chunks timestamp transcription offsets monologues elements speech transcripts phrases nBest "
    "recognizedPhrases transcript paragraphs sentences result speakers type content".split()
)
NAMED = st.recursive(
    st.none() | st.booleans() | st.floats() | st.integers() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(NAMES, inner, max_size=4),
    max_leaves=20,
)


class TestTurns:
    def test_turns(self) -> None:
        """Speaker and times are optional, seconds become milliseconds, clock times are read."""
        document = {
            "turns": [
                {"speaker": "I", "start": 1.5, "end": 2, "text": " a b "},
                {"text": "c"},
                {"speaker": "", "start": "00:01:02.5", "text": "I: d"},
            ]
        }
        assert rows(document) == [
            ("I", 1500, 2000, "a b"),
            (None, None, None, "c"),
            (None, 62_500, None, "I: d"),
        ]

    @given(
        st.lists(
            st.tuples(
                st.text("Aé中", max_size=5), st.text("ab\nü", min_size=1), st.integers(0, 10**9)
            ),
            min_size=1,
        )
    )
    def test_round_trip(self, turns: list[tuple[str, str, int]]) -> None:
        """What is written as JSON is read back as the same turns, white space aside."""
        document = {
            "turns": [{"speaker": s, "start": at / 1000, "text": text} for s, text, at in turns]
        }
        expected = [(s or None, at, None, text.strip()) for s, text, at in turns]
        assert rows(document) == expected

    @pytest.mark.parametrize(
        ("document", "place"),
        [
            ([], "turns"),
            ({"turns": {}}, "turns"),
            ({"turns": ["x"]}, r"turns\[0\]"),
            ({"turns": [{"text": 3}]}, r"turns\[0\].text"),
            ({"turns": [{"text": "a"}, {"speaker": "b"}]}, r"turns\[1\].text"),
            ({"turns": [{"text": "a", "speaker": [4]}]}, r"turns\[0\].speaker"),
            ({"turns": [{"text": "a", "speaker": True}]}, r"turns\[0\].speaker"),
            ({"turns": [{"text": "a", "start": "soon"}]}, r"turns\[0\].start"),
            ({"turns": [{"text": "a", "start": True}]}, r"turns\[0\].start"),
            ({"turns": [{"text": "a", "start": -1}]}, r"turns\[0\].start"),
            ({"turns": [{"text": "a", "start": 10**400}]}, r"turns\[0\].start"),
            ({"turns": [{"text": "a", "start": float("nan")}]}, r"turns\[0\].start"),
            ({"turns": [{"text": "\ud800"}]}, r"turns\[0\].text"),
            ({"segments": [{"text": "a", "timestamp": [1]}]}, r"segments\[0\].timestamp"),
        ],
    )
    def test_faults_are_named_by_field(self, document: Any, place: str) -> None:
        """A fault is named by its field and place."""
        with pytest.raises(BadTranscript, match=place):
            rows(document)

    def test_a_turn_that_ends_too_early_loses_its_end(self) -> None:
        """It is told, and its text is kept."""
        found, findings = read({"turns": [{"text": "a", "start": 2, "end": 1}]})
        assert found == [(None, 2000, None, "a")]
        assert kinds(findings) == ["ends_before_start"]

    def test_time_that_runs_backwards_is_told(self) -> None:
        """Turns stay in the order of the file."""
        document = {"turns": [{"text": "b", "start": 9}, {"text": "a", "start": 3}]}
        turns, reading = read_all(json.dumps(document).encode())
        assert [turn.text for turn in turns] == ["b", "a"]
        assert [(one.kind, one.place) for one in reading.warnings] == [("out_of_order", 2)]

    def test_line_breaks_are_kept(self) -> None:
        """Labels may stand behind them; a text alone is read line by line."""
        assert rows({"turns": [{"text": " I: a\nP: b "}]})[0][3] == "I: a\nP: b"
        turns, _ = read_all(b'{"text": "I: a b\\nP: c d\\n\\nI: e f"}')
        assert [turn.speaker for turn in turns] == ["I", "P", "I"]


class TestForeignFields:
    def test_their_words_are_counted_and_nowhere(self) -> None:
        """What is not read is told by its number, names of people are known, repeats are none."""
        found, findings = read(
            {
                "text": "good morning better",
                "language": "en",
                "title": "Talk with Kasturi about pills",
                "participants": ["Salmah Idris"],
                "segments": [
                    {"text": "Good morning.", "note": "Ravi looks tired", "words": [{"w": "Good"}]},
                    {"text": "better", "id": "f81d4fae"},
                ],
            }
        )
        assert [row[3] for row in found] == ["Good morning.", "better"]
        assert (findings.left_out["fields"], findings.words_left_out) == (3, 10)
        assert [one.name for one in findings.names] == ["Kasturi", "Salmah Idris"]

    def test_a_field_that_stands_twice(self) -> None:
        """The text that JSON loses is counted."""
        source = Source(b'{"turns": [{"text": "lost words", "text": "kept"}]}')
        assert [one.text for one in json_forms.read(source)] == ["kept"]
        assert source.findings.words_left_out == 2

    @given(st.lists(st.tuples(NAMES, st.text("abc", min_size=3, max_size=6)), max_size=6))
    def test_no_word_is_lost(self, fields: list[tuple[str, str]]) -> None:
        """A word of any field is in a turn, in a label, or counted."""
        segment = {"text": "hello", **{k: v for k, v in fields if k not in ("start", "end")}}
        document = {"segments": [segment]}
        with contextlib.suppress(BadTranscript):
            found, findings = read(document)
            have = " ".join(f"{who} {text}" for who, _, _, text in found)
            missing = [
                v for k, v in segment.items() if v not in have and k not in ("type", "timestamp")
            ]
            assert len(missing) <= findings.words_left_out


class TestRefusals:
    def test_json_of_something_else(self) -> None:
        """It is refused by name, with the forms that are read."""
        for document in ({"dependencies": {"a": "1"}}, {}, 3, "text", None):
            with pytest.raises(BadTranscript, match=r"of no form that is known.*Rev.*whisperX"):
                rows(document)

    @pytest.mark.parametrize("text", ["{", "[" * 100_000, '{"turns": ' + "9" * 5000 + "}", '{"a'])
    def test_what_is_no_json(self, text: str) -> None:
        """Broken, deep and enormous values are refused."""
        with pytest.raises(BadTranscript):
            list(json_forms.read(Source(text.encode())))

    @pytest.mark.parametrize("unit", ["{}", "[]", "1", '"a"', '{"a":1}', "[[]]"])
    def test_values_are_counted_before_they_are_made(self, unit: str) -> None:
        """More values than so many turns may have are refused, whatever they are."""
        text = '{"turns": [], "x": [' + ",".join([unit] * 2000) + "]}"
        with pytest.raises(TooLarge, match="more than 10 turns"):
            list(json_forms.read(Source(text.encode(), "", ImportLimits(max_turns=10))))

    def test_words_of_many_hours_pass(self) -> None:
        """The limit of turns leaves room for the words of ten hours."""
        text = json.dumps([word("a", 1.0, "A", score=0.5)] * 1000)
        assert json_forms.refuse_many(text, 200_000 // 100) is None

    @given(JSON, st.booleans())
    def test_any_document(self, document: Any, as_turns: bool) -> None:
        """Any JSON is read or refused, never more."""
        with contextlib.suppress(BadTranscript):
            rows({"turns": document} if as_turns else document)

    @given(NAMED)
    def test_any_document_with_known_names(self, document: Any) -> None:
        """So is JSON whose fields are named as those that are read."""
        with contextlib.suppress(BadTranscript, TooLarge):
            rows(document)


class TestOtherNames:
    """Programs name their lists and fields as they like."""

    def test_a_list_of_turns_under_another_name(self) -> None:
        """It is found by its items, also in an object inside."""
        turns = [{"speaker": "Mei", "start": 3, "text": "hi"}, {"speaker": "Arjun", "text": "yes"}]
        expected = [("Mei", "hi"), ("Arjun", "yes")]
        assert said({"title": "x", "paragraphs": turns}) == expected
        assert said({"data": {"lines": turns}}) == expected

    @pytest.mark.parametrize("name", ["who", "participant", "author", "username", "displayName"])
    def test_names_of_the_speaker(self, name: str) -> None:
        """The speaker is read by each name."""
        assert said([{name: "Mei", "text": "hi"}]) == [("Mei", "hi")]

    def test_settings_are_no_transcript(self) -> None:
        """Objects with texts that nobody says at no time are refused."""
        with pytest.raises(BadTranscript, match="of no form that is known"):
            rows({"items": [{"text": "File", "key": "f"}], "theme": {"name": "dark"}})

    def test_arrays_are_refused_as_json(self) -> None:
        """Lists of numbers and texts are no plain text."""
        with pytest.raises(BadTranscript, match="must be an object"):
            read_all(b'[[0, 0, 3.0, 8.0, " hi"]]', "a.json")
