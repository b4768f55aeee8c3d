# SPDX-License-Identifier: Apache-2.0
"""The places of a transcript that a reviewer may name: doubtful, replaced or corrected ones.

A place is named by segment and number, such as 12:3. Numbers follow the text as the engine wrote
it, and places that only a correction made come behind them, so that correcting one place renames no
other.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from types import MappingProxyType

from services.common.errors import InvalidInput, NotFound
from services.corrections import convert
from services.corrections.alignment import align
from services.corrections.decided import Decisions
from services.corrections.doubtful_words import standing
from services.corrections.model import (
    Correction,
    Doubt,
    Replacement,
    RoleCorrection,
    SegmentText,
    Step,
)
from services.corrections.replay import CorrectedText, apply, by_segment
from services.corrections.roles import role_of
from sotto.transcript.v1 import transcript_pb2

#: What each reason of a doubt means to a person.
REASONS: Mapping[str, str] = {
    "tagged": "the tagger saw a name here, and a rule let it stand",
    "same_as_name": "the same word was replaced as a name elsewhere",
    "name_like": "looks like a name that nothing replaced",
    "beside_name": "stands beside a name that was replaced, and may be a part of it",
    "place_like": "looks like a place that nothing replaced",
    "number": "digits, written or said, that may be a number of a person",
    "date_or_age": "may be a part of a date or an age",
    "address_sign": "written or said as a part of an e-mail, web address or account name",
    "spelled": "spelled letter by letter",
    "nearly": "the engine nearly replaced it",
    "unknown_word": "a word that no word list knows, so it may be a name",
    # Earlier versions wrote it, also of replacements.
    "doubtful": "the engine was not sure whether this identifies somebody",
    "misheard": "the speech recogniser was unsure of it, and it may be a name",
    "other_script": "in a script that the engine reads badly",
}

Identified = Sequence[transcript_pb2.Segment]

PLACE = re.compile(r"([0-9]{1,6}):([0-9]{1,4})")
_EARLY = datetime(1, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Place:
    """A place of a segment; `start` and `end` are code points of the run's own text."""

    segment: int
    number: int
    start: int
    end: int
    replacement: Replacement | None
    doubts: tuple[Doubt, ...]
    correction: Correction | None

    @property
    def name(self) -> str:
        """What a person types for it."""
        return f"{self.segment}:{self.number}"

    @property
    def weight(self) -> float:
        """The estimated probability that an identifier is left there, by its likeliest doubt."""
        return max((one.weight for one in self.doubts), default=0.0)

    @property
    def reasons(self) -> list[str]:
        """Why it is doubtful, in words."""
        return [REASONS.get(one.reason, one.reason) for one in self.doubts]


@dataclass(frozen=True, slots=True)
class ReviewedSegment:
    """A segment with its corrections applied, its places, and the role of its speaker by whoever
    said it last.
    """

    message: transcript_pb2.Segment
    text: SegmentText
    corrected: CorrectedText
    places: tuple[Place, ...]
    role: str
    decisions: Decisions

    @property
    def doubtful_words(self) -> tuple[tuple[int, int], ...]:
        """The places in the corrected text of words that may be misheard."""
        heard = ((one.start, one.end) for one in self.message.doubtful_words)
        return standing(self.text.text, heard, self.corrected)

    @property
    def index(self) -> int:
        """The index of the segment."""
        return self.message.index

    @property
    def open_places(self) -> list[Place]:
        """The doubtful places that nobody decided: no correction answered them, and nobody
        accepted them.
        """
        return [one for one in self.places if one.doubts and not self.is_decided(one)]

    @property
    def restorable(self) -> list[Place]:
        """The doubtful replacements that nobody decided."""
        return [
            one
            for one in self.places
            if one.replacement and one.replacement.doubtful and not self.is_decided(one)
        ]

    def is_decided(self, place: Place) -> bool:
        """Return whether a correction covers a place, or somebody accepted it as it is."""
        if self.decisions.accepts(self.index, place.start, place.end):
            return True
        unsure = place.correction is not None and bool(place.correction.doubts)
        return self.is_answered(place) and not unsure

    def is_answered(self, place: Place) -> bool:
        """Return whether a correction covers the whole place."""
        return any(
            one.start <= place.start and place.end <= one.end for one in self.corrected.corrections
        )

    def marked(self, numbers: Iterable[int] | None = None) -> str:
        """Return the corrected text with its places in braces: {1 replaced}, {2? doubtful}, {3*
        corrected}, and words that may be misheard as ~words~. Only places of `numbers`, where
        given, are marked, and no words.
        """
        return _marked(self, None if numbers is None else set(numbers))


def reviewed(
    segments: Sequence[transcript_pb2.Segment],
    corrections: Sequence[Correction],
    roles: Mapping[str, RoleCorrection] = MappingProxyType({}),
    journal: Iterable[Step] = (),
) -> list[ReviewedSegment]:
    """Apply corrections to a transcript and name its places; the journal says which of them were
    accepted.

    Raises CorrectionMalformed when they do not fit.
    """
    found = by_segment(corrections, len(segments))
    decisions = Decisions(journal)
    return [
        _reviewed(one, convert.segment_text(one), found.get(one.index, ()), roles, decisions)
        for one in segments
    ]


def reviewed_after(
    segments: Sequence[ReviewedSegment],
    corrections: Sequence[Correction],
    roles: Mapping[str, RoleCorrection],
    journal: Sequence[Step],
) -> list[ReviewedSegment]:
    """Return segments after the newest step of the journal, which leaves the text of most alone."""
    found = by_segment(corrections, len(segments))
    decisions = Decisions(journal)
    newest = journal[-1]
    touched = {one.segment for one in (*newest.added, *newest.removed)}
    all_of_them = bool(newest.added_roles or newest.removed_roles)
    return [
        _reviewed(one.message, one.text, found.get(one.index, ()), roles, decisions)
        if all_of_them or one.index in touched
        else replace(one, decisions=decisions)
        for one in segments
    ]


def _reviewed(
    message: transcript_pb2.Segment,
    text: SegmentText,
    own: Sequence[Correction],
    roles: Mapping[str, RoleCorrection],
    decisions: Decisions,
) -> ReviewedSegment:
    corrected = apply(text.text, text.replacements, text.doubts, own)
    places = _places(message.index, text, own)
    role = role_of(message.speaker, message.role, roles)
    return ReviewedSegment(message, text, corrected, places, role, decisions)


def find(segments: Sequence[ReviewedSegment], name: str) -> Place:
    """Return the place that a person typed, such as 12:3; raises InvalidInput, NotFound."""
    match = PLACE.fullmatch(name)
    if match is None:
        raise InvalidInput(f"{name!r} names no place; a place is typed as segment:number, as 12:3")
    segment, number = int(match[1]), int(match[2])
    if segment >= len(segments):
        raise NotFound(f"there is no segment {segment}; the last one is {len(segments) - 1}")
    places = segments[segment].places
    if not 1 <= number <= len(places):
        known = f"it has places 1 to {len(places)}" if places else "it has none"
        raise NotFound(f"segment {segment} has no place {number}; {known}; see show --full")
    return places[number - 1]


def original_words(segment: ReviewedSegment, place: Place, identified: Identified) -> str | None:
    """Return the words that a replacement stands for, None where they are ambiguous."""
    if segment.index >= len(identified):
        return None
    text = segment.text
    ordered = sorted(text.replacements, key=lambda one: one.start)
    found = align(identified[segment.index].text, text.text, ordered)
    for one, words in zip(ordered, found, strict=True):
        if (one.start, one.end) == (place.start, place.end):
            return words
    return None


def find_words(segment: ReviewedSegment, words: str, occurrence: int) -> tuple[int, int]:
    """Return where words stand in the run's own text of a segment.

    Parts of longer words count only where no whole word is meant, so that Ali is not looked for in
    Malik. `occurrence` counts from 1; 0 means that there is only one. Raises NotFound, and
    InvalidInput when there are several and none was chosen.
    """
    text = segment.text.text
    ways = [_occurrences(text, words), _occurrences(text, words, re.IGNORECASE)]
    whole = [[one for one in way if _is_whole(text, *one)] for way in ways]
    found = next((way for way in (*whole, *ways) if way), [])
    if not found:
        raise NotFound(
            f"segment {segment.index} does not hold these words as the engine wrote it; see"
            " show --full"
        )
    if occurrence > len(found) or (occurrence == 0 and len(found) > 1):
        raise InvalidInput(
            f"segment {segment.index} holds these words {len(found)} times; say which with"
            f" --occurrence 1 to {len(found)}"
        )
    return found[max(occurrence, 1) - 1]


def _occurrences(
    text: str, words: str, flags: re.RegexFlag = re.NOFLAG
) -> Sequence[tuple[int, int]]:
    matches = re.finditer(re.escape(words), text, flags) if words else ()
    return [match.span() for match in matches]


def _is_whole(text: str, start: int, end: int) -> bool:
    """Return whether no letter or digit stands right before or behind a place."""
    return not (text[max(start - 1, 0) : start].isalnum() or text[end : end + 1].isalnum())


def _places(segment: int, text: SegmentText, own: Sequence[Correction]) -> tuple[Place, ...]:
    replaced = {(one.start, one.end): one for one in text.replacements}
    spots = sorted({*replaced, *((one.start, one.end) for one in text.doubts)})
    corrected = {(one.start, one.end): one for one in own}
    late = sorted(own, key=lambda one: (one.corrected_at or _EARLY, one.start))
    spots += [(one.start, one.end) for one in late if (one.start, one.end) not in set(spots)]
    return tuple(
        Place(
            segment,
            number,
            *spot,
            replaced.get(spot),
            (
                *(one for one in text.doubts if (one.start, one.end) == spot),
                *(corrected[spot].doubts if spot in corrected else ()),
            ),
            corrected.get(spot),
        )
        for number, spot in enumerate(spots, start=1)
    )


def _marked(segment: ReviewedSegment, numbers: set[int] | None) -> str:
    opens: dict[int, list[tuple[int, str]]] = {}
    closes: dict[int, int] = {}
    for place in segment.places:
        if numbers is not None and place.number not in numbers:
            continue
        if place.correction is None and segment.is_answered(place):
            continue
        start, end = segment.corrected.place_of(place.start, place.end)
        sign = "*" if place.correction else "?" if place.doubts else ""
        opens.setdefault(start, []).append((-end, f"{{{place.number}{sign} "))
        closes[end] = closes.get(end, 0) + 1
    text = segment.corrected.text
    words = segment.doubtful_words if numbers is None else ()
    starts, ends = {one[0] for one in words}, {one[1] for one in words}
    pieces: list[str] = []
    for position in range(len(text) + 1):
        pieces.append("~" * (position in ends))
        pieces.append("}" * closes.get(position, 0))
        pieces += [mark for _, mark in sorted(opens.get(position, ()))]
        pieces.append("~" * (position in starts))
        pieces.append(text[position : position + 1])
    return "".join(pieces)
