# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np
import numpy.typing as npt
import pytest

from services.transcription.domain.analysis import analyse, regions_by_channel
from services.transcription.domain.audio import FRAME, SAMPLE_RATE, SampleRange, Samples
from services.transcription.domain.regions import RegionOptions

Span = tuple[float, float]


class Level:
    """A voice detector that takes what is louder than the noise of the microphone for speech."""

    def feed(self, frames: Samples) -> npt.NDArray[np.float32]:
        """Louder than -62 dBFS is speech."""
        power = np.square(frames.reshape(-1, FRAME)).mean(axis=1)
        return (10 * np.log10(power + 1e-12) > -62).astype(np.float32)


class Take:
    """Two channels in memory."""

    bad_packets, cut_short = 0, False

    def __init__(self, audio: Samples) -> None:
        self.audio = audio

    def blocks(self) -> Iterator[Samples]:
        """All at once."""
        yield self.audio


def syllables(seconds: float, seed: int, level: float = 0.1) -> Samples:
    """Bursts of noise as long as syllables, with the gaps that talk has."""
    draw = np.random.default_rng(seed)
    sound = np.zeros(int(seconds * SAMPLE_RATE), np.float32)
    at = 0
    while at < len(sound):
        burst, gap = draw.uniform(0.12, 0.25), draw.uniform(0.03, 0.3)
        end = min(len(sound), at + int(burst * SAMPLE_RATE))
        sound[at:end] = draw.normal(0, level * draw.uniform(0.5, 1), end - at)
        at = end + int(gap * SAMPLE_RATE)
    return sound


def recorded(turns: Sequence[tuple[int, float, Samples]], bleed_db: float, total: float) -> Samples:
    """Two microphones in one room: who, from when, what; each hears the other's echoes too."""
    tracks = np.zeros((2, int(total * SAMPLE_RATE)), np.float32)
    for who, start, sound in turns:
        at = int(start * SAMPLE_RATE)
        tracks[who, at : at + len(sound)] += sound
    draw = np.random.default_rng(99)
    time = np.arange(int(0.3 * SAMPLE_RATE)) / SAMPLE_RATE
    echoes = draw.normal(0, 1, len(time)) * 10 ** (-3 * time / 0.3)
    echoes *= 0.6 / np.sqrt(np.square(echoes).sum())
    echoes[0] = 1
    size = tracks.shape[1] + len(echoes)
    heard = np.fft.irfft(np.fft.rfft(tracks, size) * np.fft.rfft(echoes, size), size)
    other = heard[::-1, : tracks.shape[1]] * 10 ** (bleed_db / 20)
    return np.asarray(tracks + other + draw.normal(0, 3e-4, tracks.shape), np.float32)


def seconds_of_own_speech(
    audio: Samples, own: Sequence[Sequence[Span]]
) -> tuple[list[float], list[list[float]]]:
    """For each channel: seconds of regions without own speech, and the share kept of each span."""
    found = regions_by_channel(analyse(Take(audio), Level), RegionOptions())
    false, kept = [], []
    for regions, spans in zip(found, own, strict=True):
        ranges = [SampleRange(int(a * SAMPLE_RATE), int(b * SAMPLE_RATE)) for a, b in spans]
        alone = [r for r in regions if not any(r.overlap(s) for s in ranges)]
        false.append(sum(map(len, alone)) / SAMPLE_RATE)
        kept.append([sum(r.overlap(s) for r in regions) / len(s) for s in ranges])
    return false, kept


@pytest.mark.parametrize("bleed_db", [-26.0, -18.0, -12.0])
class TestBleed:
    def test_is_nobodys_speech_and_all_turns_are_kept(self, bleed_db: float) -> None:
        """In talk by turns no region holds the other side alone, and every turn is whole."""
        turns = [(k % 2, 1 + 5.0 * k, syllables(3.9, k)) for k in range(12)]
        own = [[(s, s + 3.9) for who, s, _ in turns if who == c] for c in (0, 1)]
        false, kept = seconds_of_own_speech(recorded(turns, bleed_db, 62), own)
        assert false == [0, 0]
        assert min(kept[0] + kept[1]) > 0.95

    def test_words_under_the_others_talk_are_kept(self, bleed_db: float) -> None:
        """A back-channel while the other talks, and talk of both at once, are kept."""
        turns = [(1, 1.0, syllables(30, 1)), (0, 10.0, syllables(0.6, 2)),
                 (0, 20.0, syllables(0.6, 3)), (0, 33.0, syllables(4, 4)),
                 (1, 34.0, syllables(4, 5))]  # fmt: skip
        own = [[(10.0, 10.5), (20.0, 20.5), (33.0, 36.8)], [(1.0, 30.5), (34.0, 37.8)]]
        false, kept = seconds_of_own_speech(recorded(turns, bleed_db, 40), own)
        assert false == [0, 0]
        assert min(kept[0] + kept[1]) > 0.9


def test_a_soft_voice_is_not_bleed_where_there_is_little_of_it() -> None:
    """An answer 15 dB below the other's talk is kept where microphones hardly hear each other."""
    turns = [(1, 1.0, syllables(30, 1)), (0, 12.0, syllables(0.8, 2, level=0.018))]
    own = [[(12.0, 12.8)], [(1.0, 30.5)]]
    false, kept = seconds_of_own_speech(recorded(turns, -40, 34), own)
    assert false == [0, 0]
    assert kept[0][0] > 0.9


def test_silence_of_one_side() -> None:
    """A side that never speaks has no region, and the other side all of its own."""
    turns = [(1, 1.0, syllables(20, 1))]
    false, kept = seconds_of_own_speech(recorded(turns, -20, 24), [[], [(1.0, 20.5)]])
    assert false == [0, 0]
    assert kept[1][0] > 0.95
