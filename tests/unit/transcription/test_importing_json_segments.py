# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

from typing import Any

import pytest

from tests.support.reading_json import kinds, read, rows, said, word


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
