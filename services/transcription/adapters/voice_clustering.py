# SPDX-License-Identifier: Apache-2.0
"""Speaker diarization of mono recordings: one or two voices, clustered by timbre and pitch.

This is deliberately modest. Mean mel-cepstral coefficients and the pitch of each region of speech
are grouped into two clusters; the split is kept only where the clusters are clearly apart and both
have a fair share of the talk. Otherwise everybody is speaker 0, which says that the speakers were
not told apart.
"""

from __future__ import annotations

from array import array
from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from services.transcription.domain.audio import FRAME, SAMPLE_RATE, SampleRange, Samples
from services.transcription.domain.ports import LabelledSpan

_MELS = 26
"""Mel bands of a spectrum."""

_HIGHEST_HZ = 7600
"""Upper edge of the mel bands, a little below half the sample rate."""

_COEFFICIENTS = 13
"""Cepstral coefficients of a frame, as is usual in speech processing."""

_WIDTH = _COEFFICIENTS + 1
"""Numbers kept for a frame: the coefficients and the pitch."""

_STEP = 4
"""One frame in so many is measured (every 128 ms): voices change more slowly than frames."""

_LOWEST_PITCH_HZ, _HIGHEST_PITCH_HZ = 70, 350
"""Fundamental frequencies of adult voices in talk."""

_VOICED_CORRELATION = 0.35
"""Autocorrelation at the pitch period, relative to that at lag 0, from which a frame is voiced."""

_MIN_ROWS, _MIN_VOICED_ROWS = 4, 2
"""A region with fewer measured frames (half a second), or fewer voiced ones, says too little."""

_PITCH_WEIGHT = 4
"""Pitch separates voices better than any one coefficient, so it weighs as much as four."""

_MIN_SILHOUETTE = 0.55
"""Mean silhouette from which two clusters are two people. Measured on recordings of one voice: at
most 0.40 with this many regions; of two voices: 0.56 to 0.77."""

_MIN_REGIONS = 8
"""Fewer regions say nothing: the silhouettes above were measured with at least so many."""

_MIN_SHARE = 0.08
"""Share of the talk that each cluster must have: a smaller one may be laughter or noise."""

_ITERATIONS = 50
"""At most so many rounds of k-means, which nearly always settles before."""


class ClusteringDiarizer:
    """Implements `Diarizer` by clustering; one object for each recording."""

    def __init__(self) -> None:
        self._features = SpeakerFeatures()

    def feed(self, frames: Samples) -> None:
        """Take the next whole frames of the mix."""
        self._features.feed(frames)

    def label(self, regions: Sequence[SampleRange]) -> list[LabelledSpan]:
        """Return each region with its speaker: 0 or 1, and 0 for all where in doubt."""
        speakers = cluster_speakers(self._features, regions)
        return [LabelledSpan(*pair) for pair in zip(regions, speakers, strict=True)]


def _mel_filters() -> npt.NDArray[np.float32]:
    highest_mel = 2595 * np.log10(1 + _HIGHEST_HZ / 700)
    edges = 700 * (10 ** (np.linspace(0.0, highest_mel, _MELS + 2) / 2595) - 1)
    bins = np.fft.rfftfreq(FRAME, 1 / SAMPLE_RATE)[None, :]
    low, mid, high = edges[:-2, None], edges[1:-1, None], edges[2:, None]
    rising, falling = (bins - low) / (mid - low), (high - bins) / (high - mid)
    return np.maximum(0, np.minimum(rising, falling)).astype(np.float32)


def _cosines() -> npt.NDArray[np.float32]:
    k = np.arange(1, _COEFFICIENTS + 1)[:, None]
    return np.cos(np.pi * k * (np.arange(_MELS) + 0.5)[None, :] / _MELS).astype(np.float32)


class SpeakerFeatures:
    """Timbre and pitch of every fourth frame (128 ms apart) of a recording."""

    def __init__(self) -> None:
        self._rows = array("f")
        self._window = np.hanning(FRAME).astype(np.float32)
        self._filters, self._cosines = _mel_filters(), _cosines()
        self._frames = 0

    def feed(self, mono: Samples) -> None:
        """Take whole frames of audio, in order."""
        frames = mono.reshape(-1, FRAME)
        first = -self._frames % _STEP
        self._frames += len(frames)
        chosen = frames[first::_STEP]
        if not len(chosen):
            return
        spectrum = np.abs(np.fft.rfft(chosen * self._window, axis=1)) ** 2
        mels = np.log(spectrum @ self._filters.T + 1e-8)
        rows = np.concatenate([mels @ self._cosines.T, _pitch(spectrum)[:, None]], axis=1)
        self._rows.extend(rows.astype(np.float32).ravel().tolist())

    def of(self, span: SampleRange) -> npt.NDArray[np.float32]:
        """Return the rows inside a span, shape (rows, 14); pitch in log hertz, 0 if unvoiced."""
        rows = np.frombuffer(self._rows, np.float32).reshape(-1, _WIDTH)
        step = FRAME * _STEP
        return rows[-(-span.start // step) : span.end // step + 1]


def _pitch(power: npt.NDArray[np.float32]) -> npt.NDArray[np.float32]:
    """Return log fundamental frequencies by autocorrelation of frames, 0 for unvoiced ones."""
    correlation = np.fft.irfft(power, axis=1)
    low, high = SAMPLE_RATE // _HIGHEST_PITCH_HZ, SAMPLE_RATE // _LOWEST_PITCH_HZ
    lag = np.argmax(correlation[:, low:high], axis=1) + low
    peak = np.take_along_axis(correlation, lag[:, None], axis=1)[:, 0]
    voiced = peak > _VOICED_CORRELATION * np.maximum(correlation[:, 0], 1e-12)
    return np.where(voiced, np.log(SAMPLE_RATE / lag), 0.0).astype(np.float32)


def cluster_speakers(features: SpeakerFeatures, regions: Sequence[SampleRange]) -> list[int]:
    """Return 0 or 1 for each region: the first voice is 0; all are 0 where in doubt."""
    everyone = [0] * len(regions)
    described = [_describe(features.of(region)) for region in regions]
    known = [i for i, d in enumerate(described) if d is not None]
    if len(known) < _MIN_REGIONS:
        return everyone
    points = np.array([described[i] for i in known], np.float64)
    weights = np.array([len(regions[i]) for i in known], np.float64)
    points = (points - points.mean(axis=0)) / (points.std(axis=0) + 1e-6)
    labels, silhouette = _two_means(points, weights)
    share = float(weights[labels == 1].sum() / weights.sum())
    if silhouette < _MIN_SILHOUETTE or not _MIN_SHARE <= share <= 1 - _MIN_SHARE:
        return everyone
    if labels[0] == 1:
        labels = 1 - labels
    result, last = list(everyone), 0
    found = dict(zip(known, labels.tolist(), strict=True))
    for i in range(len(regions)):
        # A region too short to judge continues the turn before it.
        last = result[i] = found.get(i, last)
    return result


def _describe(rows: npt.NDArray[np.float32]) -> npt.NDArray[np.float64] | None:
    pitches = rows[:, -1][rows[:, -1] > 0]
    if len(rows) < _MIN_ROWS or len(pitches) < _MIN_VOICED_ROWS:
        return None
    timbre = rows[:, 1:-1].mean(axis=0)
    return np.concatenate([timbre, np.repeat(np.median(pitches), _PITCH_WEIGHT)]).astype(np.float64)


def _two_means(
    points: npt.NDArray[np.float64], weights: npt.NDArray[np.float64]
) -> tuple[npt.NDArray[np.int64], float]:
    """Return two clusters, started along the main axis, and the mean silhouette of the points."""
    axis = np.linalg.svd(points - points.mean(axis=0), full_matrices=False)[2][0]
    order = points @ axis
    labels = (order > np.median(order)).astype(np.int64)
    for _ in range(_ITERATIONS):
        if labels.min() == labels.max():
            return labels, 0.0
        centres = [
            np.average(points[labels == c], axis=0, weights=weights[labels == c]) for c in (0, 1)
        ]
        distance = np.stack([np.linalg.norm(points - c, axis=1) for c in centres])
        fresh = np.argmin(distance, axis=0)
        if (fresh == labels).all():
            break
        labels = fresh
    own = np.take_along_axis(distance, labels[None, :], axis=0)[0]
    other = np.take_along_axis(distance, 1 - labels[None, :], axis=0)[0]
    silhouette = (other - own) / np.maximum(np.maximum(other, own), 1e-9)
    return labels, float(np.average(silhouette, weights=weights))
