# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

import json
import re
from collections import Counter

import jiwer
import numpy as np
import pytest

from services.transcription.adapters.decoding import AudioLimits, RecordingReader
from services.transcription.adapters.models import ModelFolder
from services.transcription.adapters.speaker_encoder import encoder_version
from services.transcription.adapters.vad import SileroDetector
from services.transcription.adapters.whisper import WhisperEngine, WhisperOptions
from services.transcription.adapters.whisper_model import LanguageTryingModel
from services.transcription.domain.speakers import SpeakerOptions
from services.transcription.domain.spoken import Language
from services.transcription.domain.transcriber import (
    TranscriptionOptions,
    make_plan,
    transcribe,
)
from services.transcription.domain.transcript import Segment
from services.transcription.wiring import load_diarizer
from tests.support.sounds import SAMPLES, sample
from tests.support.speech_model import DEMO_FOLDER


@pytest.fixture(scope="module")
def engine() -> WhisperEngine:
    """The shipped demo model."""
    return WhisperEngine.load(DEMO_FOLDER, WhisperOptions())


def transcribed(engine: WhisperEngine, name: str) -> list[Segment]:
    """The transcript of a shipped sample, as the service makes it."""
    path = SAMPLES / f"{name}.ogg"
    recording = RecordingReader(lambda: path.open("rb"), AudioLimits())
    speakers = SpeakerOptions(diarizer=encoder_version())
    options = TranscriptionOptions(speakers=speakers).for_pieces(
        ModelFolder.read(DEMO_FOLDER).piece_seconds
    )
    plan = make_plan(recording, SileroDetector, load_diarizer, options)
    return [s for _, found in transcribe(plan, recording, engine, options) for s in found]


def words(text: str) -> str:
    """What error rates are counted on."""
    return " ".join(re.sub(r"[^\w\s]", " ", text.lower()).split())


@pytest.mark.parametrize("name", ["interview-a", "interview-c"])
class TestSamples:
    def test_words_speakers_and_evidence(self, engine: WhisperEngine, name: str) -> None:
        """Through our own windows the demo model gives words and speakers of the samples."""
        reference = json.loads((SAMPLES / f"{name}.json").read_text("utf-8"))["turns"]
        segments = transcribed(engine.for_study(["en", "ms"]), name)
        said = words(" ".join(turn["text"] for turn in reference))
        heard = words(" ".join(segment.text for segment in segments))
        assert jiwer.wer(said, heard) < 0.05
        pairs: Counter[tuple[str, str]] = Counter()
        for segment in segments:
            middle = ((segment.start_ms or 0) + (segment.end_ms or 0)) / 2000
            turn = min(reference, key=lambda t: max(t["start"] - middle, middle - t["end"]))
            pairs[segment.speaker, turn["speaker"]] += 1
        assert len(pairs) == 2
        assert {(s.speaker, s.role.value) for s in segments} == set(pairs)
        assert sum(bool(s.evidence and s.evidence.doubtful) for s in segments) <= 2
        for segment in segments:
            times = [t for w in segment.words for t in (w.start_ms, w.end_ms)]
            assert times == sorted(times)


class TestModelFolder:
    def test_knows_how_long_a_piece_may_be_without_loading(self, engine: WhisperEngine) -> None:
        """What a plan reads of the folder is what faster-whisper reads of it."""
        read = engine._model.feature_extractor.chunk_length
        assert ModelFolder.read(DEMO_FOLDER).piece_seconds == read != 30


ENGLISH = Language("en", 1.0, sure=True)


class TestLanguageTryingModel:
    def test_a_known_language_costs_nothing(
        self, engine: WhisperEngine, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """Where a study has one language, no sound is encoded to find it out."""
        audio = np.ascontiguousarray(sample("interview-a")[0, : 8 * 16_000])
        monkeypatch.setattr(LanguageTryingModel, "encode", None)
        assert engine.for_study(["ms"]).language(audio, {}).code == "ms"

    def test_the_language_of_samples(self, engine: WhisperEngine) -> None:
        """The language of sure regions is found, whatever is usual."""
        audio = np.ascontiguousarray(sample("interview-a")[0, : 8 * 16_000])
        for usual in ({}, {"ms": 0.5}):
            assert engine.for_study(["ms", "en"]).language(audio, usual).code == "en"

    def test_no_state_between_pieces(self, engine: WhisperEngine) -> None:
        """A piece is transcribed the same, whatever was transcribed before it."""
        audio = sample("interview-a")[0]
        pieces = [audio[at : at + 6 * 16_000] for at in range(0, 30 * 16_000, 6 * 16_000)]
        forward = [engine.transcribe(piece, ENGLISH) for piece in pieces]
        backward = [engine.transcribe(piece, ENGLISH) for piece in reversed(pieces)][::-1]
        assert forward == backward
