# SPDX-License-Identifier: Apache-2.0
"""Passages as a reader sees them, and what a reader marks in them taken back to the run's text."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from services.common.errors import InvalidInput
from services.corrections.model import Correction
from services.corrections.replay import apply
from services.release.domain.approved import ApprovedInput, approved_text
from services.release.domain.quality.planting import Planted
from services.release.domain.quality.round import Span
from services.release.domain.transcript import Segment

_BEFORE = 2
_AFTER = 1


@dataclass(frozen=True)
class Line:
    """A segment beside a passage: who speaks, and what."""

    role: str
    text: str


@dataclass(frozen=True)
class Mark:
    """A place that a reader marks, in code points of the text as it was shown."""

    start: int
    end: int
    entity_type: str


class ApprovedRun:
    """The approved text of a run, with the way back from it to the run's own."""

    def __init__(self, source: ApprovedInput, segments: Sequence[Segment]) -> None:
        self._source = source
        self._segments = segments
        made = approved_text(source, segments)
        self.sha256 = made.sha256
        self._approved = made.transcript.segments

    @property
    def count(self) -> int:
        """How many segments it has."""
        return len(self._segments)

    def doubts(self) -> dict[int, float]:
        """Return the sum of weights of each segment with a doubtful place."""
        return {
            at: sum(one.weight for one in part.doubts)
            for at, part in enumerate(self._segments)
            if part.doubts
        }

    def segment(self, index: int) -> Segment:
        """Return a segment as it was approved."""
        return self._approved[index]

    def before(self, index: int) -> list[Line]:
        """Return the lines in front of a segment."""
        return [_line(one) for one in self._approved[max(0, index - _BEFORE) : index]]

    def after(self, index: int) -> list[Line]:
        """Return the lines behind a segment."""
        return [_line(one) for one in self._approved[index + 1 : index + 1 + _AFTER]]

    def taken(self, index: int) -> list[tuple[int, int]]:
        """Return the places of a segment's approved text that are replaced."""
        return [(one.start, one.end) for one in self._approved[index].replacements]

    def spans(
        self, index: int, marks: Sequence[Mark], planted: Planted | None
    ) -> tuple[tuple[Span, ...], bool]:
        """Take marks back to the run's own text, without the planted item; say whether it is found.

        Raises InvalidInput for a mark outside of the text, or one that touches what is replaced.
        """
        text = self._approved[index].text
        shown = len(planted.text if planted else text)
        found = False
        spans: set[tuple[int, int, str]] = set()
        for one in marks:
            if not 0 <= one.start < one.end <= shown:
                raise InvalidInput("a mark lies outside of the passage; read it again, and mark it")
            start, end = one.start, one.end
            if planted is not None:
                found = found or planted.finds(start, end)
                start, end = planted.without(start, end)
                if planted.finds(one.start, one.end) and not _has_word(text[start:end]):
                    continue
            if start >= end:
                continue
            if any(start < until and begin < end for begin, until in self.taken(index)):
                raise InvalidInput("a mark touches what is replaced already; mark words in clear")
            spans.add((*self._own(index, start, end), one.entity_type))
        made = tuple(
            Span(start=start, end=end, entity_type=kind) for start, end, kind in sorted(spans)
        )
        return made, found

    def shown(self, index: int, span: Span) -> tuple[int, int]:
        """Return where a place of the run's own text is in the approved one."""
        own = self._segments[index]
        corrected = apply(own.text, own.replacements, (), self._corrections(index))
        return corrected.place_of(span.start, span.end)

    def _own(self, index: int, start: int, end: int) -> tuple[int, int]:
        corrections = self._corrections(index)
        return _back(corrections, start, at_end=False), _back(corrections, end, at_end=True)

    def _corrections(self, index: int) -> list[Correction]:
        found = (one for one in self._source.corrections if one.segment == index)
        return sorted(found, key=lambda one: one.place)


def whole_words(
    text: str, words: str, taken: Sequence[tuple[int, int]]
) -> Iterator[tuple[int, int]]:
    """Yield where words stand in a text as whole words, in any case, outside of `taken`."""
    wanted = words.casefold()
    folded = text.casefold()
    if len(folded) != len(text) or not wanted:
        folded, wanted = text, words
    at = folded.find(wanted) if wanted else -1
    while at >= 0:
        end = at + len(wanted)
        whole = not (text[max(at - 1, 0) : at].isalnum() or text[end : end + 1].isalnum())
        if whole and not any(at < until and begin < end for begin, until in taken):
            yield at, end
        at = folded.find(wanted, at + 1)


def _back(corrections: Sequence[Correction], offset: int, *, at_end: bool) -> int:
    """Return where an offset of a corrected text is in the run's own.

    Inside of a correction it is the correction's begin, or its end.
    """
    shift = 0
    for one in corrections:
        begin = one.start + shift
        if begin + len(one.text) <= offset:
            shift += len(one.text) - (one.end - one.start)
        elif begin < offset or (begin == offset and not at_end):
            return one.end if at_end else one.start
        else:
            break
    return offset - shift


def _has_word(text: str) -> bool:
    return any(char.isalnum() for char in text)


def _line(one: Segment) -> Line:
    return Line(one.role or one.speaker, one.text)
