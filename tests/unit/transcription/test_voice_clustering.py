# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

import numpy as np

from services.transcription.adapters.voice_clustering import ClusteringDiarizer
from services.transcription.domain.audio import FRAME, SAMPLE_RATE, SampleRange, Samples

TURN = SAMPLE_RATE // FRAME * FRAME


def voice(pitch: float, brightness: float, seed: int) -> Samples:
    """A buzz with a spectrum of its own, one second long."""
    time = np.arange(TURN) / SAMPLE_RATE
    wobble = pitch * (1 + 0.02 * np.sin(2 * np.pi * 3 * time + seed))
    phase = 2 * np.pi * np.cumsum(wobble) / SAMPLE_RATE
    tone = sum(np.sin(n * phase) * brightness**n for n in range(1, 20))
    noise = np.random.default_rng(seed).normal(0, 0.01, TURN)
    return np.asarray(0.2 * tone + noise, np.float32)


def diarized(voices: list[tuple[float, float]]) -> list[int]:
    """The speakers of voices that speak a second each."""
    diarizer = ClusteringDiarizer()
    for seed, (pitch, brightness) in enumerate(voices):
        diarizer.feed(voice(pitch, brightness, seed))
    regions = [SampleRange(i * TURN, (i + 1) * TURN) for i in range(len(voices))]
    labelled = diarizer.label(regions)
    assert [one.span for one in labelled] == regions
    return [one.speaker for one in labelled]


class TestClusteringDiarizer:
    def test_two_voices_in_turn(self) -> None:
        """Two different voices are two speakers; the first to speak is speaker 0."""
        assert diarized([(110, 0.6), (220, 0.8)] * 6) == [0, 1] * 6

    def test_one_voice(self) -> None:
        """One voice that varies a little stays one speaker."""
        assert diarized([(120, 0.7), (123, 0.7), (118, 0.71)] * 4) == [0] * 12

    def test_too_little_to_tell(self) -> None:
        """A handful of turns is not enough to say anything."""
        assert diarized([(110, 0.6), (220, 0.8)] * 2) == [0] * 4

    def test_silence(self) -> None:
        """Nothing voiced means nothing to tell apart."""
        diarizer = ClusteringDiarizer()
        diarizer.feed(np.zeros(TURN * 10, np.float32))
        regions = [SampleRange(i * TURN, (i + 1) * TURN) for i in range(10)]
        assert {one.speaker for one in diarizer.label(regions)} == {0}
