# SPDX-License-Identifier: Apache-2.0
"""Speaks sentences with flite and keeps the time of every word and phone.

`flite -psdur` prints the end of each phone. That is free, exact supervision: without it a small
model learns the scripts as a language model and ignores the sound.
"""

from __future__ import annotations

import json
import random
import subprocess
import tempfile
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import cache
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import soundfile as sf
from numpy.typing import NDArray

from .script import Interview, Sentence

RATE = 16000
VOICES: dict[str, tuple[str, int]] = {  # our name -> flite voice, pitch shift in cents
    "slt": ("slt", 0),
    "rms": ("rms", 0),
    "awb": ("awb", 0),
    "slt-high": ("slt", 180),
}


@dataclass(frozen=True)
class Clip:
    """One rendered sentence.

    `audio` is float32 mono at 16 kHz; `phones` are (name, start, end) and `words` (start, end), one
    per written word, in seconds from the start of the clip.
    """

    sentence: Sentence
    voice: str
    audio: NDArray[np.float32]
    phones: tuple[tuple[str, float, float], ...]
    words: tuple[tuple[float, float], ...]

    @property
    def seconds(self) -> float:
        """How long the clip is."""
        return len(self.audio) / RATE


@cache
def _phone_count(spoken: str) -> int:
    """Return how many phones flite gives to a word said alone."""
    command = ["flite", "-voice", "slt", "-ps", "-t", f"{spoken} ", "none"]
    out = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    return max(1, sum(phone != "pau" for phone in out.split()))


def _word_times(
    sentence: Sentence, phones: Sequence[tuple[str, float, float]]
) -> tuple[tuple[float, float], ...]:
    """Share the phones of a sentence among its words, in proportion to each word's own count."""
    sounded = [p for p in phones if p[0] != "pau"]
    counts = [_phone_count(said) for _, said in sentence.words]
    edges = np.round(np.cumsum([0, *counts]) * len(sounded) / sum(counts)).astype(int)
    last = len(sounded) - 1
    return tuple(
        (sounded[min(a, last)][1], sounded[min(max(a, b - 1), last)][2]) for a, b in pairwise(edges)
    )


def speak(sentence: Sentence, voice: str, stretch: float) -> Clip:
    """Render a sentence; `stretch` above 1 is slower. The clip is trimmed to the speech itself."""
    name, cents = VOICES[voice]
    with tempfile.TemporaryDirectory() as folder:
        wav = Path(folder) / "a.wav"
        out = subprocess.run(
            ["flite", "-voice", name, "--setf", f"duration_stretch={stretch}", "-psdur",
             "-t", f"{sentence.spoken} ", "-o", str(wav)],
            check=True, capture_output=True, text=True,
        ).stdout  # fmt: skip
        if cents:
            shifted = Path(folder) / "b.wav"
            subprocess.run(["sox", "-R", str(wav), str(shifted), "pitch", str(cents)], check=True)
            wav = shifted
        audio, rate = sf.read(wav, dtype="float32")
    assert rate == RATE, rate
    start, phones = 0.0, []
    for item in out.split():
        label, _, end = item.rpartition(":")
        phones.append((label, start, float(end)))
        start = float(end)
    while phones[0][0] == "pau":
        phones.pop(0)
    while phones[-1][0] == "pau":
        phones.pop()
    begin, end_ = max(0.0, phones[0][1] - 0.02), phones[-1][2] + 0.04
    audio = audio[int(begin * RATE) : int(end_ * RATE)]
    audio = (audio * (0.7 / max(1e-3, float(np.abs(audio).max())))).astype(np.float32)
    timed = tuple((p, round(a - begin, 3), round(b - begin, 3)) for p, a, b in phones)
    return Clip(sentence, voice, audio, timed, _word_times(sentence, timed))


def speak_all(jobs: Sequence[tuple[Sentence, str, float]], workers: int = 1) -> list[Clip]:
    """Render many sentences; the order of the result is the order of the jobs."""
    with ThreadPoolExecutor(workers) as pool:
        return list(pool.map(lambda job: speak(*job), jobs))


@dataclass(frozen=True)
class Placed:
    """A clip at its place in a recording."""

    clip: Clip
    start: float
    role: str

    @property
    def end(self) -> float:
        """Where the clip ends in the recording, in seconds."""
        return self.start + self.clip.seconds


def assemble(interview: Interview, seed: int = 11) -> tuple[NDArray[np.float32], list[Placed]]:
    """Lay the sentences of an interview out in time, with pauses and a little room noise.

    Returns:
        Audio of shape (channels, samples), and each clip with its start. In stereo the
        interviewer is the left channel.
    """
    rng = random.Random(f"{interview.id}/{seed}")
    items = [(turn.role, s) for turn in interview.turns for s in turn.sentences]
    clips = speak_all([(s, interview.voices[role], 1.03) for role, s in items])
    placed, at, before = [], 0.6, None
    for (role, _), clip in zip(items, clips, strict=True):
        if before is not None:
            at += rng.uniform(0.7, 1.2) if role != before else rng.uniform(0.35, 0.6)
        at = round(at, 2)
        placed.append(Placed(clip, at, role))
        at, before = at + clip.seconds, role
    samples = int((at + 0.9) * RATE)
    noise = np.random.default_rng(seed)
    audio = noise.normal(0, 0.0012, (interview.channels, samples)).astype(np.float32)
    for item in placed:
        channel = 0 if interview.channels == 1 or item.role == "interviewer" else 1
        first = int(item.start * RATE)
        audio[channel, first : first + len(item.clip.audio)] += 0.7 * item.clip.audio
    return audio, placed


def reference(interview: Interview, placed: Sequence[Placed]) -> dict[str, Any]:
    """Return the reference of a sample: its turns with times in seconds, and what is planted in it."""
    turns: list[dict[str, Any]] = []
    left = list(placed)
    for turn in interview.turns:
        mine, left = left[: len(turn.sentences)], left[len(turn.sentences) :]
        turns.append(
            {
                "speaker": turn.role,
                "start": round(mine[0].start, 2),
                "end": round(mine[-1].end, 2),
                "text": " ".join(s.text for s in turn.sentences),
            }
        )
    return {
        "id": interview.id,
        "language": interview.language,
        "channels": interview.channels,
        "turns": turns,
        "planted": list(interview.planted),
    }


def write_sample(interview: Interview, folder: Path) -> list[Placed]:
    """Write `<id>.ogg` (Opus) and `<id>.json`; return where each sentence stands."""
    audio, placed = assemble(interview)
    folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as temporary:
        wav = Path(temporary) / "a.wav"
        sf.write(wav, audio.T, RATE, subtype="PCM_16")
        subprocess.run(
            ["ffmpeg", "-v", "error", "-y", "-i", str(wav), "-map_metadata", "-1",
             "-c:a", "libopus",
             "-b:a", f"{20 * interview.channels}k", "-fflags", "+bitexact", "-flags:a", "+bitexact",
             str(folder / f"{interview.id}.ogg")],
            check=True,
        )  # fmt: skip
    text = json.dumps(reference(interview, placed), indent=1, ensure_ascii=False)
    (folder / f"{interview.id}.json").write_text(text + "\n", "utf-8")
    return placed
