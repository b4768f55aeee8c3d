# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

import contextlib
import json
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.transcription.evaluation.forms import parse_lines, parse_rttm, parse_stm, read
from services.transcription.evaluation.normalising import basic_words
from services.transcription.evaluation.utterances import BadComparison, Document, Utterance

PARSERS = (parse_lines, parse_rttm, parse_stm)

milliseconds = st.integers(0, 10_000_000)
names = st.text("abcXYZ019_-", min_size=1, max_size=8)
words = st.lists(st.text("abcxyz'é語", min_size=1, max_size=6), min_size=1, max_size=6)


@st.composite
def utterances(draw: st.DrawFn) -> list[Utterance]:
    """Utterances with words, speakers and times in whole milliseconds, in order."""
    found = []
    for _ in range(draw(st.integers(1, 6))):
        start = draw(milliseconds)
        end = start + draw(milliseconds)
        text = " ".join(draw(words))
        found.append(Utterance(text, draw(names), "", start / 1000, end / 1000))
    return found


def refused_or_read(parse: Callable[[str], Document], text: str) -> str:
    """Return the message by which a text is refused; "read" where it is not, with sound times."""
    try:
        found = parse(text)
    except BadComparison as error:
        return error.message
    for one in found.utterances:
        assert (one.start or 0.0) >= 0
        assert one.end is None or (one.start or 0.0) <= one.end
        assert isinstance(one.text, str)
    return "read"


class TestParsers:
    @pytest.mark.parametrize("parse", PARSERS)
    @given(text=st.text(max_size=200))
    def test_any_text_is_read_or_refused(self, parse: Callable[[str], Document], text: str) -> None:
        """Whatever stands in a file, the only error is one that a person can act on."""
        with contextlib.suppress(BadComparison):
            parse(text)

    @given(
        value=st.recursive(
            st.none() | st.booleans() | st.floats() | st.integers() | st.text(max_size=5),
            lambda inner: st.lists(inner, max_size=3)
            | st.dictionaries(
                st.sampled_from(
                    ["text", "start", "end", "start_ms", "end_ms", "speaker", "language", "doubts",
                     "segments"]
                ),
                inner,
            ),
        )
    )  # fmt: skip
    def test_any_json_is_read_or_refused(self, value: object) -> None:
        """A line of JSON of the wrong shape is told by its number."""
        found = refused_or_read(parse_lines, json.dumps(value))
        assert "line 1 " in found or "line 1:" in found or found == "read"

    @given(
        fields=st.lists(
            st.sampled_from(["SPEAKER", "a", "1", "-1", "nan", "1e999", "0.5", "<NA>", ";;", "{"]),
            max_size=11,
        )
    )
    def test_any_fields_are_read_or_refused(self, fields: list[str]) -> None:
        """Lines of fields that are nearly right give times from 0 on, or are told."""
        for parse in (parse_rttm, parse_stm):
            found = refused_or_read(parse, " ".join(fields))
            assert found == "read" or "line 1 " in found

    @given(said=utterances())
    def test_round_trips(self, said: list[Utterance]) -> None:
        """What is written in each form is what is read from it."""
        lines = "".join(
            json.dumps(
                {"speaker": one.speaker, "start": one.start, "end": one.end, "text": one.text}
            )
            + "\n"
            for one in said
        )
        stm = "".join(f"r 1 {u.speaker} {u.start} {u.end} <o> {u.text}\n" for u in said)
        rttm = "".join(
            f"SPEAKER r 1 {u.start} {(u.end or 0) - (u.start or 0)} <NA> <NA> {u.speaker} <NA>\n"
            for u in said
        )

        assert list(parse_lines(lines).utterances) == said
        assert list(parse_stm(stm).utterances) == said
        for one, read_back in zip(said, parse_rttm(rttm).utterances, strict=True):
            assert read_back.speaker == one.speaker
            assert read_back.start == one.start
            assert read_back.end == pytest.approx(one.end)

    @pytest.mark.parametrize(
        ("parse", "text", "says"),
        [
            (parse_lines, '{"text":"a"}\n{"text":', "line 2 is not JSON"),
            (parse_lines, '{"text":1}', '"text"'),
            (parse_lines, '{"text":"a","start":2,"end":1}', "ends before"),
            (parse_lines, '{"text":"a","start":true}', '"start" is no number'),
            (parse_lines, '{"text":"a","start":1e999}', "a time that is none"),
            (parse_lines, '{"text":"a","segments":[1]}', '"segments"'),
            (parse_rttm, "SPEAKER r 1 0.0 1.0 <NA>", "line 1 is none of RTTM"),
            (parse_rttm, "SPEAKER r 1 0.0 -1 <NA> <NA> A <NA>", "a time that is none"),
            (
                parse_rttm,
                "SPEAKER r 1 0 1 <NA> <NA> A <NA>\nSPEAKER q 1 0 1 <NA> <NA> A <NA>",
                "2 recordings",
            ),
            (parse_stm, "r 1 A 0.0", "line 1 is none of STM"),
            (parse_stm, ";; x\nr 1 A 3 1 words", "line 2 ends before"),
            (parse_stm, "r 1 A 0 1 { a / b }", "alternatives"),
            (parse_stm, "r 1 x 0 1 IGNORE_TIME_SEGMENT_IN_SCORING", "to be ignored"),
        ],
    )
    def test_faults_are_told_with_their_place(
        self, parse: Callable[[str], Document], text: str, says: str
    ) -> None:
        """The line and what was expected are told."""
        with pytest.raises(BadComparison, match="recordings" if "rec" in says else None) as told:
            parse(text)

        assert says in told.value.message

    def test_passes_over_other_lines_of_rttm(self) -> None:
        """Lines about words and comments are no fault."""
        text = ";; c\nSPKR-INFO r 1 <NA> <NA> <NA> adult A <NA>\nSPEAKER r 1 1 2 <NA> <NA> A <NA>\n"

        assert parse_rttm(text).utterances == (Utterance(speaker="A", start=1.0, end=3.0),)


class TestRead:
    def test_turns_of_a_release(self, tmp_path: Path) -> None:
        """The jsonl of a release is read by its segments, with their languages."""
        turn = {
            "turn": 0, "speaker": "P07", "role": "participant", "start_ms": 0, "end_ms": 2000,
            "text": "a b",
            "segments": [
                {"start_ms": 0, "end_ms": 900, "language": "en", "text": "a"},
                {"start_ms": 1000, "end_ms": 2000, "language": "ms", "text": "b"},
            ],
        }  # fmt: skip
        file = tmp_path / "r.jsonl"
        file.write_text(json.dumps(turn) + "\n")

        found = read(file)

        assert [(one.text, one.language, one.start) for one in found.utterances] == [
            ("a", "en", 0.0),
            ("b", "ms", 1.0),
        ]

    def test_forms_of_intake(self, tmp_path: Path) -> None:
        """A caption file gives speakers and times, a plain text words alone."""
        captions, plain = tmp_path / "r.vtt", tmp_path / "r.txt"
        captions.write_text("WEBVTT\n\n00:01.000 --> 00:02.500\n<v Ana>good morning\n")
        plain.write_text("good morning\n")

        assert read(captions).utterances == (Utterance("good morning", "Ana", "", 1.0, 2.5),)
        assert not read(plain).has_times
        assert not read(plain).has_speakers

    def test_utterances_are_in_order(self, tmp_path: Path) -> None:
        """Lines that are not sorted by time are compared in the order in which they were said."""
        file = tmp_path / "r.jsonl"
        file.write_text('{"text":"b","start":5,"end":6}\n{"text":"a","start":1,"end":2}\n', "utf-8")

        assert [one.text for one in read(file).utterances] == ["a", "b"]

    @pytest.mark.parametrize(
        ("name", "content", "says"),
        [
            ("r.stm", b"r 1 A 0 1 a\nr 1 A 1 2 \xff\n", "line 2 is not UTF-8"),
            ("r.rttm", b";; nothing\n", "nobody says anything"),
            ("r.txt", b"", "empty"),
            ("r.jsonl", b'{"text":"a","index":0}\n[]\n', "line 2 is no JSON object"),
        ],
    )
    def test_file_and_place_are_told(
        self, tmp_path: Path, name: str, content: bytes, says: str
    ) -> None:
        """A file that cannot be read is told by its name and the place in it."""
        (tmp_path / name).write_bytes(content)

        with pytest.raises(BadComparison) as told:
            read(tmp_path / name)

        assert name in told.value.message
        assert says in told.value.message


class TestBasicWords:
    def test_scripts_keep_their_marks(self) -> None:
        """Vowel signs and tones stay with their words; Chinese is counted by characters."""
        assert basic_words("வணக்கம், டாக்டர்!") == ["வணக்கம்", "டாக்டர்"]
        assert basic_words("我今天很累。OK lah") == ["我", "今", "天", "很", "累", "ok", "lah"]
        assert basic_words("Don't [laughs] go—now") == ["dont", "go", "now"]

    @given(text=st.text(max_size=60))
    def test_twice_is_once(self, text: str) -> None:
        """Words that were made comparable stay as they are."""
        once = basic_words(text)

        assert basic_words(" ".join(once)) == once
