# SPDX-License-Identifier: Apache-2.0
"""Which parts of a recording are muted so that it tells no more than its approved transcript.

What can be heard is a list of what may be, never of what may not: words of the identified
transcript that stand in the approved one, by the times that the engine gave them. All else is
silent: what was redacted, speech that was not understood, and whatever nobody wrote down. Where
the time of a redacted word is not certain, its whole segment is muted.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np

from services.corrections.alignment import places
from services.corrections.model import Replacement
from services.transcription.domain.analysis import Layout
from services.transcription.domain.audio import SAMPLE_RATE, SampleRange, Samples, samples
from services.transcription.domain.coverage import CoverageOptions, uncovered
from services.transcription.domain.transcriber import Plan
from services.transcription.domain.transcript import Segment, Word

_PADDING = 0.25
"""Seconds that are muted on both sides of a redacted word: how far times of words are off."""

_MARGIN = 0.15
"""Seconds on both sides of a word that may be heard; less cuts its first and last sounds off."""

_LONGEST_WORD = 2.0
"""Seconds from which a word was stretched by the alignment over what was left out: no more than
half of this is heard at either end."""

_SHORTEST_SPEECH = 0.2
"""Seconds of detected speech beside words from which it is muted; less is no word."""

_NEAR = 3.0
"""Seconds around a redaction in which a redacted word, heard again, can be nothing else."""

_AROUND = 0.5
"""Seconds on both sides of a word that was heard again that are muted with its segment."""

_BLEEP_HZ, _BLEEP_LEVEL = 1000, 0.1
"""Pitch of the tone over what was redacted, and its amplitude, about -20 dB of full scale."""

_TOKEN = re.compile(r"\w+", re.UNICODE)


@dataclass(frozen=True, slots=True)
class ApprovedSegment:
    """A segment as it was approved: its text, and what stands in place of redacted words."""

    text: str
    replacements: tuple[Replacement, ...] = ()


@dataclass(frozen=True, slots=True)
class TimedText:
    """Words, and when they are said."""

    text: str
    span: SampleRange


@dataclass(frozen=True, slots=True)
class MutedParts:
    """What is muted of a recording of `total` samples: ranges in order that do not touch.

    `redacted` are those over redacted words, `silent` all others. `hidden` are the redacted words
    and `heard` those that may be heard, with their times; both stay in this process.
    """

    total: int
    redacted: tuple[SampleRange, ...]
    silent: tuple[SampleRange, ...]
    hidden: tuple[TimedText, ...] = ()
    heard: tuple[TimedText, ...] = ()

    @property
    def muted(self) -> int:
        """Samples that are muted."""
        return sum(map(len, (*self.redacted, *self.silent)))

    def and_silent(self, more: Iterable[SampleRange]) -> MutedParts:
        """Return the same with more that is silent."""
        both = merged((*self.silent, *more), self.total)
        left = (part for one in both for part in without(one, self.redacted))
        heard = (one for one in self.heard if not any(one.span.overlap(part) for part in both))
        return replace(self, silent=tuple(left), heard=tuple(heard))


def muted_parts(
    segments: Sequence[Segment], approved: Sequence[ApprovedSegment], plan: Plan
) -> MutedParts:
    """Return what is muted; `approved` has one item for each of `segments`, `plan` is of the same
    recording and finds the speech in it.
    """
    redacted: list[SampleRange] = []
    audible: list[SampleRange] = []
    hidden: list[TimedText] = []
    heard: list[TimedText] = []
    inaudible: list[SampleRange] = []
    for segment, released in zip(segments, approved, strict=True):
        if segment.is_inaudible:
            inaudible.append(_extent(segment))
            continue
        groups = _redacted_words(segment, released)
        if groups is None:
            span = _padded(_extent(segment))
            redacted.append(span)
            hidden.append(TimedText(segment.text, span))
            continue
        for group in groups:
            span = _padded(SampleRange(_sample(group[0].start_ms), _sample(group[-1].end_ms)))
            redacted.append(span)
            hidden.append(TimedText("".join(word.text for word in group), span))
        gone = {id(word) for group in groups for word in group}
        for word in segment.words:
            if id(word) not in gone:
                span = SampleRange(_sample(word.start_ms), _sample(word.end_ms))
                heard.append(TimedText(word.text, span))
                audible += _audible(span)
    tones = merged(redacted, plan.total)
    open_parts = [
        part
        for one in merged(audible, plan.total)
        for part in without(one, merged((*tones, *inaudible, *_not_written(segments, plan))))
    ]
    silent = [
        part
        for one in without(SampleRange(0, plan.total), open_parts)
        for part in without(one, tones)
    ]
    kept = [one for one in heard if any(one.span.overlap(part) for part in open_parts)]
    return MutedParts(plan.total, tuple(tones), tuple(silent), tuple(hidden), tuple(kept))


def heard_again(parts: MutedParts, found: Iterable[Segment]) -> list[SampleRange]:
    """Return where redacted words stand in a transcript of the bleeped audio.

    A redacted word is one near its redaction, or, where it is nowhere among what may be heard,
    anywhere; the same word said openly nearby is not it.
    """
    hidden = [(one.span, set(_tokens(one.text))) for one in parts.hidden]
    everything = set().union(*(words for _, words in hidden)) if hidden else set()
    kept = [(one.span, set(_tokens(one.text))) for one in parts.heard]
    open_words = set().union(*(words for _, words in kept)) if kept else set()

    def is_hidden(token: str, span: SampleRange) -> bool:
        if token not in open_words:
            return token in everything
        return any(token in words and _is_near(span, one) for one, words in hidden) and not any(
            token in words and _is_near(span, one) for one, words in kept
        )

    spoken = (
        (word, SampleRange(_sample(word.start_ms), _sample(word.end_ms)))
        for segment in found
        for word in segment.words
    )
    return [
        span for word, span in spoken if any(is_hidden(one, span) for one in _tokens(word.text))
    ]


def segments_around(segments: Iterable[Segment], spots: Sequence[SampleRange]) -> list[SampleRange]:
    """Return the extents of the segments in which something was heard again, and the spots."""
    wide = [SampleRange(s.start - samples(_AROUND), s.end + samples(_AROUND)) for s in spots]
    extents = [_padded(_extent(segment)) for segment in segments]
    return wide + [one for one in extents if any(one.overlap(spot) for spot in wide)]


def bleeped(blocks: Iterable[Samples], parts: MutedParts, *, with_tone: bool) -> Iterator[Samples]:
    """Yield the sound with what is muted taken out of all channels, in blocks of the same shapes.

    A tone stands over redacted words, or silence as everywhere else.
    """
    at = 0
    for block in blocks:
        span = SampleRange(at, at + block.shape[1])
        sound = np.array(block, np.float32)
        for one in _within(parts.silent, span):
            sound[:, one.start - at : one.end - at] = 0.0
        for one in _within(parts.redacted, span):
            sound[:, one.start - at : one.end - at] = _tone(one) if with_tone else 0.0
        yield sound
        at = span.end


def merged(ranges: Iterable[SampleRange], total: int | None = None) -> list[SampleRange]:
    """Return ranges in order, joined where they touch, and cut to [0, total)."""
    found: list[SampleRange] = []
    for one in sorted(ranges):
        start = max(0, one.start)
        end = one.end if total is None else min(one.end, total)
        if end <= start:
            continue
        if found and start <= found[-1].end:
            found[-1] = SampleRange(found[-1].start, max(found[-1].end, end))
        else:
            found.append(SampleRange(start, end))
    return found


def without(whole: SampleRange, taken: Sequence[SampleRange]) -> list[SampleRange]:
    """Return what is left of a range without others, which are in order and do not overlap."""
    left, at = [], whole.start
    for one in taken:
        if one.end <= at or one.start >= whole.end:
            continue
        if one.start > at:
            left.append(SampleRange(at, one.start))
        at = max(at, one.end)
    if at < whole.end:
        left.append(SampleRange(at, whole.end))
    return left


def _redacted_words(segment: Segment, approved: ApprovedSegment) -> list[list[Word]] | None:
    """Return the words of each replacement; None where they, or their times, are not certain."""
    if not approved.replacements:
        return [] if approved.text == segment.text else None
    spots = places_of_words(segment)
    if spots is None:
        return None
    groups: list[list[Word]] = []
    for place in places(segment.text, approved.text, approved.replacements):
        if place is None:
            return None
        group = [
            word
            for word, (start, end) in zip(segment.words, spots, strict=True)
            if start < place[1] and place[0] < end
        ]
        if not group or any(word.end_ms <= word.start_ms for word in group):
            return None
        groups.append(group)
    return groups


def places_of_words(segment: Segment) -> list[tuple[int, int]] | None:
    """Return the place of each word in the text; None unless the words make up the text."""
    joined = "".join(word.text for word in segment.words)
    if joined.strip() != segment.text.strip():
        return None
    at = len(segment.text) - len(segment.text.lstrip()) - (len(joined) - len(joined.lstrip()))
    found = []
    for word in segment.words:
        found.append((at, at + len(word.text)))
        at += len(word.text)
    return found


def _not_written(segments: Sequence[Segment], plan: Plan) -> Iterator[SampleRange]:
    """Yield speech of a channel that is in no word of that channel's speaker.

    Where each channel is a speaker, another one's words at the same time are no reason to keep it.
    """
    speech: dict[int, list[SampleRange]] = {}
    for window in plan.windows:
        for piece in window.pieces:
            speech.setdefault(piece.channel, []).extend(piece.speech)
    options = CoverageOptions(shortest=_SHORTEST_SPEECH, longest_word=_LONGEST_WORD)
    for channel, regions in speech.items():
        said = list(segments)
        if plan.layout is Layout.SEPARATE:
            label = plan.speakers.speaker(channel).label
            said = [one for one in segments if one.speaker == label]
        for stretch in uncovered(sorted(regions), said, options, 0.0):
            yield from stretch.parts


def _extent(segment: Segment) -> SampleRange:
    """Return the time of a segment, and of all its words where they reach beyond it."""
    starts = [segment.start_ms or 0, *(word.start_ms for word in segment.words)]
    ends = [segment.end_ms or 0, *(word.end_ms for word in segment.words)]
    return SampleRange(_sample(min(starts)), _sample(max(ends)))


def _padded(span: SampleRange) -> SampleRange:
    return SampleRange(span.start - samples(_PADDING), span.end + samples(_PADDING))


def _audible(word: SampleRange) -> list[SampleRange]:
    margin, half = samples(_MARGIN), samples(_LONGEST_WORD / 2)
    if len(word) <= 2 * half:
        return [SampleRange(word.start - margin, word.end + margin)]
    return [
        SampleRange(word.start - margin, word.start + half),
        SampleRange(word.end - half, word.end + margin),
    ]


def _sample(ms: int) -> int:
    return ms * SAMPLE_RATE // 1000


def _tokens(text: str) -> list[str]:
    """Return the words of a text that can be told again: no single letters."""
    found = (token.casefold() for token in _TOKEN.findall(text))
    return [token for token in found if len(token) > 1 or token.isdigit()]


def _is_near(one: SampleRange, other: SampleRange) -> bool:
    near = samples(_NEAR)
    return one.start < other.end + near and other.start < one.end + near


def _within(ranges: Sequence[SampleRange], span: SampleRange) -> Iterator[SampleRange]:
    """Yield the parts of ranges in order that lie in a span."""
    for one in ranges:
        if one.start >= span.end:
            return
        if one.end > span.start:
            yield SampleRange(max(one.start, span.start), min(one.end, span.end))


def _tone(span: SampleRange) -> Samples:
    steps = np.arange(span.start, span.end) % SAMPLE_RATE
    wave = _BLEEP_LEVEL * np.sin(2 * np.pi * _BLEEP_HZ / SAMPLE_RATE * steps)
    tone: Samples = wave.astype(np.float32)
    return tone
