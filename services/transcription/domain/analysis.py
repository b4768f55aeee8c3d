# SPDX-License-Identifier: Apache-2.0
"""First pass over a recording: voice activity (VAD), loudness, and how the channels relate.

Keeps a few numbers for each 32 ms, so twelve hours of stereo need about 20 MB.
"""

from __future__ import annotations

from array import array
from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from functools import partial

import numpy as np
import numpy.typing as npt

from services.transcription.domain.audio import FRAME, SampleRange, Samples, samples
from services.transcription.domain.bleed import SPEECH_PROBABILITY, Bleed
from services.transcription.domain.ports import AudioReader, VoiceDetector
from services.transcription.domain.quiet_speech import is_periodic
from services.transcription.domain.regions import RegionOptions, speech_regions

_BATCH_FRAMES = 64
"""Frames (2 s) that are gathered before a call of the detector, so that the call is worth it."""

_DOMINANT_DB = 6.0
"""One channel counts as louder from here, twice the amplitude; closer, both recorded the same."""

_SILENT_DB = -70.0
"""Below this mean power, relative to full scale, there is noise of the recorder and no speech."""

_SAME_SIGNAL_CORRELATION = 0.95
"""Above this both channels hold one signal, as when a mono recording was saved as stereo."""

_DOMINATED_SHARE = 0.6
"""Share of the speech in which one channel must dominate for channels to be speakers: more than
half, since people talk at the same time and pause."""

_OWN_SHARE = 0.02
"""Share of the speech in which each channel must dominate. An interviewer may say very little,
but a channel that never leads has no speaker of its own."""

_SOUND_DB, _SOUND_SECONDS = -60.0, 1.0
"""Mean power from which there is a sound in a room, and how long there must be one in all. Below
are the noise of recorders and the rounding of codecs."""

_POWER_FLOOR = 1e-12
"""Added to powers, so that digital silence has a level (-120 dB)."""


class Layout(StrEnum):
    """How channels become speakers."""

    MONO = "mono"
    """One channel, or several that are mixed because they carry the same voices."""
    SEPARATE = "separate"
    """Each channel carries its own speaker."""


@dataclass(frozen=True, slots=True)
class AudioAnalysis:
    """Result of the first pass; frame arrays have the shape (channels, frames).

    `probabilities` are of speech, `levels` are in decibels of full scale, `correlation` is that
    of two channels over the whole recording, in [-1, 1] and 0 where there are not two. `voiced`
    marks sound with the pitch of a voice where speech is unlikely; elsewhere it is False.
    """

    total: int
    probabilities: npt.NDArray[np.float32]
    levels: npt.NDArray[np.float32]
    correlation: float
    voiced: npt.NDArray[np.bool_]

    @property
    def channels(self) -> int:
        """Channels of the recording as decoded."""
        return int(self.probabilities.shape[0])

    @property
    def loudest(self) -> npt.NDArray[np.float32]:
        """Highest speech probability of any channel for each frame."""
        highest: npt.NDArray[np.float32] = np.max(self.probabilities, axis=0, initial=0.0)
        return highest

    @property
    def has_sound(self) -> bool:
        """Whether there is sound, of whatever kind, on any channel."""
        sounding = np.any(self.levels >= _SOUND_DB, axis=0)
        return int(np.count_nonzero(sounding)) * FRAME >= samples(_SOUND_SECONDS)


def analyse(
    reader: AudioReader,
    detector: Callable[[], VoiceDetector],
    on_progress: Callable[[int], None] = lambda _samples: None,
) -> AudioAnalysis:
    """Read the whole recording once; `on_progress` is called with the number of samples read.

    Makes one detector for each channel.
    """
    total = 0
    channels: list[_Channel] = []
    rest = np.zeros((0, 0), np.float32)
    correlation = _ChannelCorrelation()

    def feed(frames: Samples) -> None:
        for channel, sound in zip(channels, frames, strict=True):
            channel.feed(np.ascontiguousarray(sound))
        if len(channels) == 2:
            correlation.feed(frames)

    for block in reader.blocks():
        if not channels:
            channels = [_Channel(detector()) for _ in range(block.shape[0])]
            rest = block[:, :0]
        total += block.shape[1]
        rest = np.concatenate([rest, block], axis=1)
        whole = rest.shape[1] // FRAME * FRAME
        if whole >= _BATCH_FRAMES * FRAME:
            feed(rest[:, :whole])
            rest = rest[:, whole:]
            on_progress(total)
    if rest.shape[1]:
        padding = -rest.shape[1] % FRAME
        feed(np.pad(rest, ((0, 0), (0, padding))))
    on_progress(total)
    return AudioAnalysis(
        total,
        np.array([channel.probabilities for channel in channels], np.float32),
        np.array([channel.levels for channel in channels], np.float32),
        correlation.value(),
        np.array([np.frombuffer(one.voiced, np.bool_) for one in channels], np.bool_),
    )


class _Channel:
    """Speech probability, level (dB) and voicing of each frame of one channel."""

    def __init__(self, detector: VoiceDetector) -> None:
        self._detector = detector
        self._before = np.zeros((1, FRAME), np.float32)
        self.probabilities, self.levels, self.voiced = array("f"), array("f"), bytearray()

    def feed(self, sound: Samples) -> None:
        likely = self._detector.feed(sound)
        self.probabilities.extend(likely.tolist())
        frames = sound.reshape(-1, FRAME)
        power = np.mean(np.square(frames, dtype=np.float64), axis=1)
        levels = 10 * np.log10(power + _POWER_FLOOR)
        self.levels.extend(levels.tolist())
        voiced = (likely < SPEECH_PROBABILITY) & (levels >= _SOUND_DB)
        if voiced.any():
            # A frame with the one before it, since a low voice has three periods in one frame.
            pairs = np.concatenate([np.concatenate([self._before, frames[:-1]]), frames], axis=1)
            voiced[voiced] = is_periodic(pairs[voiced])
        self.voiced.extend(voiced.tobytes())
        self._before = frames[-1:].copy()


class _ChannelCorrelation:
    """Normalised correlation of two channels over the whole recording, in [-1, 1]."""

    def __init__(self) -> None:
        self._sums = np.zeros(3, np.float64)

    def feed(self, frames: Samples) -> None:
        left, right = frames[0].astype(np.float64), frames[1].astype(np.float64)
        self._sums += (left @ right, left @ left, right @ right)

    def value(self) -> float:
        cross, left, right = self._sums.tolist()
        return float(cross / np.sqrt(left * right)) if left > 0 and right > 0 else 0.0


def layout_of(found: AudioAnalysis, regions: list[list[SampleRange]]) -> Layout:
    """Return whether the channels are speakers, or the same voices recorded several times.

    Two channels are speakers when in most of the speech one of them is clearly louder than
    the other, and both have speech of their own.
    """
    if found.channels != 2 or found.correlation > _SAME_SIGNAL_CORRELATION or not all(regions):
        return Layout.MONO
    spoken = found.loudest >= SPEECH_PROBABILITY
    if not spoken.any():
        return Layout.MONO
    lead = found.levels[0, spoken] - found.levels[1, spoken]
    own = [float(np.mean(lead > _DOMINANT_DB)), float(np.mean(lead < -_DOMINANT_DB))]
    separate = sum(own) > _DOMINATED_SHARE and min(own) > _OWN_SHARE
    return Layout.SEPARATE if separate else Layout.MONO


def regions_by_channel(found: AudioAnalysis, options: RegionOptions) -> list[list[SampleRange]]:
    """Return the regions of speech of each channel, without bleed from the other channel."""
    regions = []
    for channel in range(found.channels):
        probabilities = found.probabilities[channel].copy()
        probabilities[found.levels[channel] < _SILENT_DB] = 0.0
        if found.channels == 2 and found.correlation <= _SAME_SIGNAL_CORRELATION:
            bleed = Bleed.of(found.levels, found.probabilities, channel, options.off)
            probabilities[bleed.hidden] = 0.0
            is_bleed = partial(bleed.explains, speech=found.probabilities[channel])
            regions.append(speech_regions(probabilities, found.total, options, is_bleed))
        else:
            regions.append(speech_regions(probabilities, found.total, options))
    return regions


def regions_of_mix(found: AudioAnalysis, options: RegionOptions) -> list[SampleRange]:
    """Return the regions of speech of all channels taken together."""
    return speech_regions(found.loudest, found.total, options)
