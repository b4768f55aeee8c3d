# SPDX-License-Identifier: Apache-2.0
"""Measures a demo model on the shipped samples, through faster-whisper as the service calls it."""

from __future__ import annotations

import json
import re
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import jiwer
import numpy as np
from faster_whisper import BatchedInferencePipeline, WhisperModel
from faster_whisper.audio import decode_audio
from faster_whisper.vad import VadOptions, get_speech_timestamps
from numpy.typing import NDArray

RATE = 16000
_COMMON = {"temperature": 0.0, "condition_on_previous_text": False, "word_timestamps": True}
Audio = NDArray[np.float32]


def normalise(text: str) -> str:
    """Return text in lower case, without punctuation: what word error rates are counted on."""
    return " ".join(re.sub(r"[^\w\s]", " ", text.lower()).split())


def tracks(samples: Path) -> Iterator[tuple[str, Audio, list[dict[str, Any]], dict[str, Any]]]:
    """Yield each sample mixed down, and each channel of a stereo one: name, audio, turns, reference."""
    for sound in sorted(samples.glob("*.ogg")):
        reference, audio = json.loads(sound.with_suffix(".json").read_text("utf-8")), str(sound)
        yield reference["id"], decode_audio(audio), reference["turns"], reference
        if reference["channels"] == 2:
            for role, channel in zip(
                ("interviewer", "participant"), decode_audio(audio, split_stereo=True), strict=True
            ):
                turns = [t for t in reference["turns"] if t["speaker"] == role]
                yield f"{reference['id']} {role}", channel, turns, reference


def speech_windows(audio: Audio, longest: float = 30.0) -> list[tuple[int, int]]:
    """Cut audio at silences into windows of at most `longest` seconds: (first, last) sample."""
    options = VadOptions(min_silence_duration_ms=500, speech_pad_ms=200)
    windows: list[tuple[int, int]] = []
    for piece in get_speech_timestamps(audio, options):
        if (
            windows
            and piece["end"] - windows[-1][0] <= longest * RATE
            and piece["start"] - windows[-1][1] < RATE
        ):
            windows[-1] = (windows[-1][0], piece["end"])
        else:
            windows.append((piece["start"], piece["end"]))
    return windows


def modes(model: WhisperModel) -> dict[str, Callable[[Audio], list[Any]]]:
    """Return the ways of calling faster-whisper that are measured."""
    batched = BatchedInferencePipeline(model)

    def plain(**options: Any) -> Callable[[Audio], list[Any]]:
        return lambda audio: list(model.transcribe(audio, **{**_COMMON, **options})[0])

    def pieces(longest: float, **options: Any) -> Callable[[Audio], list[Any]]:
        def run(audio: Audio) -> list[Any]:
            found = []
            for first, last in speech_windows(audio, longest):
                heard, _ = model.transcribe(audio[first:last], **{**_COMMON, **options})
                found += [replace(s, words=_shift(s.words, first / RATE)) for s in heard]
            return found

        return run

    return {
        "plain vad beam5": plain(vad_filter=True, beam_size=5),
        "plain vad beam1": plain(vad_filter=True, beam_size=1),
        "plain vad beam5 no words": plain(vad_filter=True, beam_size=5, word_timestamps=False),
        "plain no vad beam5": plain(beam_size=5),
        "plain vad beam5 en": plain(vad_filter=True, beam_size=5, language="en"),
        "plain vad beam5 ms": plain(vad_filter=True, beam_size=5, language="ms"),
        "plain vad multilingual": plain(vad_filter=True, beam_size=5, multilingual=True),
        "plain vad conditioned": plain(
            vad_filter=True, beam_size=5, condition_on_previous_text=True
        ),
        "pieces 10 s beam1": pieces(10.0, beam_size=1, hallucination_silence_threshold=2.0),
        "pieces 10 s beam5": pieces(10.0, beam_size=5, hallucination_silence_threshold=2.0),
        "pieces 30 s beam1": pieces(30.0, beam_size=1),
        "batched timestamps": lambda audio: list(
            batched.transcribe(
                audio, without_timestamps=False, word_timestamps=True, temperature=0.0, batch_size=4
            )[0]
        ),
        "batched default": lambda audio: list(
            batched.transcribe(audio, temperature=0.0, batch_size=4)[0]
        ),
    }


def _shift(words: list[Any], seconds: float) -> list[Any]:
    return [replace(w, start=w.start + seconds, end=w.end + seconds) for w in words]


def transcribe_as_the_service(model_folder: Path, sound: Path, home: Path) -> list[Any]:
    """Return the segments that the transcription service makes of a recording by default."""
    from services.transcription.adapters.decoding import RecordingReader
    from services.transcription.adapters.vad import SileroDetector
    from services.transcription.domain.transcriber import make_plan, transcribe
    from services.transcription.settings import TranscriptionSettings
    from services.transcription.wiring import (
        EngineProvider,
        audio_limits,
        load_diarizer,
        transcription_options,
    )

    settings = TranscriptionSettings.load(home=home, speech_model=str(model_folder.absolute()))
    recording = RecordingReader(lambda: sound.open("rb"), audio_limits(settings))
    recording.probe()
    provider = EngineProvider(settings)
    engine = provider.engine().for_study(["en", "ms", "zh", "ta"])
    options = transcription_options(settings).for_pieces(provider.describe().piece_seconds)
    plan = make_plan(recording, SileroDetector, load_diarizer, options)
    return [s for _, found in transcribe(plan, recording, engine, options) for s in found]


def evaluate(model_folder: Path, samples: Path, only: str = "") -> dict[tuple[str, str], float]:
    """Print and return the word error rate of each mode on each track."""
    model = WhisperModel(str(model_folder), device="cpu", compute_type="int8", cpu_threads=1)
    rates: dict[tuple[str, str], float] = {}
    for mode, run in modes(model).items():
        if only not in mode:
            continue
        for name, audio, turns, reference in tracks(samples):
            rates[mode, name] = _report(mode, name, run(audio), turns, reference["planted"])
    if only in "service":
        for sound in sorted(samples.glob("*.ogg")):
            reference = json.loads(sound.with_suffix(".json").read_text("utf-8"))
            with tempfile.TemporaryDirectory() as home:
                segments = transcribe_as_the_service(model_folder, sound, Path(home))
            turns, planted = reference["turns"], reference["planted"]
            rates["service", sound.stem] = _report("service", sound.stem, segments, turns, planted)
    return rates


def _report(
    mode: str, name: str, segments: list[Any], turns: list[dict[str, Any]], planted: list[Any]
) -> float:
    said = normalise(" ".join(turn["text"] for turn in turns))
    heard = normalise(" ".join(segment.text for segment in segments))
    rate = float(jiwer.wer(said, heard))
    there = [p for item in planted if (p := normalise(item["text"])) in said]
    missed = [p for p in there if p not in heard]
    late = "" if mode == "service" else _lateness(segments, turns)
    print(
        f"{mode:26s} {name:24s} WER {100 * rate:5.1f} % planted heard "
        f"{len(there) - len(missed)}/{len(there)} segments {len(segments)} {late} {missed or ''}",
        flush=True,
    )
    return rate


def _lateness(segments: list[Any], turns: list[dict[str, Any]]) -> str:
    """Return how far the first words of verbatim turns are from their reference."""
    words = [w for s in segments for w in (s.words or [])]
    plain = [normalise(w.word) for w in words]
    errors = []
    for turn in turns:
        wanted = normalise(turn["text"]).split()
        for i in range(len(plain) - len(wanted) + 1):
            if plain[i : i + len(wanted)] == wanted:
                errors.append(abs(words[i].start - turn["start"]))
                break
    return f"start error median {np.median(errors):.2f} max {max(errors):.2f} s" if errors else ""
