# SPDX-License-Identifier: Apache-2.0
"""From speech probabilities to regions of speech: hysteresis, shortest length, padding."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from services.transcription.domain.audio import FRAME, SampleRange, Samples, samples

_QUIET_SECONDS = 0.1
"""Length of the quietest place of a region: a pause between words or a stop."""


@dataclass(frozen=True, slots=True)
class RegionOptions:
    """How speech is separated from silence; seconds, probabilities in [0, 1].

    The names and values are part of the run key. `on` and `off` are the defaults of Silero VAD.
    `min_silence` bridges breaths and hesitation inside a sentence. `min_speech` drops clicks, and
    keeps a "ya" or "no". `pad` keeps the quiet first and last sounds of words, which the detector
    misses.
    """

    on: float = 0.5
    off: float = 0.35
    min_silence: float = 0.5
    min_speech: float = 0.1
    pad: float = 0.3

    def between_speakers(self) -> RegionOptions:
        """Return the same for regions that end where another person may go on.

        People take turns within less than half a second, and a pause of 0.2 s is longer than the
        silence inside of most words (Heldner and Edlund 2010, "Pauses, gaps and overlaps in
        conversations").
        """
        return replace(self, min_silence=0.2, pad=0.1)


def speech_regions(
    probabilities: npt.NDArray[np.float32],
    total: int,
    options: RegionOptions,
    is_bleed: Callable[[SampleRange], bool] = lambda _region: False,
) -> list[SampleRange]:
    """Return the regions of speech in a channel, in order, not overlapping, inside [0, total).

    A region opens where the probability reaches `on` and closes once it has stayed below `off`
    for `min_silence`; shorter dips belong to the region. Those that are `is_bleed` are left out.
    Regions are padded on both sides, and neighbours that would overlap meet in the middle of
    their gap.
    """
    silence_frames = max(1, samples(options.min_silence) // FRAME)
    raw: list[tuple[int, int]] = []
    start, quiet = -1, -1
    for frame, probability in enumerate(probabilities.tolist()):
        if probability >= options.on:
            quiet = -1
            if start < 0:
                start = frame
        elif start >= 0 and probability < options.off:
            if quiet < 0:
                quiet = frame
            if frame - quiet + 1 >= silence_frames:
                raw.append((start, quiet))
                start, quiet = -1, -1
    if start >= 0:
        raw.append((start, quiet if quiet >= 0 else len(probabilities)))
    shortest = samples(options.min_speech)
    kept = [SampleRange(a * FRAME, min(b * FRAME, total)) for a, b in raw]
    kept = [s for s in kept if len(s) >= shortest and not is_bleed(s)]
    return _padded(kept, total, samples(options.pad))


def split_at_quiet(region: SampleRange, sound: Samples, longest: float) -> list[SampleRange]:
    """Return a region as parts of at most `longest` seconds, cut where its `sound` is quietest.

    Speakers change their language between words, and a region may hold many sentences. Every part
    is at least a quarter of `longest`.
    """
    if len(region) <= samples(longest):
        return [region]
    edge = samples(longest / 4)
    power = np.concatenate([[0.0], np.cumsum(np.square(sound, dtype=np.float64))])
    wide = samples(_QUIET_SECONDS)
    starts = np.arange(edge, len(region) - edge - wide, FRAME // 4)
    cut = int(starts[np.argmin(power[starts + wide] - power[starts])]) + wide // 2
    first = SampleRange(region.start, region.start + cut)
    second = SampleRange(first.end, region.end)
    return [
        *split_at_quiet(first, sound[:cut], longest),
        *split_at_quiet(second, sound[cut:], longest),
    ]


def _padded(regions: Sequence[SampleRange], total: int, pad: int) -> list[SampleRange]:
    padded: list[SampleRange] = []
    for here, region in enumerate(regions):
        before = regions[here - 1].end if here else -pad
        after = regions[here + 1].start if here + 1 < len(regions) else total + pad
        left = min(pad, (region.start - before) // 2) if here else pad
        right = min(pad, (after - region.end + 1) // 2) if here + 1 < len(regions) else pad
        padded.append(SampleRange(max(0, region.start - left), min(total, region.end + right)))
    return padded
