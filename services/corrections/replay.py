# SPDX-License-Identifier: Apache-2.0
"""Applying corrections to the text of a run, which makes the text that is approved."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from services.corrections.model import (
    Correction,
    CorrectionKind,
    CorrectionMalformed,
    Doubt,
    Replacement,
    SegmentText,
)


@dataclass(frozen=True, slots=True)
class CorrectedText:
    """A corrected text. Offsets of `replacements` and `doubts` refer to it."""

    text: str
    replacements: tuple[Replacement, ...]
    doubts: tuple[Doubt, ...]
    corrections: tuple[Correction, ...] = ()

    def place_of(self, start: int, end: int) -> tuple[int, int]:
        """Return where a place of the run's own text is now.

        A place that begins or ends inside a correction takes in all that now stands there.
        """
        return self._moved(start, at_end=False), self._moved(end, at_end=True)

    def _moved(self, offset: int, *, at_end: bool) -> int:
        shift = 0
        for one in self.corrections:
            grown = len(one.text) - (one.end - one.start)
            if one.end <= offset:
                shift += grown
            elif one.start < offset or (one.start == offset and not at_end):
                begin = one.start + shift
                return begin + len(one.text) if at_end else begin
            else:
                break
        return offset + shift


def apply(
    text: str,
    replacements: Sequence[Replacement],
    doubts: Sequence[Doubt],
    corrections: Iterable[Correction],
) -> CorrectedText:
    """Return the text of a segment with the corrections of this segment applied, in any order.

    A redaction swallows the replacements inside it. A doubt inside a correction is answered by it
    and goes; one that reaches beyond stays, and a new wording may bring some of its own. Raises
    CorrectionMalformed when a correction does not fit the text, cuts a replacement or overlaps
    another correction.
    """
    ordered = tuple(sorted(corrections, key=lambda one: one.place))
    _check(text, replacements, ordered)
    pieces: list[str] = []
    last = 0
    for one in ordered:
        pieces += (text[last : one.start], one.text)
        last = one.end
    made = CorrectedText("".join((*pieces, text[last:])), (), (), ordered)
    kept = [
        replace(one, start=place[0], end=place[1])
        for one in replacements
        if not any(change.overlaps(one.start, one.end) for change in ordered)
        for place in [made.place_of(one.start, one.end)]
    ]
    new = [
        Replacement(*made.place_of(one.start, one.end), one.entity_type)
        for one in ordered
        if not one.kind.leaves_words
    ]
    open_doubts = [
        replace(one, start=place[0], end=place[1])
        for one in doubts
        if not any(change.start <= one.start and one.end <= change.end for change in ordered)
        for place in [made.place_of(one.start, one.end)]
    ]
    new_doubts = [
        replace(doubt, start=start + doubt.start, end=start + doubt.end)
        for one in ordered
        for start, _ in [made.place_of(one.start, one.end)]
        for doubt in one.doubts
    ]
    return replace(
        made,
        replacements=tuple(sorted((*kept, *new), key=lambda one: (one.start, one.end))),
        doubts=tuple(sorted((*open_doubts, *new_doubts), key=lambda one: (one.start, one.end))),
    )


def by_segment(
    corrections: Iterable[Correction], segments: int
) -> Mapping[int, tuple[Correction, ...]]:
    """Group corrections by the index of their segment.

    Raises CorrectionMalformed when one names a segment that is not among the first `segments`.
    """
    found: dict[int, list[Correction]] = defaultdict(list)
    for one in corrections:
        if not 0 <= one.segment < segments:
            raise CorrectionMalformed(
                f"segment {one.segment} is not in the transcript, which has {segments}"
            )
        found[one.segment].append(one)
    return {index: tuple(items) for index, items in found.items()}


def check(segments: Sequence[SegmentText], corrections: Iterable[Correction]) -> None:
    """Raise CorrectionMalformed unless all corrections fit a transcript and each other."""
    for index, items in by_segment(corrections, len(segments)).items():
        segment = segments[index]
        _check(segment.text, segment.replacements, sorted(items, key=lambda one: one.place))


def _check(
    text: str, replacements: Sequence[Replacement], corrections: Sequence[Correction]
) -> None:
    """Check corrections of one segment, in order."""
    last: Correction | None = None
    for one in corrections:
        where = f"segment {one.segment}, characters {one.start} to {one.end}"
        if not 0 <= one.start < one.end <= len(text):
            raise CorrectionMalformed(f"{where}: no such place; the segment has {len(text)}")
        if last is not None and one.start < last.end:
            raise CorrectionMalformed(
                f"{where}: another correction is there; take that one back first"
            )
        if not one.text:
            raise CorrectionMalformed(f"{where}: a correction must say what stands there after it")
        if bool(one.entity_type) is one.kind.leaves_words:
            raise CorrectionMalformed(
                f"{where}: name the entity type of what is replaced, and none where words are left"
            )
        _check_touched(one, replacements, where)
        last = one


def _check_touched(one: Correction, replacements: Sequence[Replacement], where: str) -> None:
    """Check a correction against the replacements that it touches."""
    touched = [part for part in replacements if one.overlaps(part.start, part.end)]
    if one.kind is CorrectionKind.REDACT:
        if any(part.start < one.start or one.end < part.end for part in touched):
            raise CorrectionMalformed(
                f"{where}: it cuts a replacement; take in the whole of it, or leave it out"
            )
    elif one.kind is CorrectionKind.WORDING:
        if touched:
            raise CorrectionMalformed(
                f"{where}: a new wording leaves replacements alone; write around them"
            )
    elif [(part.start, part.end) for part in touched] != [(one.start, one.end)]:
        raise CorrectionMalformed(
            f"{where}: only a whole replacement can be restored or given another type"
        )
