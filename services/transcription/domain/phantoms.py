# SPDX-License-Identifier: Apache-2.0
"""Phantom phrases: what a model writes where nobody speaks.

Each model has its own. They are heard once, when a model is added: silence, and noise from seeds,
so that the same model gives the same phrases.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

import numpy as np

from services.transcription.domain.audio import SAMPLE_RATE, Samples
from services.transcription.domain.spoken import Trial

LANGUAGES = ("en", "ms", "zh", "ta")
"""Languages in which a model that knows several is asked."""

_SECONDS = 8
_LOUDNESS = {"white": (-50.0, -30.0), "low": (-30.0,), "bursts": (-30.0,), "hum": (-40.0,)}
"""Levels in dB of full scale: from the noise of a quiet room to that of a fan beside the recorder.
Bursts come three times a second, as syllables do, which takes most models in."""

_BURSTS_HERTZ, _MAINS_HERTZ = 3.0, 50.0
_LOW_SAMPLES = 16
"""Samples over which noise is averaged to leave the low part of it."""

_WORD = re.compile(r"\w+")


def unspoken() -> Iterator[Samples]:
    """Yield sounds without speech, at 16 kHz: silence, and noise of several kinds."""
    size = _SECONDS * SAMPLE_RATE
    yield np.zeros(size, np.float32)
    time = np.arange(size) / SAMPLE_RATE
    for seed, (kind, levels) in enumerate(_LOUDNESS.items()):
        noise = np.random.default_rng(seed).normal(0, 1, size)
        if kind == "low":
            noise = np.convolve(noise, np.ones(_LOW_SAMPLES), "same")
        elif kind == "bursts":
            noise *= np.sin(2 * np.pi * _BURSTS_HERTZ * time) > 0
        elif kind == "hum":
            noise = np.sin(2 * np.pi * _MAINS_HERTZ * time) + noise / 10
        noise /= np.sqrt(np.square(noise).mean())
        for level in levels:
            yield (noise * 10 ** (level / 20)).astype(np.float32)


def phrases(written: Iterable[Trial]) -> tuple[str, ...]:
    """Return what was written, each phrase once and in order, as `plain` gives it.

    Loops are left out: other doubts find them.
    """
    found = {plain(trial.text) for trial in written if not trial.is_loop and trial.has_words}
    return tuple(sorted(found - {""}))


def plain(text: str) -> str:
    """Return a text by its words, in lower case and without punctuation."""
    return " ".join(_WORD.findall(text.casefold()))
