# SPDX-License-Identifier: Apache-2.0
"""Planning: which stretches of which channel's audio go to the engine, grouped in windows.

Windows cut the time line of the recording, for all channels at once, where nobody speaks. They
are what is stored and what a restart repeats, so a plan depends on the audio and the options
alone. No window needs another to be transcribed.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import numpy.typing as npt

from services.transcription.domain.audio import FRAME, SampleRange, samples


@dataclass(frozen=True, slots=True)
class WindowOptions:
    """Lengths in seconds: of windows, of pieces inside them, of pauses that a piece may hold.

    The names and values are part of the run key. A restart repeats at most `longest`; windows are
    cut in the longest silence after `earliest`, a share of that, since the end of a piece is
    often encoded by itself, as long as if it were 30 s. `piece` is the longest for one call of the
    engine. One that is longer than `halved` becomes two, in the pause that is nearest to its
    middle: two threads with a piece each are done sooner than two with one. Beyond `join_gap` the
    speech before says little about the speech behind, and models invent text in long silence.
    """

    earliest: float = 2 / 3
    longest: float = 180.0
    piece: float = 180.0
    halved: float = 30.0
    join_gap: float = 2.0


@dataclass(frozen=True, slots=True)
class Piece:
    """A bounded stretch of one channel's audio for the engine; `speech` are the regions inside it.

    `channel` counts from 0, and is 0 for the mix of all.
    """

    channel: int
    span: SampleRange
    speech: tuple[SampleRange, ...]


@dataclass(frozen=True, slots=True)
class Window:
    """A stretch of the recording that is stored as one; windows without speech are not planned."""

    index: int
    span: SampleRange
    pieces: tuple[Piece, ...]


def plan_windows(
    regions: Sequence[Sequence[SampleRange]],
    loudest: npt.NDArray[np.float32],
    total: int,
    options: WindowOptions,
) -> list[Window]:
    """Cut a recording of `total` samples into windows of pieces.

    `regions` holds the speech of each channel; `loudest` the highest speech probability of any
    channel for each frame, by which cuts inside unbroken speech find the weakest spot.
    """
    windows: list[Window] = []
    for span in _cut(regions, loudest, total, options):
        pieces: list[Piece] = []
        for channel, spoken in enumerate(regions):
            inside = _clip(spoken, span)
            pieces += _pieces(channel, inside, loudest, options)
        if pieces:
            pieces.sort(key=lambda piece: (piece.span, piece.channel))
            windows.append(Window(len(windows), span, tuple(pieces)))
    return windows


def _cut(
    regions: Sequence[Sequence[SampleRange]],
    loudest: npt.NDArray[np.float32],
    total: int,
    options: WindowOptions,
) -> list[SampleRange]:
    gaps = _silences(regions, total)
    longest = samples(options.longest)
    shortest = samples(options.earliest * options.longest)
    cuts, at, first = [0], 0, 0
    while total - at > longest:
        low, high = at + shortest, at + longest
        while first < len(gaps) and gaps[first].end <= low:
            first += 1
        best = SampleRange(0, 0)
        for gap in gaps[first:]:
            if gap.start >= high:
                break
            inside = SampleRange(max(gap.start, low), min(gap.end, high))
            if len(inside) > len(best):
                best = inside
        at = (best.start + best.end) // 2 if len(best) else weakest(loudest, SampleRange(low, high))
        cuts.append(at)
    cuts.append(total)
    return [SampleRange(a, b) for a, b in pairwise(cuts) if b > a]


def _silences(regions: Sequence[Sequence[SampleRange]], total: int) -> list[SampleRange]:
    gaps: list[SampleRange] = []
    end = 0
    for region in sorted(span for spoken in regions for span in spoken):
        if region.start > end:
            gaps.append(SampleRange(end, region.start))
        end = max(end, region.end)
    if total > end:
        gaps.append(SampleRange(end, total))
    return gaps


def weakest(probabilities: npt.NDArray[np.float32], within: SampleRange) -> int:
    """Return the sample where speech is least likely, the latest of equals."""
    low = within.start // FRAME + 1
    frames = probabilities[low : within.end // FRAME]
    if not len(frames):
        return (within.start + within.end) // 2
    return (low + len(frames) - 1 - int(np.argmin(frames[::-1]))) * FRAME


def _clip(regions: Sequence[SampleRange], window: SampleRange) -> list[SampleRange]:
    clipped = (
        SampleRange(max(region.start, window.start), min(region.end, window.end))
        for region in regions
    )
    return [span for span in clipped if span.end > span.start]


def _pieces(
    channel: int,
    regions: Sequence[SampleRange],
    loudest: npt.NDArray[np.float32],
    options: WindowOptions,
) -> list[Piece]:
    longest, gap = samples(options.piece), samples(options.join_gap)
    groups: list[list[SampleRange]] = []
    for region in _shortened(regions, loudest, longest):
        last = groups[-1] if groups else None
        if last and region.start - last[-1].end <= gap and region.end - last[0].start <= longest:
            last.append(region)
        else:
            groups.append([region])
    return [
        Piece(channel, SampleRange(part[0].start, part[-1].end), tuple(part))
        for group in groups
        for part in _halves(group, samples(options.halved))
    ]


def _halves(regions: list[SampleRange], longest: int) -> list[list[SampleRange]]:
    first, last = regions[0].start, regions[-1].end
    if len(regions) < 2 or last - first <= longest:
        return [regions]
    twice = [before.end + after.start for before, after in pairwise(regions)]
    cut = 1 + min(range(len(twice)), key=lambda gap: abs(twice[gap] - first - last))
    return [regions[:cut], regions[cut:]]


def _shortened(
    regions: Sequence[SampleRange], loudest: npt.NDArray[np.float32], longest: int
) -> list[SampleRange]:
    short: list[SampleRange] = []
    for region in regions:
        start = region.start
        while region.end - start > longest:
            cut = weakest(loudest, SampleRange(start + longest // 2, start + longest))
            short.append(SampleRange(start, cut))
            start = cut
        short.append(SampleRange(start, region.end))
    return short
