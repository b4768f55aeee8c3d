# SPDX-License-Identifier: Apache-2.0
"""What the review page shows: turns in pieces, the queue of doubtful places, labels, people."""

from __future__ import annotations

import re
from dataclasses import dataclass

from services.release_client.review_places import (
    REASONS,
    Identified,
    Place,
    ReviewedSegment,
    original_words,
)
from services.release_client.reviewing import Reading

WINDOW = 50

#: Kinds of identifiers that a reviewer chooses from, the usual ones first.
KINDS = (
    *("PERSON", "LOCATION", "FACILITY", "ORGANIZATION", "DATE_TIME", "AGE", "PHONE_NUMBER"),
    *("EMAIL_ADDRESS", "ID_NUMBER", "OCCUPATION"),
)
#: What a doubtful place is likely to be, by why it is doubtful; a person otherwise.
_LIKELY = {
    "place_like": "LOCATION",
    "number": "ID_NUMBER",
    "date_or_age": "DATE_TIME",
    "address_sign": "EMAIL_ADDRESS",
}
_CONTEXT = 90
_LABEL = re.compile(r"\[[^\[\]]{1,120}\]")


@dataclass(frozen=True, slots=True)
class Piece:
    """A stretch of a turn; `place` is empty for plain words, `state` says how it is shown."""

    text: str
    place: str = ""
    state: str = ""


@dataclass(frozen=True, slots=True)
class Turn:
    """A turn of the window."""

    index: int
    who: str
    time: str
    pieces: tuple[Piece, ...]
    identified: str | None
    is_clear: bool


@dataclass(frozen=True, slots=True)
class Spot:
    """A place in its context, with why it is there."""

    place: Place
    before: str
    text: str
    after: str
    reasons: tuple[str, ...]
    entity_type: str
    original: str | None

    @property
    def kind(self) -> str:
        """The kind that is chosen at first: that of the replacement, or the likeliest."""
        reason = self.place.doubts[0].reason if self.place.doubts else ""
        return self.entity_type or _LIKELY.get(reason, KINDS[0])

    @property
    def kinds(self) -> tuple[str, ...]:
        """The kinds to choose from, that of the replacement among them."""
        return KINDS if self.kind in KINDS else (self.kind, *KINDS)

    @property
    def pseudonym(self) -> str:
        """The pseudonym that stands there, such as Nurse 2; empty for plain words and kinds."""
        is_one = self.place.replacement and _LABEL.fullmatch(self.text) and not self.text.isupper()
        return self.text[1:-1] if is_one else ""


class Bench:
    """A transcript on the bench of a reviewer: the place that is looked at, and what is around."""

    def __init__(
        self, reading: Reading, identified: Identified | None, at: str = "", window: int = -1
    ) -> None:
        self.reading = reading
        self.has_identified = identified is not None
        self._identified = identified
        self.queue = queue(reading)
        self.restorable = [one for part in reading.segments for one in part.restorable]
        self.current = self._current(at)
        segment = self.current.segment if self.current else reading.position
        self.windows = max((len(reading.segments) + WINDOW - 1) // WINDOW, 1)
        self.window = min(window if window >= 0 else segment // WINDOW, self.windows - 1)

    def _current(self, at: str) -> Place | None:
        for one in (*self.queue, *self.restorable):
            if one.name == at:
                return one
        for segment in self.reading.segments if at else ():
            for one in segment.places:
                if one.name == at:
                    return one
        return self.queue[0] if self.queue else None

    def neighbour(self, step: int) -> str:
        """Return the name of the next or the previous place of the queue, empty at its ends."""
        names = [one.name for one in (*self.queue, *self.restorable)]
        if not names or self.current is None:
            return names[0] if names else ""
        if self.current.name not in names:
            return names[0]
        index = names.index(self.current.name) + step
        return names[index] if 0 <= index < len(names) else ""

    @property
    def turns(self) -> list[Turn]:
        """The turns of the window."""
        first = self.window * WINDOW
        return [self._turn(one) for one in self.reading.segments[first : first + WINDOW]]

    @property
    def labels(self) -> list[str]:
        """The labels of the transcript, as they stand now."""
        found = {
            text
            for part in self.reading.segments
            for one in part.corrected.replacements
            for text in [part.corrected.text[one.start : one.end]]
            if _LABEL.fullmatch(text)
        }
        return sorted(found)

    @property
    def speakers(self) -> list[tuple[str, str]]:
        """The speakers with their roles."""
        return sorted({(one.message.speaker, one.role) for one in self.reading.segments})

    @property
    def roleless(self) -> bool:
        """Whether the speakers have labels that roles can be given to."""
        return all(re.fullmatch(r"S[1-9][0-9]{0,3}", one) for one, _ in self.speakers)

    def spot(self, place: Place) -> Spot:
        """Return a place in its context."""
        segment = self.reading.segments[place.segment]
        text = segment.corrected.text
        start, end = segment.corrected.place_of(place.start, place.end)
        original = (
            original_words(segment, place, self._identified)
            if self._identified is not None and place.replacement
            else None
        )
        return Spot(
            place,
            ("… " if start > _CONTEXT else "") + text[max(start - _CONTEXT, 0) : start],
            text[start:end],
            text[end : end + _CONTEXT] + (" …" if end + _CONTEXT < len(text) else ""),
            tuple(REASONS.get(one.reason, one.reason) for one in place.doubts),
            place.replacement.entity_type if place.replacement else "",
            original,
        )

    def _turn(self, segment: ReviewedSegment) -> Turn:
        text = segment.corrected.text
        marks: list[tuple[int, int, str, str]] = []
        for place in segment.places:
            if place.correction is None and segment.is_answered(place):
                continue
            start, end = segment.corrected.place_of(place.start, place.end)
            marks.append((start, end, place.name, self._state(segment, place)))
        pieces: list[Piece] = []
        last = 0
        for start, end, name, state in sorted(marks):
            if start < last:
                continue
            pieces += [Piece(text[last:start])] if start > last else []
            pieces.append(Piece(text[start:end], name, state))
            last = end
        pieces += [Piece(text[last:])] if last < len(text) else []
        start_ms = segment.message.start_ms
        time = f"{start_ms // 60000}:{start_ms // 1000 % 60:02}" if start_ms >= 0 else ""
        words: str | None = None
        if self._identified is not None:
            known = segment.index < len(self._identified)
            words = self._identified[segment.index].text if known else ""
        return Turn(
            segment.index,
            segment.role or segment.message.speaker,
            time,
            tuple(pieces),
            words,
            segment.decisions.clears(segment.index),
        )

    def _state(self, segment: ReviewedSegment, place: Place) -> str:
        if place.doubts and not segment.is_decided(place):
            return "open"
        if place.correction:
            return "corrected"
        if place.replacement:
            return "unsure" if place.replacement.doubtful else "replaced"
        return "accepted"


def queue(reading: Reading) -> list[Place]:
    """Return the places that nobody decided: the likeliest first, and those put off at the end."""
    found = [(place, part) for part in reading.segments for place in part.open_places]
    found.sort(
        key=lambda pair: (
            pair[1].decisions.skips(pair[0].segment, pair[0].start, pair[0].end),
            -pair[0].weight,
            pair[0].segment,
            pair[0].number,
        )
    )
    return [place for place, _ in found]


def origin(segment: ReviewedSegment, offset: int, *, at_end: bool) -> int | None:
    """Return where in the run's own text a code point of the corrected text is; None inside a
    correction.
    """
    shift = 0
    for one in segment.corrected.corrections:
        begin = one.start + shift
        if offset < begin or (offset == begin and at_end):
            break
        if offset < begin + len(one.text) or (offset == begin and not at_end):
            return None
        shift += len(one.text) - (one.end - one.start)
    return offset - shift


def change(before: str, after: str) -> tuple[int, int, str] | None:
    """Return where two texts differ, widened to whole words, and the new words; None where they
    are the same.
    """
    if before == after:
        return None
    start = 0
    while start < min(len(before), len(after)) and before[start] == after[start]:
        start += 1
    behind = 0
    while (
        behind < min(len(before), len(after)) - start
        and before[len(before) - 1 - behind] == after[len(after) - 1 - behind]
    ):
        behind += 1
    end = len(before) - behind
    if start == end:  # words that are put in stand beside the word before them
        while start > 0 and before[start - 1].isspace():
            start -= 1
    while start > 0 and not before[start - 1].isspace():
        start -= 1
    while end < len(before) and not before[end].isspace():
        end += 1
    return start, end, after[start : len(after) - (len(before) - end)]
