# SPDX-License-Identifier: Apache-2.0
"""Measures who is said to speak: on interviews of synthetic voices, and on clips with a reference.

    python benchmarks/diarization.py --voices flite:slt,piper:joe.onnx --voices flite:rms,flite:awb
    python benchmarks/diarization.py --voices ... --model base       words given to speakers, too
    python benchmarks/diarization.py --clips FOLDER --rttm FOLDER    NAME.wav with NAME.rttm

Voices are named as benchmarks/spoken_interviews.py says; their programs come from the system's
packages (flite, festival) or the package index (piper-tts). Each group of voices is an interview,
which is measured clean, through a telephone and in a room, with the number of speakers known and
not; two voices also in stereo with bleed. Times are those of the regions that the diarizer gets;
error rates are pyannote.metrics', in percent of the speech of the reference, with a collar of
0.25 s, overlap counted. Prints a JSON line a measurement.
"""

from __future__ import annotations

import argparse
import json
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

import numpy as np

sys.path[:0] = [str(Path(__file__).resolve().parents[1])]

from benchmarks.spoken_interviews import (
    CONDITIONS,
    RATE,
    Audio,
    Interview,
    Turn,
    interview,
    room,
)
from services.common import telemetry
from services.transcription.adapters.speaker_encoder import encoder_version
from services.transcription.adapters.vad import SileroDetector
from services.transcription.domain.analysis import analyse, layout_of, regions_by_channel
from services.transcription.domain.audio import SampleRange
from services.transcription.domain.ports import AsrResult, SpeechEngine
from services.transcription.domain.regions import RegionOptions
from services.transcription.domain.speakers import SpeakerOptions
from services.transcription.domain.spoken import Language
from services.transcription.domain.transcriber import TranscriptionOptions, make_plan, transcribe
from services.transcription.evaluation.speaker_times import speaker_times
from services.transcription.evaluation.utterances import Utterance
from services.transcription.wiring import load_diarizer

COLLAR = 0.25
BLEED_DB = (-26.0, -18.0, -12.0)


class Take:
    """Audio in memory; shape (channels, samples)."""

    bad_packets, cut_short = 0, False

    def __init__(self, audio: Audio) -> None:
        self.audio = np.atleast_2d(audio)

    def blocks(self) -> Iterator[Audio]:
        """Yield ten seconds at a time."""
        for at in range(0, self.audio.shape[1], 10 * RATE):
            yield self.audio[:, at : at + 10 * RATE]


class Counting:
    """A speech engine that counts the pieces that it transcribes."""

    def __init__(self, engine: SpeechEngine) -> None:
        self.engine, self.calls = engine, 0

    def language(self, audio: Audio, usual: Mapping[str, float]) -> Language:
        """Return the language of a region of speech."""
        return self.engine.language(audio, usual)

    def transcribe(self, audio: Audio, language: Language, *, split: bool = False) -> AsrResult:
        """Transcribe one piece."""
        self.calls += 1
        return self.engine.transcribe(audio, language, split=split)


def main() -> None:
    """Measure what is asked for."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--voices", action="append", default=[], help="voices with commas between")
    parser.add_argument("--cache", type=Path, default=Path(".cache/spoken-interviews"))
    parser.add_argument("--model", default="", help="a model's name or folder: words are measured")
    parser.add_argument("--clips", type=Path, help="recordings")
    parser.add_argument("--rttm", type=Path, help="their references; beside them by default")
    given = parser.parse_args()
    for group in given.voices:
        voices = group.split(",")
        talk = interview(voices, given.cache)
        names = [voice.rpartition("/")[2] for voice in voices]
        for condition, change in CONDITIONS.items():
            sound = change(talk.mono)
            for known in (len(voices), 0):
                _tell({"voices": names, "sound": condition, **_spans(talk.turns, sound, known)})
            if given.model:
                for apart in (len(voices), None):
                    found = _words(talk.turns, sound, apart, given.model)
                    _tell({"voices": names, "sound": condition, **found})
        if len(voices) == 2:
            chatty = interview(voices, given.cache, back_channels=True)
            for bleed in BLEED_DB:
                _tell({"voices": names, "bleed_db": bleed, **_bleed(chatty, bleed)})
    if given.clips:
        _clips(given.clips, given.rttm or given.clips)


def _spans(turns: Sequence[Turn], sound: Audio, known: int) -> dict[str, object]:
    reference = [_utterance(one) for one in turns]
    options = TranscriptionOptions(speakers=_options(known))
    begun = time.process_time()
    plan = make_plan(Take(sound), SileroDetector, load_diarizer, options)
    spent = time.process_time() - begun
    spans = [(one.span, one.speaker) for one in plan.speakers.spans]
    if not spans:
        spans = [(r, 0) for w in plan.windows for p in w.pieces for r in p.speech]
    heard = [_stretch(span, f"S{speaker + 1}") for span, speaker in spans]
    return {
        "speakers_known": known or "no",
        "speakers_found": plan.speakers.count,
        **_errors(reference, heard),
        "cpu_seconds_of_planning": round(spent, 1),
        "seconds": round(len(sound) / RATE, 1),
    }


def _words(turns: Sequence[Turn], sound: Audio, known: int | None, model: str) -> dict[str, object]:
    """Measure the words of a transcript; `known` is None where voices are not told apart."""
    from services.transcription.settings import TranscriptionSettings
    from services.transcription.wiring import EngineProvider

    settings = TranscriptionSettings.load(home=Path.cwd(), speech_model=model)
    engine = Counting(EngineProvider(settings).engine().for_study(["en"]))
    options = TranscriptionOptions(speakers=SpeakerOptions() if known is None else _options(known))
    begun = time.process_time()
    plan = make_plan(Take(sound), SileroDetector, load_diarizer, options)
    found = [s for _, part in transcribe(plan, Take(sound), engine, options) for s in part]
    spent = time.process_time() - begun
    said = [
        ((word.start_ms + word.end_ms) / 2000, segment.speaker)
        for segment in found
        for word in segment.words
    ]
    pairs: dict[tuple[int, str], int] = {}
    for middle, label in said:
        turn = min(turns, key=lambda one: max(one.start - middle, middle - one.end))
        pairs[turn.speaker, label] = pairs.get((turn.speaker, label), 0) + 1
    # Each label of the transcript stands for the person whose words it mostly has.
    right = sum(
        max(pairs.get((who, label), 0) for who, _ in pairs) for label in {s for _, s in said}
    )
    heard = [
        Utterance(s.text, s.speaker, "", (s.start_ms or 0) / 1000, (s.end_ms or 0) / 1000)
        for s in found
    ]
    return {
        "told_apart": known is not None,
        "words": len(said),
        "words_of_another_percent": round(100 * (1 - right / max(1, len(said))), 2),
        **_errors([_utterance(one) for one in turns], heard),
        "segments": len(found),
        "engine_calls": engine.calls,
        "cpu_seconds": round(spent, 1),
    }


def _bleed(talk: Interview, bleed_db: float) -> dict[str, object]:
    """Measure regions of either channel that hold only the other side, and turns that are kept."""
    result: dict[str, object] = {}
    for name, air in (("dry", None), ("room", lambda row: room(row, 2, noise_db=-90.0))):
        sound = talk.stereo(bleed_db, air)
        sound = sound + np.random.default_rng(5).normal(0, 1e-3, sound.shape).astype(np.float32)
        analysis = analyse(Take(sound), SileroDetector)
        regions = regions_by_channel(analysis, RegionOptions())
        false: list[SampleRange] = []
        kept: list[bool] = []
        short: list[bool] = []
        for channel, spoken in enumerate(regions):
            own = [turn for turn in talk.turns if turn.speaker == channel]
            spans = [SampleRange(int(t.start * RATE), int(t.end * RATE)) for t in own]
            false += [r for r in spoken if sum(r.overlap(s) for s in spans) < 0.05 * RATE]
            for turn, span in zip(own, spans, strict=True):
                whole = sum(r.overlap(span) for r in spoken) > 0.5 * len(span)
                (short if turn.back_channel else kept).append(whole)
        result[name] = {
            "layout": layout_of(analysis, regions).value,
            "false_regions": len(false),
            "false_seconds": round(sum(map(len, false)) / RATE, 1),
            "turns_kept": f"{sum(kept)}/{len(kept)}",
            "back_channels_kept": f"{sum(short)}/{len(short)}",
        }
    return result


def _clips(folder: Path, references: Path) -> None:
    telemetry.switch_off()
    from faster_whisper.audio import decode_audio

    for file in sorted(references.glob("*.rttm")):
        for clip in sorted(folder.glob(f"*{file.stem}.wav")):
            lines = [line.split() for line in file.read_text("utf-8").splitlines() if line.strip()]
            turns = [Turn(0, float(x[3]), float(x[3]) + float(x[4]), x[7]) for x in lines]
            numbers = {name: n for n, name in enumerate(dict.fromkeys(x[7] for x in lines))}
            turns = [Turn(numbers[t.text], t.start, t.end, "") for t in turns]
            sound = decode_audio(str(clip), sampling_rate=RATE)
            for known in (len(numbers), 0):
                _tell({"clip": clip.name, **_spans(turns, sound, known)})


def _options(known: int) -> SpeakerOptions:
    return SpeakerOptions(expected=known, diarizer=encoder_version())


def _utterance(turn: Turn) -> Utterance:
    return Utterance(turn.text, str(turn.speaker), "", turn.start, turn.end)


def _stretch(span: SampleRange, speaker: str) -> Utterance:
    return Utterance("", speaker, "", span.start / RATE, span.end / RATE)


def _errors(reference: Sequence[Utterance], heard: Sequence[Utterance]) -> dict[str, float]:
    parts = speaker_times(reference, heard, COLLAR)
    speech = sum(part.speech for part in parts)
    sums = {
        "missed": sum(part.missed for part in parts),
        "false_alarm": sum(part.false_alarm for part in parts),
        "confusion": sum(part.confusion for part in parts),
    }
    return {
        **{name: round(100 * value / speech, 2) for name, value in sums.items()},
        "der": round(100 * sum(sums.values()) / speech, 2),
    }


def _tell(found: dict[str, object]) -> None:
    sys.stdout.write(json.dumps(found) + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main()
