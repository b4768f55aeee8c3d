# SPDX-License-Identifier: Apache-2.0
"""Speaker diarization by clustering of speaker embeddings, for any number of speakers."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from services.transcription.adapters.speaker_encoder import (
    HOP,
    WINDOW,
    Embeddings,
    SpeakerEncoder,
)
from services.transcription.domain.audio import SampleRange, Samples, samples
from services.transcription.domain.clustering import Labels, average_linkage, centres, cut
from services.transcription.domain.ports import LabelledSpan

_STEP = 80
"""Frames from one window to the next (0.8 s): each frame is in two, and the encoder is most of the
work. Two groups of two voices in benchmarks/diarization.py had the same figures as with 0.4 s."""

_SHORTEST = 40
"""Frames (0.4 s) below which a stretch of speech says too little of a voice."""

_LONGEST = samples(30)
"""Samples of speech that are measured at once; longer stretches are cut."""

_MOST_CLUSTERED = 2000
"""Windows that are clustered (27 minutes of talk); the others go to the nearest cluster, so that
memory and time do not grow with the square of the recording."""

_SAME_VOICE = 0.32
"""Mean cosine distance up to which two clusters are one voice, where the number is not known."""

_APART = 1.45
"""How much further apart the windows of two halves of a cluster are than those within them, where
they are two voices that are alike. Halves of one voice had 1.1 to 1.25 (22 recordings of eight
voices), of two 1.49 and more, through a telephone and in a room too, where distances themselves
differ."""

_FEWEST_OF_HALF = 10
"""Windows (some 5 s) below which half of a cluster says too little of that."""

_SMALLEST_SHARE, _SMALLEST_KNOWN_SHARE = 0.03, 0.01
"""Share of the windows below which a cluster is no speaker, but laughter, noise or overlap; and
where the number of speakers is known, since somebody who is known to be there may say little."""

_FEWEST_WINDOWS = 3
"""Windows (some 3 s) below which a cluster is no speaker, however short the recording is."""

_ROUNDS = 3
"""Rounds in which windows go to the nearest centre, and centres to the middle of theirs."""

_SHORTEST_TURN = 30
"""Frames (0.3 s) below which a change of voice inside a stretch of speech is not believed."""


@dataclass(frozen=True, slots=True)
class _Windows:
    """Embeddings with the frames of the recording (10 ms) that they were made of.

    `whole` marks those that are as long as the encoder expects.
    """

    embeddings: Embeddings
    starts: npt.NDArray[np.int64]
    ends: npt.NDArray[np.int64]
    whole: npt.NDArray[np.bool_]


_Places = list[tuple[int, int]]
"""First and last frame of each window in a stretch of speech."""


class VoiceDiarizer:
    """Implements `Diarizer` with a loaded speaker encoder; no state between calls.

    `threads` stretches of speech are encoded at a time, which changes no figure.
    """

    def __init__(self, encoder: SpeakerEncoder, threads: int = 1) -> None:
        self._encoder = encoder
        self._threads = threads

    def diarize(
        self, mix: Iterable[Samples], regions: Sequence[SampleRange], speakers: int
    ) -> list[LabelledSpan]:
        """Return who speaks in the regions."""
        windows = self._windows(mix, regions)
        voices = find_voices(windows.embeddings[windows.whole], speakers)
        if len(voices) < 2:
            return [LabelledSpan(region, 0) for region in regions]
        return list(_numbered(_spans(regions, windows, windows.embeddings @ voices.T)))

    def _windows(self, mix: Iterable[Samples], regions: Sequence[SampleRange]) -> _Windows:
        embeddings, places = [np.zeros((0, 256), np.float32)], []
        for start, found, embedded in self._encoded(_stretches(mix, regions)):
            embeddings.append(embedded)
            places += [(start // HOP + a, start // HOP + b) for a, b in found]
        starts, ends = np.array(places, np.int64).reshape(-1, 2).T
        return _Windows(np.concatenate(embeddings), starts, ends, ends - starts == WINDOW)

    def _encoded(
        self, stretches: Iterable[tuple[int, Samples]]
    ) -> Iterator[tuple[int, _Places, Embeddings]]:
        """Yield the start of each stretch in turn, with its windows and their embeddings."""
        under_way: deque[tuple[int, Future[tuple[_Places, Embeddings]]]] = deque()
        with ThreadPoolExecutor(self._threads, thread_name_prefix="voices") as pool:
            for start, audio in stretches:
                under_way.append((start, pool.submit(self._encode, audio)))
                # No more is read ahead than the threads are about to need.
                if len(under_way) > 2 * self._threads:
                    at, done = under_way.popleft()
                    yield at, *done.result()
            for at, done in under_way:
                yield at, *done.result()

    def _encode(self, audio: Samples) -> tuple[_Places, Embeddings]:
        mels = self._encoder.mels(audio)[: len(audio) // HOP]
        found = list(_places(len(mels)))
        cuts = [np.resize(mels[a:b], (WINDOW, mels.shape[1])) for a, b in found]
        return found, self._encoder.embed(
            np.stack(cuts) if cuts else np.zeros((0, WINDOW, 0), np.float32)
        )


def find_voices(embeddings: Embeddings, speakers: int) -> Embeddings:
    """Return the centre of each voice, most talk first; `speakers` is their number, 0 if unknown.

    Fewer are found where there are not so many clusters of a fair size.
    """
    if len(embeddings) < 2:
        return embeddings[:1]
    chosen = embeddings
    if len(embeddings) > _MOST_CLUSTERED:
        picked = np.linspace(0, len(embeddings) - 1, _MOST_CLUSTERED).astype(np.int64)
        chosen = embeddings[picked]
    merges = average_linkage(chosen)
    distances = [distance for *_, distance in merges]
    share = _SMALLEST_KNOWN_SHARE if speakers else _SMALLEST_SHARE
    least = max(min(_FEWEST_WINDOWS, len(chosen) // 2), round(share * len(chosen)))
    if speakers:
        kept = _merges_to(merges, len(chosen), speakers, least)
    else:
        kept = int(np.searchsorted(distances, _SAME_VOICE, side="right"))
    labels = cut(merges, len(chosen), kept)
    if not speakers:
        labels = _alike_parted(chosen, labels)
    sizes = np.bincount(labels)
    by_size = np.argsort(-sizes, kind="stable")
    large = by_size[sizes[by_size] >= least]
    if speakers:
        large = large[:speakers]
    voices = centres(chosen, labels, large if len(large) else by_size[:1])
    for _ in range(_ROUNDS):
        nearest = np.argmax(chosen @ voices.T, axis=1)
        if len(np.unique(nearest)) < len(voices):
            break
        voices = centres(chosen, nearest, np.arange(len(voices)))
    return voices


def _alike_parted(embeddings: Embeddings, labels: Labels) -> Labels:
    """Return the clusters with those in halves that hold two voices alike."""
    waiting = list(np.unique(labels))
    parted = labels.copy()
    while waiting:
        inside = np.flatnonzero(parted == waiting.pop())
        halves = _halves(embeddings[inside])
        if halves is None or _apart(embeddings[inside], halves) < _APART:
            continue
        new = int(parted.max()) + 1
        waiting += [int(parted[inside[0]]), new]
        parted[inside[halves == 1]] = new
    return parted


def _halves(embeddings: Embeddings) -> Labels | None:
    """Return to which of its two halves each window of a cluster belongs; None for a small one."""
    if len(embeddings) < 2 * _FEWEST_OF_HALF:
        return None
    merges = average_linkage(embeddings)
    found = cut(merges, len(merges) + 1, _merges_to(merges, len(merges) + 1, 2, _FEWEST_OF_HALF))
    sizes = np.bincount(found)
    chosen = np.argsort(-sizes, kind="stable")[:2]
    if len(chosen) < 2 or sizes[chosen[1]] < _FEWEST_OF_HALF:
        return None
    voices = centres(embeddings, found, chosen)
    for _ in range(_ROUNDS):
        nearest: Labels = np.argmax(embeddings @ voices.T, axis=1)
        if np.bincount(nearest, minlength=2).min() < _FEWEST_OF_HALF:
            return None
        voices = centres(embeddings, nearest, np.arange(2))
    return nearest


def _apart(embeddings: Embeddings, halves: Labels) -> float:
    """Return the mean cosine distance between windows of two halves over that within them."""
    one, other = embeddings[halves == 0], embeddings[halves == 1]
    within = [
        (len(half) ** 2 - float((half @ half.T).sum())) / (len(half) * (len(half) - 1))
        for half in (one, other)
    ]
    between = 1 - float((one @ other.T).mean())
    return between / max(float(np.mean(within)), 1e-9)


def _merges_to(merges: list[tuple[int, int, float]], count: int, speakers: int, least: int) -> int:
    """Return after how many merges so many clusters of a fair size are left, the most merges first.

    Average linkage leaves single odd windows to the end, so that the last clusters are often not
    the speakers.
    """
    best, most = len(merges), 1
    for kept in range(len(merges), max(0, len(merges) - count // 2) - 1, -1):
        large = int((np.bincount(cut(merges, count, kept)) >= least).sum())
        if large > most:
            best, most = kept, large
        if most >= speakers:
            break
    return best


def _stretches(
    mix: Iterable[Samples], regions: Sequence[SampleRange]
) -> Iterator[tuple[int, Samples]]:
    """Yield the start and the sound of each region in turn, no longer than `_LONGEST`."""
    short = [
        SampleRange(start, min(start + _LONGEST, region.end))
        for region in regions
        for start in range(region.start, region.end, _LONGEST)
    ]
    held, begin = np.zeros(0, np.float32), 0
    blocks = iter(mix)
    for region in short:
        while begin + len(held) < region.end:
            block = next(blocks, None)
            if block is None:
                break
            drop = min(max(region.start - begin, 0), len(held))
            held, begin = np.concatenate([held[drop:], block]), begin + drop
        yield region.start, held[max(region.start - begin, 0) : region.end - begin]


def _places(frames: int) -> Iterator[tuple[int, int]]:
    """Yield first and last frame of each window in a stretch of speech."""
    if frames < _SHORTEST:
        return
    if frames <= WINDOW:
        yield 0, frames
        return
    for start in range(0, frames - WINDOW, _STEP):
        yield start, start + WINDOW
    yield frames - WINDOW, frames


def _spans(
    regions: Sequence[SampleRange], windows: _Windows, likeness: Embeddings
) -> Iterator[LabelledSpan]:
    """Yield the regions, cut where the voice changes; `likeness` has shape (windows, voices)."""
    last = int(np.argmax(likeness[0])) if len(likeness) else 0
    for region in regions:
        first, end = region.start // HOP, max(region.start // HOP + 1, region.end // HOP)
        inside = (windows.starts >= first) & (windows.ends <= end)
        if not inside.any():
            # Too short to judge: it continues the turn before it.
            yield LabelledSpan(region, last)
            continue
        runs = _runs(_votes(first, end, windows, likeness, inside))
        at = region.start
        for frame, speaker in runs:
            stop = region.end if frame == end - first else (first + frame) * HOP
            yield LabelledSpan(SampleRange(at, stop), speaker)
            at, last = stop, speaker


def _votes(
    first: int,
    end: int,
    windows: _Windows,
    likeness: Embeddings,
    inside: npt.NDArray[np.bool_],
) -> npt.NDArray[np.int64]:
    """Return the voice of each frame: windows count most in their middle."""
    votes = np.zeros((end - first, likeness.shape[1]), np.float32)
    for number in np.flatnonzero(inside).tolist():
        a, b = int(windows.starts[number]) - first, int(windows.ends[number]) - first
        weight = 1.05 - np.abs(np.linspace(-1, 1, b - a, dtype=np.float32))
        votes[a:b] += weight[:, None] * likeness[number]
    found: npt.NDArray[np.int64] = np.argmax(votes, axis=1)
    return found


def _runs(voices: npt.NDArray[np.int64]) -> list[tuple[int, int]]:
    """Return end and voice of each run of frames; runs that are too short join the one before."""
    ends = [*(np.flatnonzero(np.diff(voices)) + 1).tolist(), len(voices)]
    runs: list[tuple[int, int]] = []
    start = 0
    for end in ends:
        voice = int(voices[end - 1])
        if runs and (end - start < _SHORTEST_TURN or runs[-1][1] == voice):
            runs[-1] = (end, runs[-1][1])
        elif not runs and end - start < _SHORTEST_TURN and end < len(voices):
            continue
        else:
            runs.append((end, voice))
        start = end
    return runs


def _numbered(spans: Iterator[LabelledSpan]) -> Iterator[LabelledSpan]:
    """Yield spans with speakers numbered from 0 as they appear."""
    numbers: dict[int, int] = {}
    for one in spans:
        number = numbers.setdefault(one.speaker, len(numbers))
        yield LabelledSpan(one.span, number)
