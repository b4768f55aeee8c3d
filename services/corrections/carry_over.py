# SPDX-License-Identifier: Apache-2.0
"""Carrying corrections of a run over to the next run of the same recording.

The words of both runs are aligned, over segments whose boundaries may have moved. A correction is
carried over only where its own words (or the replacement, with its neighbours) are found again.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from difflib import SequenceMatcher

from services.corrections.model import (
    Correction,
    CorrectionKind,
    CorrectionMalformed,
    Replacement,
    SegmentText,
)
from services.corrections.replay import check

_WORDS = re.compile(r"\w+|[^\w\s]")
# What stands for any replacement: labels may differ between runs of the same words.
_REPLACED = "\x00"


@dataclass(frozen=True, slots=True)
class _Token:
    """A word, sign or replacement of a segment; `key` is what is compared."""

    segment: int
    start: int
    end: int
    key: str
    replacement: Replacement | None = None
    label: str = ""


def carry_over(
    old: Sequence[SegmentText],
    corrections: Sequence[Correction],
    new: Sequence[SegmentText],
    made_on: str,
) -> tuple[tuple[Correction, ...], tuple[Correction, ...]]:
    """Return the corrections that have a place in the new run, there, and those that have none.

    What the new run does by itself is in neither: words that it redacts, words that it leaves where
    they were restored, a replacement that it gives the wanted type. `made_on` is the key of the old
    run, which each carried one names unless it names an earlier one already.
    """
    before = [_tokens(index, segment) for index, segment in enumerate(old)]
    after = [_tokens(index, segment) for index, segment in enumerate(new)]
    alignment = _Alignment(before, after)
    carried: list[Correction] = []
    lost: list[Correction] = []
    for one in sorted(corrections, key=lambda item: item.place):
        found = alignment.find(one)
        if found is None:
            lost.append(one)
        elif found != _DONE:
            segment, start, end = found
            origin = one.carried_from or made_on
            there = replace(one, segment=segment, start=start, end=end, carried_from=origin)
            if _fits(new, [*carried, there]):
                carried.append(there)
            else:
                lost.append(one)
    return tuple(carried), tuple(lost)


def same_words(old: Sequence[SegmentText], new: Sequence[SegmentText]) -> list[tuple[int, int]]:
    """Return the segment in both runs of each word, sign or replacement that is found again."""
    return _Alignment(
        [_tokens(index, segment) for index, segment in enumerate(old)],
        [_tokens(index, segment) for index, segment in enumerate(new)],
    ).segments()


def _fits(segments: Sequence[SegmentText], carried: Sequence[Correction]) -> bool:
    """Return whether the last of some corrections fits its segment and those before it.

    Letters that grow when their case is folded can shift a place, and a store refuses what
    overlaps.
    """
    segment = carried[-1].segment
    try:
        check(segments, [one for one in carried if one.segment == segment])
    except CorrectionMalformed:
        return False
    return True


_Place = tuple[int, int, int]
_DONE: _Place = (-1, -1, -1)


class _Alignment:
    """Which token of the old run is which of the new one."""

    def __init__(
        self, before: Sequence[Sequence[_Token]], after: Sequence[Sequence[_Token]]
    ) -> None:
        self._old = [token for tokens in before for token in tokens]
        self._new = [token for tokens in after for token in tokens]
        self._match = _matched(before, after)
        self._starts = _starts(before)

    def segments(self) -> list[tuple[int, int]]:
        """Return the old and the new segment of each token that is matched."""
        return [
            (self._old[before].segment, self._new[after].segment)
            for before, after in self._match.items()
        ]

    def find(self, one: Correction) -> _Place | None:
        """Return the correction's place in the new run, `_DONE`, or None when it has none."""
        inside = [
            index
            for index in range(self._starts[one.segment], self._starts[one.segment + 1])
            if one.overlaps(self._old[index].start, self._old[index].end)
        ]
        if not inside:
            return None
        if one.kind is CorrectionKind.REDACT:
            return self._redacted(one, inside)
        if one.kind is CorrectionKind.WORDING:
            return self._worded(one, inside)
        return self._replaced(one, inside[0])

    def _redacted(self, one: Correction, inside: Sequence[int]) -> _Place | None:
        first = self._same_row(inside)
        if first is not None:
            return self._words(one, inside, first)
        region = self._region(inside[0], inside[-1])
        words = {self._old[index].key for index in inside} - {_REPLACED}
        keys = {token.key for token in region}
        return _DONE if _REPLACED in keys and not words & keys else None

    def _worded(self, one: Correction, inside: Sequence[int]) -> _Place | None:
        first = self._same_row(inside)
        if first is not None:
            return self._words(one, inside, first)
        return _DONE if self._stands(one.text, inside[0], inside[-1]) else None

    def _same_row(self, inside: Sequence[int]) -> int | None:
        """Return the first new token of the same words in a row; None where they are not."""
        found = [self._match.get(index) for index in inside]
        first = found[0]
        is_row = first is not None and found == list(range(first, first + len(found)))
        return first if is_row else None

    def _stands(self, text: str, first: int, last: int) -> bool:
        """Return whether a text is what the new run has in the place of old tokens."""
        wanted = [word.casefold() for word in _WORDS.findall(text)]
        return [token.key for token in self._region(first, last)] == wanted

    def _words(self, one: Correction, inside: Sequence[int], first: int) -> _Place | None:
        """Return the place of the very same words, where they are in one segment."""
        old, new = self._old[inside[0]], self._new[first]
        old_end, new_end = self._old[inside[-1]], self._new[first + len(inside) - 1]
        if new.segment != new_end.segment:
            return None
        # A place may begin or end inside a word, such as before a possessive ending.
        start, end = new.start, new_end.end
        if old.end - old.start == new.end - new.start:
            start += max(one.start - old.start, 0)
        if old_end.end - old_end.start == new_end.end - new_end.start:
            end -= max(old_end.end - one.end, 0)
        return new.segment, start, end

    def _replaced(self, one: Correction, index: int) -> _Place | None:
        match = self._match.get(index)
        before = self._old[index].replacement
        if match is not None and before is not None:
            token = self._new[match]
            after = token.replacement
            if after is None:
                return None
            if one.kind is CorrectionKind.RETYPE and after.entity_type == one.entity_type:
                return _DONE
            if one.kind is CorrectionKind.MERGE and token.label == one.text:
                return _DONE
            # Marks are alike, so the words around it tell which one it is.
            same = after.entity_type == before.entity_type and self._stands_alike(index, match)
            return (token.segment, token.start, token.end) if same else None
        if one.kind is CorrectionKind.RESTORE:
            return _DONE if self._stands(one.text, index, index) else None
        region = self._region(index, index)
        if one.kind is CorrectionKind.MERGE:
            return _DONE if one.text in {token.label for token in region} else None
        types = {token.replacement.entity_type for token in region if token.replacement}
        return _DONE if one.entity_type in types else None

    def _stands_alike(self, index: int, match: int) -> bool:
        """Return whether both neighbours of a token are those of the other one."""
        left = self._match.get(index - 1) == match - 1 if index else match == 0
        if index + 1 == len(self._old):
            return left and match + 1 == len(self._new)
        return left and self._match.get(index + 1) == match + 1

    def _region(self, first: int, last: int) -> Sequence[_Token]:
        """Return the new tokens between the nearest matches around old tokens."""
        left = next((self._match[i] for i in range(first - 1, -1, -1) if i in self._match), -1)
        right = next(
            (self._match[i] for i in range(last + 1, len(self._old)) if i in self._match),
            len(self._new),
        )
        return self._new[left + 1 : right]


def _tokens(index: int, segment: SegmentText) -> list[_Token]:
    found: list[_Token] = []
    last = 0
    for one in sorted(segment.replacements, key=lambda item: item.start):
        found += _plain(index, segment.text, last, one.start)
        label = segment.text[one.start : one.end]
        found.append(_Token(index, one.start, one.end, _REPLACED, one, label))
        last = one.end
    return [*found, *_plain(index, segment.text, last, len(segment.text))]


def _plain(index: int, text: str, start: int, end: int) -> list[_Token]:
    return [
        _Token(index, match.start(), match.end(), match.group().casefold())
        for match in _WORDS.finditer(text, start, end)
    ]


def _matched(
    before: Sequence[Sequence[_Token]], after: Sequence[Sequence[_Token]]
) -> dict[int, int]:
    """Match equal segments first, then tokens between them, which is quick where little changed."""
    old_starts, new_starts = _starts(before), _starts(after)
    keys = [tuple(token.key for token in tokens) for tokens in before]
    new_keys = [tuple(token.key for token in tokens) for tokens in after]
    match: dict[int, int] = {}
    segments = SequenceMatcher(None, keys, new_keys, autojunk=False)
    for tag, i, i_end, j, j_end in segments.get_opcodes():
        left = [key for part in keys[i:i_end] for key in part]
        right = [key for part in new_keys[j:j_end] for key in part]
        old, new = old_starts[i], new_starts[j]
        if tag == "equal":
            match.update((old + step, new + step) for step in range(len(left)))
            continue
        for block in SequenceMatcher(None, left, right).get_matching_blocks():
            match.update((old + block.a + step, new + block.b + step) for step in range(block.size))
    return match


def _starts(segments: Sequence[Sequence[_Token]]) -> list[int]:
    starts = [0]
    for tokens in segments:
        starts.append(starts[-1] + len(tokens))
    return starts
