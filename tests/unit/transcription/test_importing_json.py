# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

import contextlib
import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.transcription.adapters.importing import json_forms, jsonl
from services.transcription.adapters.importing.source import ImportLimits, Source
from services.transcription.domain.reading import Findings
from services.transcription.errors import BadTranscript, TooLarge
from tests.support.reading import read_all

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

Row = tuple[str | None, int | None, int | None, str]


def read(document: Any) -> tuple[list[Row], Findings]:
    """Speaker, times and text of the passages of a document, and what is noted beside them."""
    source = Source(json.dumps(document).encode())
    found = [(one.speaker, one.start_ms, one.end_ms, one.text) for one in json_forms.read(source)]
    return found, source.findings


def rows(document: Any) -> list[Row]:
    """Speaker, times and text of the passages of a document."""
    return read(document)[0]


def said(document: Any) -> list[tuple[str | None, str]]:
    """Speaker and text of the passages of a document."""
    return [(who, text) for who, _, _, text in rows(document)]


def kinds(findings: Findings) -> list[str]:
    """Kinds of the warnings."""
    return [one.kind for one in findings.warnings]


def word(text: str, start: float, who: Any = None, **more: Any) -> dict[str, Any]:
    """A word as whisperX writes it."""
    return {"word": text, "start": start, "end": start + 0.5, "speaker": who, **more}


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


class TestWhisper:
    def test_segments_of_whisper_and_faster_whisper(self) -> None:
        """Segments in seconds; the whole text and the words say the same again."""
        found, findings = read(
            {
                "text": " Good morning. Better.",
                "segments": [
                    {
                        "id": 0,
                        "seek": 0,
                        "start": 0.5,
                        "end": 2.25,
                        "text": " Good morning.",
                        "tokens": [1, 2],
                        "avg_logprob": -0.2,
                        "words": [{"word": " Good", "start": 0.5, "end": 1, "probability": 0.9}],
                    },
                    {"id": 1, "start": 3, "end": 4, "text": " Better.", "words": None},
                ],
                "language": "en",
            }
        )
        assert found == [(None, 500, 2250, "Good morning."), (None, 3000, 4000, "Better.")]
        assert not findings.left_out

    def test_a_segment_of_two_speakers_is_cut(self) -> None:
        """The text is cut as it stands; a word without a speaker is of the one before it."""
        words = [
            word("How", 1, "SPEAKER_00"),
            word("are", 1.5, "SPEAKER_00"),
            {"word": "you?"},
            word("Fine,", 3, "SPEAKER_01"),
            word("lah.", 3.5, "SPEAKER_01"),
        ]
        document = {
            "segments": [
                {
                    "start": 1,
                    "end": 4,
                    "text": " How are  you? Fine,  lah.",
                    "speaker": "SPEAKER_00",
                    "words": words,
                }
            ]
        }
        assert rows(document) == [
            ("SPEAKER_00", 1000, 2000, "How are  you?"),
            ("SPEAKER_01", 3000, 4000, "Fine,  lah."),
        ]
        document["segments"][0]["text"] = "something else"
        assert said(document) == [("SPEAKER_00", "How are you?"), ("SPEAKER_01", "Fine, lah.")]

    def test_speakers_of_words_alone(self) -> None:
        """A segment without a speaker is of the one that all its words are of."""
        document = [{"text": "ya betul", "words": [word("ya", 1, "B"), word("betul", 2, "B")]}]
        assert rows(document) == [("B", 1000, 2500, "ya betul")]

    def test_chinese_is_cut_between_its_letters(self) -> None:
        """Words without spaces between them are found in the text."""
        words = [word("你", 1, "A"), word("好", 2, "A"), word("嗎", 3, "B")]
        assert said([{"text": "你好嗎", "words": words}]) == [("A", "你好"), ("B", "嗎")]

    def test_whisper_cpp(self) -> None:
        """Offsets are milliseconds."""
        document = {
            "systeminfo": "AVX = 1",
            "transcription": [
                {
                    "timestamps": {"from": "00:00:01,500", "to": "00:00:02,000"},
                    "offsets": {"from": 1500, "to": 2000},
                    "text": " (speaker 0) hello",
                },
                {"timestamps": {"from": "00:00:03,000", "to": "00:00:04,000"}, "text": " ya"},
            ],
        }
        assert rows(document) == [
            (None, 1500, 2000, "(speaker 0) hello"),
            (None, 3000, 4000, "ya"),
        ]

    def test_insanely_fast_whisper(self) -> None:
        """Chunks with pairs of times; where speakers were found, these have the text."""
        chunks = [
            {"timestamp": [0.0, 2.5], "text": " hello"},
            {"timestamp": [3, None], "text": "ya"},
        ]
        assert rows({"speakers": [], "chunks": chunks, "text": " hello ya"}) == [
            (None, 0, 2500, "hello"),
            (None, 3000, None, "ya"),
        ]
        speakers = [{**one, "speaker": f"SPEAKER_0{n}"} for n, one in enumerate(chunks)]
        assert said({"speakers": speakers, "chunks": chunks}) == [
            ("SPEAKER_00", "hello"),
            ("SPEAKER_01", "ya"),
        ]

    @pytest.mark.parametrize(
        "item",
        [
            {"start": 1.5, "end": 2.5, "speaker": "A", "text": "hi"},
            {"start_time": 1.5, "end_time": 2.5, "speaker": "A", "text": "hi"},
            {"startTime": 1.5, "endTime": 2.5, "speaker": "A", "body": "hi"},
            {"start": "00:00:01.500", "end": "00:00:02,500", "speaker": "A", "text": "hi"},
            {"start_ms": 1500, "end_ms": 2500, "start": "x", "speaker": "A", "text": "hi"},
            {"start": 1.5, "duration": 1.0, "speaker_label": "A", "content": "hi"},
            {"timestamp": [1.5, 2.5], "speaker": {"name": "A", "id": 7}, "text": "hi"},
            {"start": 1.5, "end": 2.5, "speaker_name": "A", "speaker_id": 3, "sentence": "hi"},
            {"start": "1.5s", "end": "PT2.5S", "speaker": "A", "transcript": "hi"},
            {"offsets": {"from": 1500, "to": 2500}, "speaker": "A", "text": " hi"},
            {"speaker": "A", "words": [{"text": " hi", "data_start": 1.5, "data_end": 2.5}]},
        ],
    )
    def test_names_of_fields(self, item: dict[str, Any]) -> None:
        """Text, speaker and times are found under the names that programs give them."""
        assert rows([item]) == [("A", 1500, 2500, "hi")]
        assert rows({"segments": [item]}) == [("A", 1500, 2500, "hi")]

    def test_milliseconds_where_seconds_are_usual(self) -> None:
        """Whole numbers by which people would take minutes for a word are milliseconds; told."""
        found, findings = read([{"start": 3000, "end": 8000, "text": "Good morning to you"}])
        assert found == [(None, 3000, 8000, "Good morning to you")]
        assert kinds(findings) == ["times_guessed"]
        found, findings = read([{"start": 3, "end": 8, "text": "Good morning to you"}])
        assert (found[0][1], kinds(findings)) == (3000, [])


class TestServices:
    def test_assembly(self) -> None:
        """Utterances in milliseconds; without speakers, the words."""
        utterance = {"speaker": "A", "text": "Good morning", "start": 3000, "end": 8000}
        assert rows({"id": "x", "text": "Good morning", "utterances": [utterance]}) == [
            ("A", 3000, 8000, "Good morning")
        ]
        words = [{"text": "Good", "start": 3000, "end": 3200, "speaker": None, "confidence": 1}]
        assert rows({"text": "Good", "utterances": None, "words": words}) == [
            (None, 3000, 3200, "Good")
        ]
        seconds = {"text": "Good morning to all of you", "start": 1, "end": 4}
        found, findings = read({"utterances": [seconds]})
        assert (found[0][1:3], kinds(findings)) == ((1000, 4000), ["times_guessed"])

    def test_deepgram(self) -> None:
        """Utterances go before paragraphs, these before words; channels are told apart."""
        words = [
            {"word": "hi", "punctuated_word": "Hi.", "start": 1, "end": 1.5, "speaker": 0},
            {"word": "ya", "punctuated_word": "Ya.", "start": 2, "end": 2.5, "speaker": 1},
        ]
        paragraphs = [
            {
                "sentences": [{"text": "Hi.", "start": 1, "end": 1.5}, {"text": "You?"}],
                "speaker": 0,
                "start": 1,
                "end": 3,
            }
        ]
        best = {"transcript": "Hi. Ya.", "words": words}
        whole = {
            "metadata": {"request_id": "x"},
            "results": {"channels": [{"alternatives": [best]}]},
        }
        both = [("Speaker 0", 1000, 1500, "Hi."), ("Speaker 1", 2000, 2500, "Ya.")]
        assert rows(whole) == both
        best["paragraphs"] = {"transcript": "", "paragraphs": paragraphs}
        assert rows(whole) == [("Speaker 0", 1000, 3000, "Hi. You?")]
        whole["results"]["utterances"] = [
            {"start": 1, "end": 2, "transcript": "Hi.", "speaker": 0, "words": words[:1]}
        ]
        assert rows(whole) == [("Speaker 0", 1000, 2000, "Hi.")]
        channels = [
            {"alternatives": [{"words": [{"word": w, "start": at, "end": at}]}]}
            for w, at in (("second", 4), ("first", 2))
        ]
        assert said({"results": {"channels": channels}}) == [
            ("Speaker 1", "first"),
            ("Speaker 0", "second"),
        ]

    def test_amazon(self) -> None:
        """Words with the labels of their own or of the segments; or audio segments."""
        items = [
            {
                "type": "pronunciation",
                "start_time": "1.04",
                "end_time": "1.5",
                "alternatives": [{"confidence": "0.9", "content": "Hi"}],
            },
            {"type": "punctuation", "alternatives": [{"content": "."}]},
            {
                "type": "pronunciation",
                "start_time": "2.0",
                "end_time": "2.5",
                "alternatives": [{"content": "Ya"}],
                "speaker_label": "spk_1",
            },
        ]
        labels = {
            "segments": [{"items": [{"start_time": "1.04", "speaker_label": "spk_0"}]}],
        }
        results = {
            "transcripts": [{"transcript": "Hi. Ya"}],
            "items": items,
            "speaker_labels": labels,
        }
        assert rows({"jobName": "x", "results": results}) == [
            ("spk_0", 1040, 1500, "Hi."),
            ("spk_1", 2000, 2500, "Ya"),
        ]
        segments = [
            {
                "transcript": "Hi. Ya",
                "start_time": "1.0",
                "end_time": "2.5",
                "speaker_label": "spk_0",
                "items": [0, 1, 2],
            }
        ]
        assert rows({"results": {**results, "audio_segments": segments}}) == [
            ("spk_0", 1000, 2500, "Hi. Ya")
        ]
        assert said({"results": {"transcripts": [{"transcript": "Hi"}], "items": []}}) == [
            (None, "Hi")
        ]
        calls = [
            {
                "ParticipantRole": "AGENT",
                "Content": "Hi",
                "BeginOffsetMillis": 1000,
                "EndOffsetMillis": 2000,
            }
        ]
        assert rows({"Transcript": calls}) == [("AGENT", 1000, 2000, "Hi")]

    def test_google(self) -> None:
        """Words with speakers stand in the last result; without them each result is a passage."""
        words = [
            {"word": "hi", "startTime": "1s", "endTime": "1.500s"},
            {"word": "ya", "startTime": "2s", "endTime": "2.500s"},
        ]
        first = {"alternatives": [{"transcript": " hi ya", "words": words}]}
        assert rows({"results": [first]}) == [(None, 1000, 2500, "hi ya")]
        tagged = [{**one, "speakerTag": n} for n, one in enumerate(words, 1)]
        last = {"alternatives": [{"words": tagged}]}
        assert said({"results": [first, last]}) == [("Speaker 1", "hi"), ("Speaker 2", "ya")]

    def test_watson(self) -> None:
        """Words are lists; who says them stands in a list apart, by their starts."""
        best = {"transcript": "hi ya ", "timestamps": [["hi", 1.0, 1.5], ["ya", 2.0, 2.5]]}
        document: dict[str, Any] = {"results": [{"alternatives": [best]}]}
        assert rows(document) == [(None, 1000, 2500, "hi ya")]
        document["speaker_labels"] = [
            {"from": 1.0, "to": 1.5, "speaker": 0},
            {"from": 2.0, "to": 2.5, "speaker": 1},
        ]
        assert said(document) == [("Speaker 0", "hi"), ("Speaker 1", "ya")]
        best["timestamps"] = [["hi"]]
        with pytest.raises(BadTranscript, match=r"timestamps\[0\]"):
            rows(document)

    def test_azure(self) -> None:
        """Batch phrases have ISO durations, fast ones milliseconds."""
        phrase = {
            "channel": 0,
            "speaker": 2,
            "offset": "PT1M1.5S",
            "duration": "PT2S",
            "nBest": [{"lexical": "hi", "display": "Hi."}],
        }
        assert rows({"recognizedPhrases": [phrase]}) == [("Speaker 2", 61_500, 63_500, "Hi.")]
        fast = {
            "offsetMilliseconds": 500,
            "durationMilliseconds": 1000,
            "text": "Hi.",
            "speaker": 1,
        }
        assert rows({"phrases": [fast], "combinedPhrases": [{"text": "Hi."}]}) == [
            ("Speaker 1", 500, 1500, "Hi.")
        ]

    def test_rev(self) -> None:
        """Elements are joined as they stand; a list of speakers names them."""
        elements = [
            {"type": "text", "value": "Hi", "ts": 0.5, "end_ts": 1.0},
            {"type": "punct", "value": ", "},
            {"type": "text", "value": "Ravi", "ts": 1.2, "end_ts": 1.5},
        ]
        document = {"monologues": [{"speaker": 0, "elements": elements}]}
        assert rows(document) == [("Speaker 0", 500, 1500, "Hi, Ravi")]
        document["speakers"] = [{"id": 0, "name": "Salmah"}]
        assert said(document) == [("Salmah", "Hi, Ravi")]

    def test_speechmatics(self) -> None:
        """Marks belong to the word before them; an unknown speaker is none."""
        results = [
            {
                "type": kind,
                "start_time": at,
                "end_time": at + 0.5,
                "alternatives": [{"content": text, "speaker": who}],
            }
            for kind, text, at, who in (
                ("word", "Hi", 1, "S1"),
                ("punctuation", ".", 1, "S1"),
                ("word", "Ya", 2, "S2"),
                ("word", "mm", 9, "UU"),
            )
        ]
        assert rows({"format": "2.9", "results": results}) == [
            ("S1", 1000, 1500, "Hi."),
            ("S2", 2000, 2500, "Ya"),
            (None, 9000, 9500, "mm"),
        ]

    def test_words_with_spaces_as_items(self) -> None:
        """ElevenLabs writes spaces and sounds as items of their own."""
        items = [
            {"text": text, "type": kind, "start": at, "end": at + 0.2, "speaker_id": who}
            for text, kind, at, who in (
                ("Hi", "word", 1.0, "speaker_0"),
                (" ", "spacing", 1.2, "speaker_0"),
                ("(laughs)", "audio_event", 1.5, "speaker_0"),
                ("Ya", "word", 2.5, "speaker_1"),
            )
        ]
        assert said({"language_code": "en", "text": "Hi (laughs) Ya", "words": items}) == [
            ("speaker_0", "Hi (laughs)"),
            ("speaker_1", "Ya"),
        ]

    def test_others(self) -> None:
        """Lists that stand deeper, and single answers, are read."""
        one = {"text": "Hi", "start": 1.5, "end": 2.5, "speaker": 0}
        expected = [("Speaker 0", 1500, 2500, "Hi")]
        assert rows({"result": {"transcription": {"utterances": [one]}}}) == expected
        assert rows({"output": {"turnLevelTranscription": [one]}}) == expected
        assert rows({"transcript": [one]}) == expected
        assert rows({"sentences": [one]}) == expected
        assert said({"text": "Hi", "usage": {"seconds": 3}}) == [(None, "Hi")]
        vosk = {"result": [{"word": "hi", "start": 1, "end": 2, "conf": 1}], "text": "hi"}
        assert rows(vosk) == [(None, 1000, 2000, "hi")]
        assert rows([vosk, {"text": "ya"}, {"partial": ""}])[1] == (None, None, None, "ya")
        entry = {
            "text": "Hi",
            "speakerId": "x@y",
            "speakerDisplayName": "Salmah",
            "startOffset": "00:00:01.5000000",
            "endOffset": "00:00:02.5000000",
        }
        assert rows({"type": "Transcript", "entries": [entry]}) == [("Salmah", 1500, 2500, "Hi")]
        spoken = {"segments": [{"speaker": "spk1", "text": "Hi"}, {"speaker": 2, "text": "Ya"}]}
        named = [{"spkid": "spk1", "name": "Salmah"}, {"id": 2, "name": "Ravi"}]
        assert said({**spoken, "speakers": named}) == [("Salmah", "Hi"), ("Ravi", "Ya")]
        assert said({**spoken, "speakers": {"spk1": "Salmah"}})[0] == ("Salmah", "Hi")
        otter = {
            "speech": {
                "transcripts": [
                    {
                        "transcript": "Hi",
                        "start_offset": 16_000,
                        "end_offset": 32_000,
                        "speaker_id": 9,
                    }
                ],
                "speakers": [{"id": 9, "speaker_name": "Salmah"}],
            }
        }
        assert rows(otter) == [("Salmah", 1000, 2000, "Hi")]


class TestLines:
    def read(self, text: str) -> list[Row]:
        """The passages of JSON Lines."""
        found = jsonl.read(Source(text.encode()))
        return [(one.speaker, one.start_ms, one.end_ms, one.text) for one in found]

    def test_a_turn_a_line(self) -> None:
        """Blank lines do not matter; each line may be a document of another form."""
        text = '{"speaker":"I","text":"a","start":1}\n\n{"speaker":"P","text":"b","start":2.5}\n'
        assert self.read(text) == [("I", 1000, None, "a"), ("P", 2500, None, "b")]
        text = '{"segments":[{"text":"a"}]}\n{"segments":[{"text":"b"}]}\n'
        assert [row[3] for row in self.read(text)] == ["a", "b"]

    @pytest.mark.parametrize(
        ("text", "place"),
        [
            ('{"text":"a"}\n{"text":\n', "line 2"),
            ('{"text":"a"}\n\n[1]\n', "Line 3"),
            ('{"text":"a"}\n{"text":"b","start":"x"}\n', "line 2.start"),
        ],
    )
    def test_faults_are_named_by_line(self, text: str, place: str) -> None:
        """A fault is named by its line and field."""
        with pytest.raises(BadTranscript, match=place):
            self.read(text)

    def test_recognition(self) -> None:
        """Two lines that are objects are JSON Lines, one alone only where its name says so."""
        assert jsonl.looks_like('{"a": 1}\n{"b": 2}\n')
        assert not jsonl.looks_like('{"a": 1}\n')
        assert jsonl.looks_like('{"a": 1}\n', alone=True)
        assert not jsonl.looks_like('{\n "a": 1}\n', alone=True)
        assert json_forms.looks_like('[\n {"a"')
        assert json_forms.looks_like("{}")
        for text in ("[00:00:01] I: hi", "{Salmah} hi", "[[noise]] hi", "[Salmah]: hi"):
            assert not json_forms.looks_like(text)


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


def test_google_version_2_has_words_of_each_result_once() -> None:
    """Words with speakers stand in all results, and none is lost."""
    results = [
        {
            "alternatives": [
                {
                    "transcript": text,
                    "words": [
                        {"word": one, "startOffset": f"{at}.5s", "speakerLabel": who}
                        for one in text.split()
                    ],
                }
            ]
        }
        for at, (who, text) in enumerate([("1", "how are you"), ("2", "fine"), ("1", "and so on")])
    ]
    assert said({"results": results}) == [("1", "how are you"), ("2", "fine"), ("1", "and so on")]


def test_rev_of_people_has_clock_times() -> None:
    """Transcripts that people of Rev typed have `timestamp` in place of `ts`."""
    element = {
        "type": "text",
        "value": "hi",
        "timestamp": "00:00:03,500",
        "end_timestamp": "00:00:04,000",
    }
    document = {"monologues": [{"speaker": 0, "elements": [element]}]}
    assert rows(document) == [("Speaker 0", 3500, 4000, "hi")]


def test_funasr_has_sentences_beside_the_whole_text() -> None:
    """Its sentences have speakers and times, in milliseconds, and the text as a whole has none."""
    sentences = [
        {"text": "how are you today", "start": 3000, "end": 4000, "spk": 0},
        {"text": "quite fine, thank you", "start": 9000, "end": 9900, "spk": 1},
    ]
    document = {"key": "a", "text": "how are you today quite fine", "sentence_info": sentences}
    expected = [
        ("Speaker 0", 3000, 4000, "how are you today"),
        ("Speaker 1", 9000, 9900, "quite fine, thank you"),
    ]
    assert rows([document]) == expected
    assert rows(document) == expected


def test_a_list_called_result_is_not_of_vosk_alone() -> None:
    """Vosk has a text beside its words; others have turns under that name."""
    assert said({"result": [{"spk": 1, "start": 1.5, "sentence": "hi"}]}) == [("Speaker 1", "hi")]
