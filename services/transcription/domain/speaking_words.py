# SPDX-License-Identifier: Apache-2.0
"""Words given to speakers by their times, so that a recording is decoded once, whoever speaks."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from itertools import groupby

from services.transcription.domain.audio import samples
from services.transcription.domain.speakers import SpeakerAssignment
from services.transcription.domain.transcript import Segment, Word

_SENTENCE_ENDS = (".", "?", "!", "…", "。", "？", "！")

_NEAR_WORDS = 2
"""Words by which a change of speaker moves to the end of a sentence: the times of words and of
changes are both good to some tenths of a second, and the decoder hears where a sentence ends."""

_NEAR_MS = 700
"""Milliseconds by which it moves at most."""


def by_speaker(segment: Segment, speakers: SpeakerAssignment) -> list[Segment]:
    """Return a segment with its speaker, as several where the speaker changes between words.

    A segment whose words do not make up its text is not cut: it goes to who speaks most in it.
    """
    words = segment.words
    if not words or "".join(word.text for word in words).strip() != segment.text:
        return [_given(segment, speakers, segment.start_ms or 0, segment.end_ms or 0)]
    said = [speakers.between(_at(word.start_ms), _at(word.end_ms)) for word in words]
    runs = [len(list(run)) for _, run in groupby(said)]
    if len(runs) == 1:
        return [_spoken(segment, speakers, said[0])]
    cuts, at = [0], 0
    for here, run in enumerate(runs[:-1]):
        at += run
        # At least one word stays on either side.
        low, high = cuts[-1] + 1, at + runs[here + 1] - 1
        cuts.append(_moved(words, at, max(low, at - _NEAR_WORDS), min(high, at + _NEAR_WORDS)))
    cuts.append(len(words))
    order = [speaker for speaker, _ in groupby(said)]
    return [
        _spoken(_part(segment, words[first:end], first == 0, end == len(words)), speakers, speaker)
        for first, end, speaker in zip(cuts, cuts[1:], order, strict=False)
    ]


def _moved(words: Sequence[Word], at: int, low: int, high: int) -> int:
    """Return the nearest place for a cut at which a sentence ends, else `at`; places are numbers
    of the word behind the cut, from `low` to `high`.
    """
    ends = [
        place
        for place in range(low, high + 1)
        if words[place - 1].text.rstrip().endswith(_SENTENCE_ENDS)
        and abs(words[place].start_ms - words[at].start_ms) <= _NEAR_MS
    ]
    return min(ends, key=lambda place: abs(place - at), default=at)


def _part(segment: Segment, words: Sequence[Word], is_first: bool, is_last: bool) -> Segment:
    return replace(
        segment,
        text="".join(word.text for word in words).strip(),
        start_ms=segment.start_ms if is_first else words[0].start_ms,
        end_ms=segment.end_ms if is_last else words[-1].end_ms,
        words=tuple(words),
    )


def _given(segment: Segment, speakers: SpeakerAssignment, start: int, end: int) -> Segment:
    return _spoken(segment, speakers, speakers.between(_at(start), _at(end)))


def _spoken(segment: Segment, speakers: SpeakerAssignment, number: int) -> Segment:
    speaker = speakers.speaker(number)
    return replace(segment, speaker=speaker.label, role=speaker.role)


def _at(milliseconds: int) -> int:
    return samples(milliseconds / 1000)
