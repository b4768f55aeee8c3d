# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

from typing import Any

import pytest

from services.transcription.errors import BadTranscript
from tests.support.reading_json import kinds, read, rows, said


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
