# SPDX-License-Identifier: Apache-2.0
"""Words that a model hears of texts that are known, each with whether it is wrong.

Texts are turns of the interviews in `benchmarks/deid_by_hand`, spoken by programs of the machine.
"""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from rapidfuzz.distance import Levenshtein

from benchmarks.deid_by_hand.marks import read_folder
from benchmarks.spoken_interviews import CONDITIONS, RATE, Audio, speak
from services.transcription.adapters.vad import SileroDetector
from services.transcription.adapters.whisper import WhisperEngine
from services.transcription.domain.audio import Samples
from services.transcription.domain.transcriber import TranscriptionOptions, make_plan, transcribe
from services.transcription.domain.transcript import Segment
from services.transcription.evaluation.normalising import basic_words
from services.transcription.wiring import load_diarizer

_WHISPER_SECONDS = 30.0  # what the model takes at once
_PAUSE = 0.8  # seconds between turns
_TURNS = 6  # of a recording
_DRAWN = 180  # turns, of which the first are taken, so that a longer run begins with the same
_SHORTEST, _LONGEST = 6, 45  # words of a turn
_SAME = {"ok": "okay", "mum": "mom", "alright": "right", "yeah": "ya", "yah": "ya", "la": "lah"}
"""Spellings of one sound, between which nobody can choose."""


@dataclass(frozen=True, slots=True)
class HeardWord:
    """A word as it was heard: its probability, and whether it is wrong."""

    text: str
    probability: float
    is_wrong: bool
    clip: str


class _Sound:
    """A recording in memory."""

    bad_packets, cut_short = 0, False

    def __init__(self, audio: Audio) -> None:
        self._audio = audio

    def blocks(self) -> Iterator[Samples]:
        for at in range(0, len(self._audio), RATE * 10):
            yield self._audio[None, at : at + RATE * 10]


def texts(folder: Path, turns: int, seed: int = 1) -> list[str]:
    """Return turns of interviews, drawn at random: without digits, which are spelt in many ways."""
    found = [
        text
        for interview in read_folder(folder)
        if interview.style == "founding"
        for _, text in interview.turns
        if _SHORTEST <= len(text.split()) <= _LONGEST
        and not any(c.isdigit() or c in "[]" for c in text)
    ]
    return random.Random(seed).sample(found, _DRAWN)[:turns]


def spoken(
    said: Sequence[str], voices: Sequence[str], folder: Path
) -> Iterator[tuple[str, Sequence[str], Audio]]:
    """Yield recordings of several turns: what they are, what is said, and the sound.

    Voices and conditions take turns.
    """
    conditions = list(CONDITIONS)
    for number, first in enumerate(range(0, len(said), _TURNS)):
        voice = voices[number % len(voices)]
        condition = conditions[number // len(voices) % len(conditions)]
        part = said[first : first + _TURNS]
        pause = np.zeros(int(_PAUSE * RATE), np.float32)
        pieces = [piece for text in part for piece in (speak(voice, text, folder), pause)]
        audio = np.concatenate([pause, *pieces])
        noise = np.random.default_rng(number).normal(0, 10 ** (-65 / 20), len(audio))
        sound = CONDITIONS[condition]((audio + noise).astype(np.float32))
        yield f"{voice.rpartition('/')[2]} {condition}", part, sound


def hear(engine: WhisperEngine, audio: Audio) -> list[Segment]:
    """Return what the service would write of a recording."""
    options, sound = TranscriptionOptions().for_pieces(_WHISPER_SECONDS), _Sound(audio)
    plan = make_plan(sound, SileroDetector, load_diarizer, options)
    return [s for _, found in transcribe(plan, sound, engine, options) for s in found]


def judged(clip: str, said: Sequence[str], heard: Sequence[Segment]) -> Iterator[HeardWord]:
    """Yield the words that were heard, each with whether it is wrong; those with digits are left
    out.
    """
    reference = [_plain(word) for text in said for word in basic_words(text)]
    words = [(segment, at) for segment in heard for at in range(len(segment.words))]
    parts = [basic_words(segment.words[at].text) for segment, at in words]
    tokens = [_plain(token) for part in parts for token in part]
    wrong = [True] * len(tokens)
    for block in Levenshtein.opcodes(reference, tokens):
        if block.tag == "equal":
            wrong[block.dest_start : block.dest_end] = [False] * (block.dest_end - block.dest_start)
    at = 0
    for (segment, index), part in zip(words, parts, strict=True):
        states = wrong[at : at + len(part)]
        at += len(part)
        word = segment.words[index]
        if not states or any(c.isdigit() for c in word.text) or segment.evidence is None:
            continue
        yield HeardWord(word.text.strip(), word.probability, any(states), clip)


def _plain(word: str) -> str:
    return _SAME.get(word, word)
