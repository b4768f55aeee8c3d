# SPDX-License-Identifier: Apache-2.0
"""Measures whether an interviewer is known by an enrolled clip, on interviews of synthetic voices.

    python benchmarks/enrolled_voices.py [--interviews 240] [--out likeness.jsonl]

Voices are variants of espeak-ng in several accents, and those of flite. Half of them, by the hash
of their names, is what limits are picked on (`picked`), the other half what they are measured on
(`held_out`). Each interview is clean, through a telephone or in a room; the clip was recorded
apart, clean, and went through the checks of an enrolment. In a second comparison the interviewer
enrolled is somebody else, so that nobody in the recording is known: a match is a stranger taken
for the interviewer. Prints a JSON line for each half and each pair of limits; `--out` keeps what
was measured for each interview.
"""

from __future__ import annotations

import argparse
import hashlib
import io
import json
import sys
import tempfile
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np

sys.path[:0] = [str(Path(__file__).resolve().parents[1])]

from benchmarks.diarization import Take
from benchmarks.spoken_interviews import (
    ADDITIONS,
    CONDITIONS,
    RATE,
    Audio,
    Interview,
    interview,
    speak,
    write_wav,
)
from services.transcription.adapters.decoding import AudioLimits, RecordingReader
from services.transcription.adapters.flac import encode_flac
from services.transcription.adapters.speaker_encoder import SpeakerEncoder, encoder_version
from services.transcription.adapters.vad import SileroDetector
from services.transcription.adapters.voice_comparer import VoiceComparer
from services.transcription.domain import enrolled_voices
from services.transcription.domain.audio import SampleRange, Samples
from services.transcription.domain.enrolled_voices import Likeness, VoiceMatch
from services.transcription.domain.enrolment import ClipChecker
from services.transcription.domain.ports import AudioReader
from services.transcription.domain.speakers import SpeakerOptions
from services.transcription.domain.transcriber import TranscriptionOptions, make_plan
from services.transcription.errors import BadVoiceClip
from services.transcription.wiring import load_diarizer

_ACCENTS = ("en-us", "en-gb", "en-gb-scotland", "en-gb-x-rp", "en-gb-x-gbclan", "en-029")
_VARIANTS = (
    "Alex Alicia Andrea Andy Annie Denis Diogo Gene Henrique Hugo Jacky Lee Marco Mario Michael"
    " Mike Mr Nguyen adam anika antonio aunty belinda benjamin boris caleb david ed edward f1 f2"
    " f3 f4 f5 grandma grandpa gustave iven john kaukovalta klatt linda m1 m2 m3 m4 m5 m6 m7 m8"
    " marcelo max michel miguel norbert pablo paul pedro quincy rob robert sandro shelby steph"
    " travis victor zac"
).split()
VOICES = (
    *(f"espeak:{_ACCENTS[n % len(_ACCENTS)]}+{one}" for n, one in enumerate(_VARIANTS)),
    *(f"flite:{one}" for one in ("awb", "kal16", "rms", "slt")),
)
_LIMITS = [(t, m) for t in (0.75, 0.8, 0.82, 0.84, 0.86, 0.9) for m in (0.0, 0.05, 0.1, 0.15, 0.2)]


def main() -> None:
    """Measure both halves."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--interviews", type=int, default=240, help="in each half")
    parser.add_argument("--cache", type=Path, default=Path(".cache/spoken-interviews"))
    parser.add_argument("--out", type=Path)
    given = parser.parse_args()
    measured: dict[str, list[dict[str, Any]]] = {}
    for half, name in enumerate(("picked", "held_out")):
        voices = [one for one in VOICES if hashlib.sha256(one.encode()).digest()[0] % 2 == half]
        measured[name] = list(_measure(voices, given.interviews, given.cache))
    if given.out:
        lines = [json.dumps({"half": h, **one}) for h, found in measured.items() for one in found]
        given.out.write_text("\n".join(lines) + "\n", "utf-8")
    for half_name, found in measured.items():
        for least, margin in _LIMITS:
            counted = {"half": half_name, "likeness": least, "margin": margin}
            sys.stdout.write(json.dumps(counted | _count(found, least, margin)) + "\n")


def _measure(voices: Sequence[str], count: int, cache: Path) -> Iterator[dict[str, Any]]:
    """Yield what is measured of interviews of pairs, a third of them in each condition."""
    draw = np.random.default_rng(11)
    comparer = VoiceComparer(SpeakerEncoder.load())
    clips = {one: clip for one in voices if (clip := _clip(one, cache)) is not None}
    conditions = list(CONDITIONS.items())
    for number in range(count):
        asks, answers, away = draw.choice(len(clips), 3, replace=False)
        names = list(clips)
        talk = interview([names[asks], names[answers]], cache)
        condition, change = conditions[number % len(conditions)]
        held: list[Likeness] = []

        def compare(
            blocks: Iterable[Samples],
            spoken: Sequence[Sequence[SampleRange]],
            both: tuple[Samples, ...] = (clips[names[asks]], clips[names[away]]),
            held: list[Likeness] = held,
        ) -> Likeness:
            held.append(comparer.likeness(both, blocks, spoken))
            return held[0]

        options = TranscriptionOptions(
            speakers=SpeakerOptions(expected=2, diarizer=encoder_version())
        )
        take = Take(change(talk.mono))
        plan = make_plan(take, SileroDetector, load_diarizer, options, compare=compare)
        if not held:
            yield {"apart": False, "condition": condition, "voices": [names[asks], names[answers]]}
            continue
        yield {
            "apart": True,
            "condition": condition,
            "voices": [names[asks], names[answers], names[away]],
            "asks": _who(talk, [one.span for one in plan.speakers.spans if one.speaker == 0]),
            "present": [round(float(one), 4) for one in held[0][0]],
            "absent": [round(float(one), 4) for one in held[0][1]],
        }


def _who(talk: Interview, first: Sequence[SampleRange]) -> int:
    """Return which of the two speakers found is the one who asks, by time."""
    overlap = [0, 0]
    for turn in talk.turns:
        span = SampleRange(int(turn.start * RATE), int(turn.end * RATE))
        overlap[turn.speaker] += sum(span.overlap(one) for one in first)
    said = [sum(t.end - t.start for t in talk.turns if t.speaker == who) for who in (0, 1)]
    return 0 if overlap[0] / said[0] >= overlap[1] / said[1] else 1


def _clip(voice: str, cache: Path) -> Audio | None:
    """Return the clip of a voice as it is enrolled; None where the checks refuse it."""
    pause = np.zeros(RATE // 2, np.float32)
    texts = (" ".join(ADDITIONS), ADDITIONS[0])
    sound = np.concatenate([part for text in texts for part in (speak(voice, text, cache), pause)])
    with tempfile.NamedTemporaryFile(suffix=".wav") as file:
        write_wav(Path(file.name), sound)
        data = Path(file.name).read_bytes()
    checker = ClipChecker(_opened, SileroDetector, load_diarizer, encode_flac)
    try:
        checked = checker.check([data])
    except BadVoiceClip as error:
        sys.stderr.write(f"{voice}: {error.message}\n")
        return None
    with _opened([checked.data]) as reader:
        return np.concatenate([block[0] for block in reader.blocks()])


@contextmanager
def _opened(chunks: Iterable[bytes]) -> Iterator[AudioReader]:
    data = b"".join(chunks)
    yield RecordingReader(lambda: io.BytesIO(data), AudioLimits())


def _count(found: Sequence[dict[str, Any]], least: float, margin: float) -> dict[str, object]:
    enrolled_voices.LIKENESS, enrolled_voices.MARGIN = least, margin
    apart = [one for one in found if one["apart"]]
    here = [(one["asks"], _matched(one["present"])) for one in apart]
    away = [_matched(one["absent"]) for one in apart]
    return {
        "interviews": len(found),
        "told_apart": len(apart),
        "right": sum(who == {asks} for asks, who in here),
        "nobody": sum(not who for _, who in here),
        "wrong": sum(bool(who) and who != {asks} for asks, who in here),
        "strangers_taken": sum(map(bool, away)),
        "strangers_taken_percent": round(100 * sum(map(bool, away)) / max(1, len(away)), 1),
    }


def _matched(likeness: Sequence[float]) -> set[int]:
    return set(VoiceMatch.of(np.array([likeness], np.float32)).interviewers)


if __name__ == "__main__":
    main()
