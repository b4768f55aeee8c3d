# SPDX-License-Identifier: Apache-2.0
"""Which speech has no words: what a decoder left out shows in no segment and raises no doubt."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from services.transcription.domain.audio import SAMPLE_RATE, SampleRange, samples
from services.transcription.domain.speakers import Speaker
from services.transcription.domain.transcript import Doubt, Evidence, Segment

_SLIVER = 0.2
"""Seconds of what is left of a region beside words and is shorter than any word."""


@dataclass(frozen=True, slots=True)
class CoverageOptions:
    """When speech counts as not heard; seconds, names and values are part of the run key.

    `shortest`: speech without words from which it is heard again. `margin`: how far the times of
    words may be off; regions are padded as much. `longest_word`: a longer one was stretched by the
    alignment over what was left out, and covers no more than this, half of it at each end.
    """

    shortest: float = 1.0
    margin: float = 0.3
    longest_word: float = 2.0


@dataclass(frozen=True, slots=True)
class Stretch:
    """Speech without a word in it: its parts, in order, and the span from first to last."""

    parts: tuple[SampleRange, ...]

    @property
    def span(self) -> SampleRange:
        """From the start of the first part to the end of the last."""
        return SampleRange(self.parts[0].start, self.parts[-1].end)


def uncovered(
    speech: Sequence[SampleRange],
    segments: Sequence[Segment],
    options: CoverageOptions,
    join_gap: float,
) -> list[Stretch]:
    """Return the stretches of `speech` without words, in order.

    `join_gap` are the seconds without speech that a stretch may hold. A segment without words
    covers what it spans.
    """
    taken = _taken(segments, options)
    parts = [
        part
        for region in speech
        for part in _without(region, taken)
        if len(part) >= samples(_SLIVER)
    ]
    grouped: list[list[SampleRange]] = []
    for part in parts:
        before = grouped[-1][-1] if grouped else None
        if (
            before is not None
            and part.start - before.end <= samples(join_gap)
            and not any(word.start < part.start and word.end > before.end for word in taken)
        ):
            grouped[-1].append(part)
        else:
            grouped.append([part])
    shortest = samples(options.shortest)
    return [Stretch(tuple(group)) for group in grouped if sum(map(len, group)) >= shortest]


def inaudible(stretch: Stretch, speaker: Speaker) -> Segment:
    """Return the segment that stands for speech that was not heard: `[inaudible 00:08-00:19]`.

    De-identification takes such notation for no speech.
    """
    span = stretch.span
    return Segment(
        index=0,
        speaker=speaker.label,
        role=speaker.role,
        text=f"[inaudible {_clock(span.start)}-{_clock(span.end)}]",
        start_ms=span.start_ms,
        end_ms=span.end_ms,
        evidence=Evidence(0.0, 0.0, 0.0, 1.0, 0.0, 0.0, 0.0, (Doubt.INAUDIBLE,)),
    )


def parted(segments: Sequence[Segment], span: SampleRange) -> list[Segment]:
    """Return segments cut in two where `span` lies between their words, so that what stands for it
    comes between them.
    """
    cut: list[Segment] = []
    for segment in segments:
        before = tuple(word for word in segment.words if word.start_ms < span.start_ms)
        after = segment.words[len(before) :]
        # Where words do not make up the text, nobody knows where to cut it.
        whole = "".join(word.text for word in segment.words).strip() == segment.text
        if not before or not after or not whole or after[0].end_ms <= span.end_ms:
            cut.append(segment)
            continue
        cut += (
            replace(
                segment,
                text="".join(word.text for word in words).strip(),
                start_ms=segment.start_ms if words is before else words[0].start_ms,
                end_ms=words[-1].end_ms if words is before else segment.end_ms,
                words=words,
            )
            for words in (before, after)
        )
    return [segment for segment in cut if segment.text]


def _taken(segments: Sequence[Segment], options: CoverageOptions) -> list[SampleRange]:
    """Return what words cover, in order of their starts."""
    margin, half = samples(options.margin), samples(options.longest_word / 2)
    taken: list[SampleRange] = []
    for segment in segments:
        if not segment.words:
            taken.append(_samples_of(segment.start_ms or 0, segment.end_ms or 0))
        for word in segment.words:
            span = _samples_of(word.start_ms, word.end_ms)
            if len(span) > 2 * half:
                taken.append(SampleRange(span.start - margin, span.start + half))
                taken.append(SampleRange(span.end - half, span.end + margin))
            else:
                taken.append(SampleRange(span.start - margin, span.end + margin))
    return sorted(taken)


def _without(region: SampleRange, taken: Sequence[SampleRange]) -> list[SampleRange]:
    parts, at = [], region.start
    for one in taken:
        if one.start > at and one.start < region.end:
            parts.append(SampleRange(at, one.start))
        at = max(at, one.end)
    if at < region.end:
        parts.append(SampleRange(at, region.end))
    return parts


def _samples_of(start_ms: int, end_ms: int) -> SampleRange:
    return SampleRange(start_ms * SAMPLE_RATE // 1000, end_ms * SAMPLE_RATE // 1000)


def _clock(position: int) -> str:
    """Return a position in samples as minutes, which go on beyond an hour, and seconds.

    With hours, the digits of a range are as many as those of an identity card.
    """
    minutes, seconds = divmod(position // SAMPLE_RATE, 60)
    return f"{minutes:02}:{seconds:02}"
