# SPDX-License-Identifier: Apache-2.0
"""Whisper base on speech that it does not know by heart; fetched once, 148 MB."""

from __future__ import annotations

import json
import re
from pathlib import Path

import jiwer

from services.transcription.adapters.decoding import AudioLimits, RecordingReader
from services.transcription.adapters.models import ModelFolder
from services.transcription.adapters.speaker_encoder import encoder_version
from services.transcription.adapters.vad import SileroDetector
from services.transcription.adapters.whisper import WhisperEngine, WhisperOptions
from services.transcription.domain.speakers import SpeakerOptions
from services.transcription.domain.transcriber import (
    TranscriptionOptions,
    make_plan,
    transcribe,
)
from services.transcription.wiring import load_diarizer
from tests.support.whisper import whisper_base

SAMPLES = Path(__file__).parents[3] / "flows" / "demo" / "samples"


def words(text: str) -> str:
    """What error rates are counted on."""
    return " ".join(re.sub(r"[^\w\s]", " ", text.lower()).split())


def test_an_interview_is_heard_whole() -> None:
    """A minute of two voices: few words are wrong, no turn is without words, and each voice has its
    own.
    """
    folder = whisper_base()
    engine = WhisperEngine.load(folder, WhisperOptions(threads=2)).for_study(["en", "ms"])
    speakers = SpeakerOptions(diarizer=encoder_version(), expected=2)
    options = TranscriptionOptions(speakers=speakers).for_pieces(
        ModelFolder.read(folder).piece_seconds
    )
    path = SAMPLES / "interview-a.ogg"
    recording = RecordingReader(lambda: path.open("rb"), AudioLimits())
    plan = make_plan(recording, SileroDetector, load_diarizer, options)
    heard = [s for _, found in transcribe(plan, recording, engine, options) for s in found]

    turns = json.loads(path.with_suffix(".json").read_text("utf-8"))["turns"]
    said = words(" ".join(turn["text"] for turn in turns))
    assert jiwer.wer(said, words(" ".join(segment.text for segment in heard))) < 0.15
    assert not any(segment.is_inaudible for segment in heard)
    middles = [(w.start_ms + w.end_ms) / 2000 for s in heard for w in s.words]
    assert [t for t in turns if not any(t["start"] <= m <= t["end"] for m in middles)] == []
    assert {segment.speaker for segment in heard} == {"S1", "S2"}
