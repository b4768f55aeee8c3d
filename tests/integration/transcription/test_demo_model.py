# SPDX-License-Identifier: Apache-2.0
"""The shipped demo model. Slow: it decodes whole interviews, some of them twice."""

from __future__ import annotations

import hashlib
import json
import random
from itertools import pairwise
from pathlib import Path
from typing import Any

import jiwer
import numpy as np
import pytest
from faster_whisper import WhisperModel
from faster_whisper.audio import decode_audio
from numpy.typing import NDArray

from infra.models.whisper.evaluate import normalise, tracks, transcribe_as_the_service
from infra.models.whisper.script import (
    SCRIPTS,
    load_interviews,
    parse,
    practice,
    vocabulary_of,
)

ROOT = Path(__file__).parents[3]
MODEL = ROOT / "tests/data/demo_speech_model"
SAMPLES = ROOT / "tests/data/demo_model"
SPOKEN = sorted(SAMPLES.glob("*.ogg"))
# Measured: see docs/demo-model.md. The margin is for other processors, which round otherwise.
BOUND = 0.05
TRACKS = [
    "interview-a",
    "interview-b",
    "interview-c",
    "interview-c interviewer",
    "interview-c participant",
]


@pytest.fixture(scope="module")
def model() -> WhisperModel:
    """The shipped model, loaded as a service loads it."""
    return WhisperModel(
        str(MODEL), device="cpu", compute_type="int8", cpu_threads=1, local_files_only=True
    )


@pytest.fixture(scope="module")
def spoken() -> dict[str, tuple[NDArray[np.float32], list[dict[str, Any]]]]:
    """The sound and the turns of each track that can be measured."""
    return {name: (audio, turns) for name, audio, turns, _ in tracks(SAMPLES)}


def transcribe(
    model: WhisperModel, audio: NDArray[np.float32], **options: Any
) -> tuple[str, list[Any]]:
    """The text and the segments that the plain mode of faster-whisper gives."""
    settings: dict[str, Any] = {
        "beam_size": 1,
        "temperature": 0.0,
        "condition_on_previous_text": False,
        "word_timestamps": True,
        "vad_filter": True,
    }
    segments = list(model.transcribe(audio, **{**settings, **options})[0])
    return " ".join(segment.text.strip() for segment in segments), segments


class TestManifest:
    def test_says_what_it_is(self) -> None:
        """The folder names itself a demo model, so that nothing takes it for a real one."""
        marker = json.loads((MODEL / "sotto-model.json").read_text("utf-8"))
        assert marker["name"] == "sotto-demo"
        assert marker["kind"] == "demo"
        assert marker["version"]
        assert "invents" in marker["note"]

    def test_checksums_cover_every_file(self) -> None:
        """Each file of the model is listed with its SHA-256, and no other file lies there."""
        listed = json.loads((MODEL / "sotto-model.json").read_text("utf-8"))["sha256"]
        files = {p.name: p for p in MODEL.iterdir() if p.name != "sotto-model.json"}
        assert listed == {
            name: hashlib.sha256(path.read_bytes()).hexdigest() for name, path in files.items()
        }

    def test_is_small(self) -> None:
        """The model stays below ten megabytes, so that it can live in the repository."""
        assert sum(p.stat().st_size for p in MODEL.iterdir()) < 10_000_000


class TestTranscription:
    @pytest.mark.parametrize("name", TRACKS)
    def test_transcribes_the_samples(self, model: WhisperModel, spoken: Any, name: str) -> None:
        """Each shipped recording, and each channel of the stereo one, comes out as it was said."""
        audio, turns = spoken[name]
        text, segments = transcribe(model, audio)
        said = normalise(" ".join(turn["text"] for turn in turns))
        assert jiwer.wer(said, normalise(text)) <= BOUND
        words = [word for segment in segments for word in segment.words]
        assert all(a.start <= b.start for a, b in pairwise(words))
        assert all(word.start <= word.end <= len(audio) / 16000 + 0.1 for word in words)

    @pytest.mark.parametrize("path", SPOKEN, ids=lambda path: path.stem)
    def test_the_service_transcribes_the_samples(self, path: Path, tmp_path: Path) -> None:
        """With the service's own defaults each sample comes out as it was said."""
        reference = json.loads(path.with_suffix(".json").read_text("utf-8"))
        segments = transcribe_as_the_service(MODEL, path, tmp_path)
        said = normalise(" ".join(turn["text"] for turn in reference["turns"]))
        heard = normalise(" ".join(segment.text for segment in segments))
        assert jiwer.wer(said, heard) <= BOUND
        assert [p for p in reference["planted"] if normalise(p["text"]) not in heard] == []

    def test_same_audio_same_text(self, model: WhisperModel, spoken: Any) -> None:
        """A rerun gives the same text, times and probabilities to the last digit."""
        audio = spoken["interview-b"][0][: 40 * 16000]
        assert transcribe(model, audio) == transcribe(model, audio)

    @pytest.mark.parametrize("language", ["en", "ms", "zh", "ta"])
    def test_any_language_setting_is_accepted(
        self, model: WhisperModel, spoken: Any, language: str
    ) -> None:
        """The language that is asked for may be any of a study's, and changes nothing much."""
        assert model.model.is_multilingual
        audio, turns = spoken["interview-a"]
        text, _ = transcribe(model, audio[: 33 * 16000], language=language)
        assert normalise(text).startswith(normalise(turns[0]["text"])[:40])

    def test_silence_stays_silent(self, model: WhisperModel) -> None:
        """No words are invented where there is no sound at all."""
        text, _ = transcribe(model, np.zeros(12 * 16000, np.float32))
        assert text == ""


class TestSamples:
    @pytest.mark.parametrize("path", SPOKEN, ids=lambda path: path.stem)
    def test_audio_fits_its_reference(self, path: Path) -> None:
        """A sample is small, one to two minutes long, and its turns lie inside it in order."""
        reference = json.loads(path.with_suffix(".json").read_text("utf-8"))
        seconds = len(decode_audio(str(path))) / 16000
        assert path.stat().st_size < 600_000
        assert 60 <= seconds <= 120
        times = [t for turn in reference["turns"] for t in (turn["start"], turn["end"])]
        assert times == sorted(times)
        assert times[-1] <= seconds
        assert {turn["speaker"] for turn in reference["turns"]} == {"interviewer", "participant"}

    @pytest.mark.parametrize("path", SPOKEN, ids=lambda path: path.stem)
    def test_what_is_planted_is_said(self, path: Path) -> None:
        """Each planted identifier stands in the reference exactly as it is listed."""
        reference = json.loads(path.with_suffix(".json").read_text("utf-8"))
        text = " ".join(turn["text"] for turn in reference["turns"])
        assert reference["planted"]
        assert [p["text"] for p in reference["planted"] if p["text"] not in text] == []

    def test_stereo_has_a_speaker_a_channel(self) -> None:
        """In the stereo sample a channel is quiet while the other one's speaker talks."""
        left, right = decode_audio(str(SAMPLES / "interview-c.ogg"), split_stereo=True)
        reference = json.loads((SAMPLES / "interview-c.json").read_text("utf-8"))
        for turn in reference["turns"]:
            part = slice(int(turn["start"] * 16000), int(turn["end"] * 16000))
            mine, other = (left, right) if turn["speaker"] == "interviewer" else (right, left)
            assert float(np.std(other[part])) < 0.05 * float(np.std(mine[part]))

    def test_scripts_match_references(self) -> None:
        """The references are what the interview scripts say today."""
        for interview in load_interviews():
            reference = json.loads((SAMPLES / f"{interview.id}.json").read_text("utf-8"))
            assert [turn["text"] for turn in reference["turns"]] == [
                " ".join(s.text for s in turn.sentences) for turn in interview.turns
            ]
            assert reference["planted"] == list(interview.planted)


class TestScript:
    def test_spoken_form_and_punctuation(self) -> None:
        """A word may be said otherwise than it is spelt, and punctuation is never spoken."""
        sentence = parse("ms| Saya{sah yah} 52{fifty two}, ya.")
        assert sentence.text == "Saya 52, ya."
        assert sentence.spoken == "sah yah fifty two ya"
        assert sentence.language == "ms"

    def test_nothing_that_whisper_suppresses(self) -> None:
        """No script needs a sign that faster-whisper keeps the model from writing."""
        for path in SCRIPTS.glob("*.yaml"):
            for turn in json.loads((SAMPLES / f"{path.stem}.json").read_text("utf-8"))["turns"]:
                assert not set(turn["text"]) & set('"#()*+/:;<=>@[]^_`{|}~')

    def test_practice_is_seeded(self) -> None:
        """The same seed invents the same practice sentences."""
        words = vocabulary_of(load_interviews())
        first, second = ([practice(random.Random(s), words) for s in range(40)] for _ in range(2))
        assert first == second
