# SPDX-License-Identifier: Apache-2.0
"""First pass over a recording: where there is speech, and how the channels relate.

Keeps a few numbers for each 32 ms, so twelve hours of stereo need about 20 MB.
"""

from __future__ import annotations

from array import array
from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum

import numpy as np
import numpy.typing as npt

from services.transcription.domain.audio import FRAME, Samples, Span
from services.transcription.domain.ports import AudioReader, VoiceDetector
from services.transcription.domain.regions import RegionOptions, speech_regions
from services.transcription.domain.voices import VoicePrints

# One channel counts as louder from here; closer than this, both microphones hear the same room.
_DOMINANT_DB = 6.0
# Speech this much louder on the other channel is that speaker heard through the wrong microphone.
_BLEED_DB = 10.0
_SILENT_DB = -70.0


class Layout(StrEnum):
    """How channels become speakers."""

    MONO = "mono"
    """One channel, or several that are mixed because they carry the same voices."""
    SEPARATE = "separate"
    """Each channel carries its own speaker."""


@dataclass(frozen=True, slots=True)
class Survey:
    """What the first pass found; frame arrays have the shape (channels, frames)."""

    total: int
    probabilities: npt.NDArray[np.float32]
    decibels: npt.NDArray[np.float32]
    likeness: float
    prints: VoicePrints

    @property
    def channels(self) -> int:
        """Channels of the recording as decoded."""
        return int(self.probabilities.shape[0])

    @property
    def loudest(self) -> npt.NDArray[np.float32]:
        """Highest speech probability of any channel for each frame."""
        highest: npt.NDArray[np.float32] = np.max(self.probabilities, axis=0, initial=0.0)
        return highest


def survey(
    reader: AudioReader,
    detector: Callable[[], VoiceDetector],
    on_progress: Callable[[int], None] = lambda _samples: None,
) -> Survey:
    """Read the whole recording once; `on_progress` hears the number of samples read."""
    channels, total = 0, 0
    detectors: list[VoiceDetector] = []
    tracks: list[tuple[array[float], array[float]]] = []
    rest = np.zeros((0, 0), np.float32)
    likeness = _Likeness()
    prints = VoicePrints()
    for block in reader.blocks():
        if not channels:
            channels = block.shape[0]
            detectors = [detector() for _ in range(channels)]
            tracks = [(array("f"), array("f")) for _ in range(channels)]
            rest = block[:, :0]
        total += block.shape[1]
        rest = np.concatenate([rest, block], axis=1)
        whole = rest.shape[1] // FRAME * FRAME
        # Small blocks are gathered, so that each call to the detector is worth its overhead.
        if whole >= 64 * FRAME:
            _feed(rest[:, :whole], detectors, tracks, likeness, prints)
            rest = rest[:, whole:]
            on_progress(total)
    if rest.shape[1]:
        padding = -rest.shape[1] % FRAME
        _feed(np.pad(rest, ((0, 0), (0, padding))), detectors, tracks, likeness, prints)
    on_progress(total)
    return Survey(
        total,
        np.array([probabilities for probabilities, _ in tracks], np.float32),
        np.array([decibels for _, decibels in tracks], np.float32),
        likeness.value(),
        prints,
    )


def _feed(
    frames: Samples,
    detectors: list[VoiceDetector],
    tracks: list[tuple[array[float], array[float]]],
    likeness: _Likeness,
    prints: VoicePrints,
) -> None:
    for channel, (detector, track) in enumerate(zip(detectors, tracks, strict=True)):
        mono = np.ascontiguousarray(frames[channel])
        track[0].extend(detector.feed(mono).tolist())
        power = np.mean(np.square(mono.reshape(-1, FRAME), dtype=np.float64), axis=1)
        track[1].extend((10 * np.log10(power + 1e-12)).tolist())
    if len(detectors) == 2:
        likeness.feed(frames)
    prints.feed(np.mean(frames, axis=0) if len(detectors) > 1 else frames[0])


class _Likeness:
    """Normalised correlation of two channels over the whole recording, in [-1, 1]."""

    def __init__(self) -> None:
        self._sums = np.zeros(3, np.float64)

    def feed(self, frames: Samples) -> None:
        left, right = frames[0].astype(np.float64), frames[1].astype(np.float64)
        self._sums += (left @ right, left @ left, right @ right)

    def value(self) -> float:
        cross, left, right = self._sums.tolist()
        return float(cross / np.sqrt(left * right)) if left > 0 and right > 0 else 0.0


def layout_of(found: Survey, regions: list[list[Span]]) -> Layout:
    """Tell whether the channels are speakers or one room heard several times.

    Two channels are speakers when in most of the speech one of them is clearly louder than
    the other, and both have speech of their own.
    """
    if found.channels != 2 or found.likeness > 0.95 or not all(regions):
        return Layout.MONO
    spoken = found.loudest >= 0.5
    if not spoken.any():
        return Layout.MONO
    lead = found.decibels[0, spoken] - found.decibels[1, spoken]
    own = [float(np.mean(lead > _DOMINANT_DB)), float(np.mean(lead < -_DOMINANT_DB))]
    return Layout.SEPARATE if sum(own) > 0.6 and min(own) > 0.02 else Layout.MONO


def regions_by_channel(found: Survey, options: RegionOptions) -> list[list[Span]]:
    """Return the speech of each channel as its own microphone hears it, bleed left out."""
    regions = []
    for channel in range(found.channels):
        probabilities = found.probabilities[channel].copy()
        probabilities[found.decibels[channel] < _SILENT_DB] = 0.0
        if found.channels == 2 and found.likeness <= 0.95:
            louder = found.decibels[1 - channel] - found.decibels[channel] > _BLEED_DB
            probabilities[louder & (found.probabilities[1 - channel] >= options.off)] = 0.0
        regions.append(speech_regions(probabilities, found.total, options))
    return regions


def regions_of_mix(found: Survey, options: RegionOptions) -> list[Span]:
    """Return the speech of all channels taken together."""
    return speech_regions(found.loudest, found.total, options)
