# SPDX-License-Identifier: Apache-2.0
"""Clips are the same sound as the transcription heard at these times, whatever the container."""

from __future__ import annotations

import io
from typing import BinaryIO, cast

import numpy as np
import pytest

from services.transcription.adapters.clipping import cut_stretch
from services.transcription.adapters.decoding import AudioLimits, RecordingReader
from services.transcription.domain.audio import SampleRange, Samples
from services.transcription.errors import BadRecording
from tests.support.sounds import Audio, encoded, film, wav

_SECONDS = 90


def changing(channels: int, rate: int) -> Audio:
    """Sound that is like itself at no other time: noise in bursts, low enough for any codec."""
    chance = np.random.default_rng(7)
    places = np.arange(_SECONDS * rate)
    noise = chance.standard_normal(_SECONDS * 2000)[places * 2000 // rate]
    smooth = np.convolve(noise, np.ones(rate // 2000) / (rate // 2000), "same")
    loud = chance.uniform(0.05, 0.3, _SECONDS * 10)[places * 10 // rate]
    return np.asarray([smooth * loud / 2] * channels, np.float32)


def from_the_start(content: bytes) -> Samples:
    """Return all of a recording as one channel, as transcription hears it."""
    reader = RecordingReader(lambda: io.BytesIO(content), AudioLimits())
    return np.concatenate(list(reader.blocks()), axis=1).mean(axis=0)


def likeness(one: Samples, other: Samples) -> float:
    """Return the correlation at the best of all shifts up to 2 ms: some containers have times in
    whole milliseconds.
    """
    most, length = 32, min(len(one), len(other))
    middle = other[most : length - most]
    shifts = range(2 * most + 1)
    return max(float(np.corrcoef(one[at : at + len(middle)], middle)[0, 1]) for at in shifts)


class Counting(io.BytesIO):
    """Counts the bytes that are read."""

    def __init__(self, content: bytes) -> None:
        super().__init__(content)
        self.taken = 0

    def read(self, size: int | None = -1) -> bytes:
        """Read and count."""
        data = super().read(size)
        self.taken += len(data)
        return data


class TestClip:
    @pytest.mark.parametrize(
        ("container", "codec", "channels", "is_sought"),
        [
            ("wav", "pcm_s16le", 2, True),
            ("flac", "flac", 1, True),
            ("mp3", "mp3", 1, False),
            ("ogg", "libopus", 1, True),
            ("mp4", "aac", 2, True),
            ("webm", "libopus", 1, True),
            ("matroska", "aac", 1, True),
            ("adts", "aac", 1, False),
        ],
    )
    def test_is_what_was_transcribed(
        self, container: str, codec: str, channels: int, is_sought: bool
    ) -> None:
        """At the start, in the middle and at the end; read is about what is needed."""
        content = encoded(changing(channels, 48_000), container, codec, 48_000)
        whole = from_the_start(content)
        for start, end in ((0, 4), (41.3, 45.7), (_SECONDS - 3, _SECONDS - 0.1)):
            stretch = SampleRange(round(start * 16_000), round(end * 16_000))
            file = Counting(content)
            sound = cut_stretch(cast("BinaryIO", file), AudioLimits(), stretch)
            there = whole[stretch.start : stretch.end]
            assert len(sound) == len(stretch)
            assert likeness(sound, there) > 0.97, start
            if is_sought and start:
                assert file.taken < len(content) // 2

    def test_what_is_not_there_is_silent(self) -> None:
        """A stretch that reaches behind the end has its length."""
        content = wav(np.full((1, 16_000), 0.5, np.float32))
        sound = cut_stretch(io.BytesIO(content), AudioLimits(), SampleRange(8_000, 32_000))
        assert len(sound) == 24_000
        assert sound[:8_000].min() > 0.4
        assert not sound[9_000:].any()

    @pytest.mark.parametrize("content", [b"", b"no recording at all" * 99, film()])
    def test_what_is_no_recording(self, content: bytes) -> None:
        """It is refused as transcription refuses it."""
        with pytest.raises(BadRecording):
            cut_stretch(io.BytesIO(content), AudioLimits(), SampleRange(0, 16_000))
