# SPDX-License-Identifier: Apache-2.0
"""Whisper base on speech that it does not know by heart; fetched once, 148 MB."""

from __future__ import annotations

import json
import re
from contextlib import nullcontext
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Never

import jiwer

from services.corrections.model import Replacement
from services.transcription.adapters.decoding import AudioLimits, RecordingReader
from services.transcription.adapters.flac import encode_flac
from services.transcription.adapters.models import ModelFolder
from services.transcription.adapters.speaker_encoder import encoder_version
from services.transcription.adapters.vad import SileroDetector
from services.transcription.adapters.voice_disguise import deepened
from services.transcription.adapters.whisper import WhisperEngine, WhisperOptions
from services.transcription.domain.bleep_job import (
    BleepedAudio,
    BleepOrder,
    BleepRunner,
    IdentifiedTranscript,
)
from services.transcription.domain.bleeping import ApprovedSegment
from services.transcription.domain.hotwords import StudyContext
from services.transcription.domain.ports import RecordingContent, RecordingIdentity
from services.transcription.domain.speakers import SpeakerOptions
from services.transcription.domain.transcriber import (
    TranscriptionOptions,
    make_plan,
    transcribe,
)
from services.transcription.domain.transcript import Segment
from services.transcription.settings import TranscriptionSettings
from services.transcription.wiring import EngineProvider, build_runner, load_diarizer
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


MARK = "[x]"


@dataclass
class Taken:
    """A recording in the store, with its transcript."""

    data: bytes
    segments: tuple[Segment, ...]
    duration_ms: int
    content_deleted: bool = False
    study: StudyContext = field(default_factory=lambda: StudyContext(("en",)))
    identity: RecordingIdentity = field(
        default_factory=lambda: RecordingIdentity("rec-" + "a" * 26, False, bytes(32))
    )

    def open(self) -> nullcontext[RecordingContent]:
        """All of it at once."""
        return nullcontext(RecordingContent("a.ogg", [self.data]))

    def run_key(self, _digest: bytes) -> str:
        """Not asked for here."""
        raise AssertionError

    def run(self, _key: str) -> Never:
        """Not opened here."""
        raise AssertionError

    def transcript(self, _run_key: str) -> IdentifiedTranscript:
        """The one that there is."""
        return IdentifiedTranscript(self.segments, self.duration_ms, "mono", invented=False)


def test_redacted_words_are_heard_no_more(tmp_path: Path) -> None:
    """Names are silent in the bleeped sound, to the model that found them and to one that knows
    nothing of them, and what stands between them is heard.
    """
    settings = TranscriptionSettings.load(
        home=tmp_path, speech_model=str(whisper_base()), speech_threads=2
    )
    runner = build_runner(settings, EngineProvider(settings))
    data = (SAMPLES / "interview-a.ogg").read_bytes()

    def hear(content: bytes) -> tuple[list[Segment], int]:
        described = runner.describe()
        options = runner.options.for_pieces(described.piece_seconds)
        options = replace(options, speakers=replace(options.speakers, diarizer=""))
        engine = runner.engine().for_study(["en"])
        with runner.open_audio([content]) as reader:
            plan = make_plan(reader, runner.detector, runner.diarizer, options)
            found = [s for _, part in transcribe(plan, reader, engine, options) for s in part]
        return found, plan.total // 16

    segments, duration_ms = hear(data)
    approved, gone = [], set()
    for one in segments:
        text, marks = one.text, []
        for name in re.findall(r"Faizal|Rahman|Kajang|Azman|hospital|March", one.text):
            at = text.index(name)
            text = text.replace(name, MARK, 1)
            marks.append(Replacement(at, at + len(MARK), "PERSON"))
            gone.add(name.lower())
        approved.append(ApprovedSegment(text, tuple(marks)))
    assert {"hospital", "march"} <= gone
    taken = Taken(data, tuple(segments), duration_ms)

    made = BleepRunner(runner, encode_flac, deepened).run(
        taken, BleepOrder("0" * 32, tuple(approved), with_tone=True), lambda: None
    )

    assert isinstance(made, BleepedAudio)
    assert made.redacted_stretches >= len(gone)
    left = words(" ".join(one.text for one in hear(made.data)[0])).split()
    assert not gone & set(left)
    assert {"recovery", "lorry", "evening"} <= set(left)
