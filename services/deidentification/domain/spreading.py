# SPDX-License-Identifier: Apache-2.0
"""Where else in a de-identified transcript the words of a place occur, in any form that closure
takes for the same.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from services.deidentification.domain import lexicon as lx
from services.deidentification.domain.closure import Closure
from services.deidentification.domain.entities import ENTITY_TYPES, Propagation
from services.deidentification.domain.lexicon import Lexicon
from services.deidentification.domain.roster_matching import RosterEntry
from services.deidentification.domain.tokens import Document, Token
from services.deidentification.domain.transcript import Joined, Span
from services.deidentification.domain.vocabulary import RELATION, STOP
from services.deidentification.errors import PlaceError

# Stands for each code point of a replacement while names are searched for: no letter, no blank and
# no end of a sentence, so that neither its words nor its neighbours are read as talk.
_BLOCK = "\u2588"
_TELLING_DIGITS = 4  # of a number by itself; a shorter one is an age here and a room there


@dataclass(frozen=True, slots=True, order=True)
class Place:
    """Code points of a segment's text, end exclusive."""

    segment: int
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class DeidentifiedText:
    """The text of a de-identified segment, who speaks, and its replacements (start, end, entity
    type), in order.
    """

    text: str
    role: str
    replacements: tuple[tuple[int, int, str], ...]

    @property
    def blocked(self) -> str:
        """The text without the words of its replacements, code point for code point."""
        pieces, last = list[str](), 0
        for start, end, _ in self.replacements:
            pieces += (self.text[last:start], _BLOCK * (end - start))
            last = end
        return "".join([*pieces, self.text[last:]])


def check(segments: Sequence[DeidentifiedText], place: Place) -> None:
    """Raise PlaceError unless the place is inside of a segment and touches no replacement."""
    segment = _segment(segments, place)
    for start, end, _ in segment.replacements:
        if place.start < end and start < place.end:
            raise PlaceError(
                f"the place touches a replacement at {start} to {end} of segment {place.segment}; "
                "choose words outside of it, or give the replacement another type"
            )


def replacement_at(segments: Sequence[DeidentifiedText], place: Place) -> str:
    """Return the entity type of the replacement at exactly this place; raises PlaceError."""
    for start, end, entity_type in _segment(segments, place).replacements:
        if (start, end) == (place.start, place.end):
            return entity_type
    raise PlaceError(
        f"there is no replacement from {place.start} to {place.end} in segment {place.segment}; "
        "name one from its first code point to the one behind its last"
    )


def _segment(segments: Sequence[DeidentifiedText], place: Place) -> DeidentifiedText:
    if place.segment >= len(segments):
        raise PlaceError(f"the transcript has {len(segments)} segments, counted from 0")
    segment = segments[place.segment]
    if not 0 <= place.start < place.end <= len(segment.text):
        raise PlaceError(
            f"segment {place.segment} has {len(segment.text)} code points; "
            "a place begins before it ends, inside of them"
        )
    return segment


def spread(
    segments: Sequence[DeidentifiedText], asked: Place, entity_type: str, lexicon: Lexicon
) -> list[Place]:
    """Return the place that was asked for, widened to whole words, and all others where its words
    occur outside of replacements; sorted, no two overlap. Raises PlaceError.

    A name is searched for as a name of the roster is: short forms, misspellings, lower case. Other
    types are searched for as closure does, and by the same words.
    """
    check(segments, asked)
    joined = Joined.of([segment.blocked for segment in segments])
    doc = Document.of(joined.text)
    base = joined.starts[asked.segment]
    own = _whole_words(doc, base + asked.start, base + asked.end)
    if own is None:
        raise PlaceError(f"the place in segment {asked.segment} holds no word")
    words = joined.text[slice(*own)]
    others = (
        (start, end)
        for start, end in _forms(doc, own, words, entity_type, lexicon)
        # Words on both sides of a replacement are no words in a row.
        if _BLOCK not in joined.text[start:end]
    )
    found = list(_merged([own, *others]))
    if entity_type == "PERSON":
        found = list(_bridged(doc, found))
    spans = (Span(start, end, entity_type, 1.0) for start, end in found)
    places = {Place(f.turn, f.start, f.end) for f in joined.findings(spans)}
    return sorted(place for place in places if _is_clear(segments[place.segment], place))


def _is_clear(segment: DeidentifiedText, place: Place) -> bool:
    return all(end <= place.start or place.end <= start for start, end, _ in segment.replacements)


def _whole_words(doc: Document, start: int, end: int) -> tuple[int, int] | None:
    """Return the range without blanks at its ends, widened to the words that it cuts; None where
    there are none.
    """
    text = doc.text[start:end]
    start, end = start + len(text) - len(text.lstrip()), end - len(text) + len(text.rstrip())
    touched = [t for t in doc.tokens if t.start < end and start < t.end]
    return (min(start, touched[0].start), max(end, touched[-1].end)) if touched else None


def _forms(
    doc: Document, own: tuple[int, int], words: str, entity_type: str, lexicon: Lexicon
) -> Iterator[tuple[int, int]]:
    """Yield the ranges of the other mentions; they may overlap."""
    norms = tuple(t.norm for t in Document.of(words).tokens)
    yield from _same_words(doc, words, norms, lexicon)
    kind = ENTITY_TYPES[entity_type].closure
    if kind is Propagation.NONE or (
        kind is Propagation.PHRASE and len(norms) == 1 and _commonplace(norms[0], lexicon)
    ):
        return
    listed = kind is not Propagation.DIGITS
    closure = Closure(lexicon, [RosterEntry(words, entity_type)] if listed else ())
    closure.learn(doc, [Span(*own, entity_type, 1.0)])
    for span in closure.find(doc, [own]):
        yield span.start, span.end


def _same_words(
    doc: Document, words: str, norms: tuple[str, ...], lexicon: Lexicon
) -> Iterator[tuple[int, int]]:
    """Yield where the same words stand in a row. A single word that is among the commonest counts
    only where it is written with a capital letter, as the one that was asked for.
    """
    tokens, size = doc.tokens, len(norms)
    single = size == 1 and _commonplace(norms[0], lexicon)
    (first, *_) = Document.of(words).tokens
    for index in range(len(tokens) - size + 1):
        row = tokens[index : index + size]
        if tuple(t.norm for t in row) != norms or any(_parts(t) for t in row[1:]):
            continue
        if single and not (first.capital and row[0].capital and doc.cased and not row[0].initial):
            continue
        yield row[0].start, row[-1].end


def _parts(token: Token) -> bool:
    """Return whether what stands before a word parts it from the one before."""
    return "\n" in token.gap or _BLOCK in token.gap


def _commonplace(word: str, lexicon: Lexicon) -> bool:
    bits = lexicon.of(word)
    return (
        word in STOP
        or len(word) < 3
        or (word.isdecimal() and len(word) < _TELLING_DIGITS)
        or bool(bits & lx.FREQUENT and not bits & lx.STRONG)
    )


def _merged(ranges: Iterable[tuple[int, int]]) -> Iterator[tuple[int, int]]:
    """Yield ranges in order, those that overlap as one."""
    last: tuple[int, int] | None = None
    for start, end in sorted(ranges):
        if last is None:
            last = start, end
        elif start < last[1]:
            last = last[0], max(last[1], end)
        else:
            yield last
            last = start, end
    if last is not None:
        yield last


def _bridged(doc: Document, ranges: Sequence[tuple[int, int]]) -> Iterator[tuple[int, int]]:
    """Yield the parts of one name as one: what stands between is a blank, a hyphen or `bin`."""
    ends = [t.end for t in doc.tokens]
    last: tuple[int, int] | None = None
    for start, end in ranges:
        if last is not None and _is_one_name(doc, ends, last[1], start):
            last = last[0], end
            continue
        if last is not None:
            yield last
        last = start, end
    if last is not None:
        yield last


def _is_one_name(doc: Document, ends: Sequence[int], left: int, right: int) -> bool:
    between = doc.text[left:right]
    if between in (" ", "-"):
        return True
    index = bisect_right(ends, left)
    token = doc.tokens[index]
    alone = between.strip() == doc.text[token.start : token.end]
    return alone and token.norm in RELATION and between[0] == between[-1] == " "
