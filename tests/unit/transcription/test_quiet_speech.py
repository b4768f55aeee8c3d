# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pytest

from services.transcription.domain.analysis import AudioAnalysis, analyse
from services.transcription.domain.audio import FRAME, SampleRange, Samples, samples
from services.transcription.domain.quiet_speech import blocks_with_quiet_speech, is_periodic

NOISE = np.random.default_rng(7)
SECONDS = 64


class Deaf:
    """A detector that takes nothing for speech."""

    def feed(self, frames: Samples) -> Samples:
        """Answer 0 for each frame."""
        return np.zeros(len(frames) // FRAME, np.float32)


class Take:
    """Audio in memory."""

    bad_packets, cut_short = 0, False

    def __init__(self, sound: Samples) -> None:
        self.sound = sound

    def blocks(self) -> Iterator[Samples]:
        """Yield pieces that are no whole frames."""
        for at in range(0, len(self.sound), 7001):
            yield self.sound[None, at : at + 7001]


def room(seconds: float) -> Samples:
    """White noise at -50 dB."""
    return NOISE.normal(0, 0.003, samples(seconds)).astype(np.float32)


def voice(seconds: float, hertz: float) -> Samples:
    """Pulses through a soft resonance, as loud as somebody at the other end of a table."""
    sound = np.zeros(samples(seconds), np.float32)
    sound[:: round(16_000 / hertz)] = 1.0
    ring = np.exp(-np.arange(160) / 30) * np.sin(2 * np.pi * 600 * np.arange(160) / 16_000)
    return (0.1 * np.convolve(sound, ring, "same")).astype(np.float32)


def analysed(sound: Samples) -> AudioAnalysis:
    """What a pass over it finds."""
    return analyse(Take(sound), Deaf)


@pytest.mark.parametrize("hertz", [80, 120, 220, 380])
def test_a_voice_is_periodic_and_noise_is_not(hertz: float) -> None:
    """From low men to children."""
    stretches = voice(3.2, hertz).reshape(-1, 1024) + room(3.2).reshape(-1, 1024)
    assert is_periodic(stretches)[1:].all()
    assert not is_periodic(room(3.2).reshape(-1, 1024)).any()


def test_half_minutes_with_a_voice_that_was_not_detected() -> None:
    """Each that has two seconds of it counts, and what was detected as speech does not."""
    sound = room(SECONDS)
    for start in (5, 40):
        sound[samples(start) : samples(start + 4)] += voice(4, 150)
    found = analysed(sound)
    assert blocks_with_quiet_speech(found.voiced, found.levels, []) == 2
    detected = [SampleRange(samples(4), samples(10))]
    assert blocks_with_quiet_speech(found.voiced, found.levels, detected) == 1


@pytest.mark.parametrize("kind", ["silence", "noise", "hum", "steps"])
def test_what_is_no_voice(kind: str) -> None:
    """A room without people has no quiet speech, whatever else sounds in it."""
    time = np.arange(samples(SECONDS)) / 16_000
    sound = {
        "silence": np.zeros(samples(SECONDS), np.float32),
        "noise": 30 * room(SECONDS),
        "hum": room(SECONDS) + 0.1 * np.sin(2 * np.pi * 150 * time),
        "steps": room(SECONDS) * (1 + 60 * np.exp(-((time % 0.6) * 30))),
    }[kind].astype(np.float32)
    found = analysed(sound)
    assert blocks_with_quiet_speech(found.voiced, found.levels, []) == 0


def test_an_empty_recording() -> None:
    """Has no blocks."""
    nothing = np.zeros((1, 0), np.float32)
    assert blocks_with_quiet_speech(nothing.astype(np.bool_), nothing, []) == 0
