# SPDX-License-Identifier: Apache-2.0
"""Word and character errors, by the utterance of the reference that they stand in; jiwer counts."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from itertools import accumulate

import jiwer
import numpy as np
from scipy.optimize import linear_sum_assignment

Words = Sequence[Sequence[str]]
"""The words of each utterance."""


@dataclass(slots=True)
class Errors:
    """Counts of one utterance, or of more: `length` is that of the reference."""

    substitutions: int = 0
    deletions: int = 0
    insertions: int = 0
    length: int = 0

    @property
    def count(self) -> int:
        """All errors."""
        return self.substitutions + self.deletions + self.insertions

    def add(self, other: Errors) -> None:
        """Add the counts of another."""
        self.substitutions += other.substitutions
        self.deletions += other.deletions
        self.insertions += other.insertions
        self.length += other.length


@dataclass(slots=True)
class Compared:
    """`by_reference`: errors by utterance of the reference; `wrong`: which utterances of the
    transcript have one.
    """

    by_reference: list[Errors]
    wrong: list[bool] = field(default_factory=list)


def word_errors(reference: Words, heard: Words) -> Compared:
    """Count word errors along one alignment of all words.

    An inserted word belongs to the utterance of the word before it; a word that was left out
    belongs, in the transcript, to an utterance without words that stands there, such as
    `[inaudible]`, else to that of the word before.
    """
    chunks = jiwer.process_words(_joined(reference), _joined(heard)).alignments[0]
    return _count(chunks, [len(one) for one in reference], [len(one) for one in heard])


def character_errors(reference: Words, heard: Words) -> list[Errors]:
    """Count errors of characters, with the spaces between words, by utterance of the reference."""
    said = [" ".join(one) for one in reference if one]
    chunks = jiwer.process_characters(" ".join(said), _joined(heard)).alignments[0]
    lengths = [len(one) + 1 for one in said]
    if lengths:
        lengths[-1] -= 1
    return _count(chunks, lengths, ()).by_reference


def speaker_errors(said: Mapping[str, Words], heard: Mapping[str, Words]) -> list[Errors]:
    """Count word errors under the pairing of speakers that errs least, by utterance: the
    concatenated minimum-permutation word error rate (cpWER, Watanabe et al. 2020, CHiME-6).

    A speaker without a counterpart has nothing but words that were left out, or put in.
    """
    names, others = list(said), list(heard)
    size = max(len(names), len(others))
    costs = np.zeros((size, size), np.int64)
    counted: dict[tuple[int, int], list[Errors]] = {}
    for row in range(size):
        for column in range(size):
            words = heard[others[column]] if column < len(others) else []
            if row < len(names):
                one = word_errors(said[names[row]], words).by_reference
            else:
                one = [Errors(insertions=len(part)) for part in words]
            counted[row, column] = one
            costs[row, column] = sum(errors.count for errors in one)
    rows, columns = linear_sum_assignment(costs)
    return [
        one for at in zip(rows, columns, strict=True) for one in counted[int(at[0]), int(at[1])]
    ]


def _count(
    chunks: Sequence[jiwer.AlignmentChunk], lengths: Sequence[int], heard: Sequence[int]
) -> Compared:
    """Count errors by utterances of so many words each; nothing is `wrong` without `heard`."""
    ends, heard_ends = list(accumulate(lengths)), list(accumulate(heard))
    made = Compared([Errors(length=one) for one in lengths], [False] * len(heard))
    for chunk in chunks:
        if chunk.type == "equal":
            continue
        for at in range(chunk.ref_start_idx, chunk.ref_end_idx):
            errors = made.by_reference[bisect_right(ends, at)]
            if chunk.type == "substitute":
                errors.substitutions += 1
            else:
                errors.deletions += 1
        if chunk.type == "insert" and made.by_reference:
            before = bisect_right(ends, max(chunk.ref_start_idx - 1, 0))
            errors = made.by_reference[min(before, len(ends) - 1)]
            errors.insertions += chunk.hyp_end_idx - chunk.hyp_start_idx
        if not heard:
            continue
        for at in range(chunk.hyp_start_idx, chunk.hyp_end_idx):
            made.wrong[bisect_right(heard_ends, at)] = True
        if chunk.type == "delete":
            _blame(made.wrong, heard, heard_ends, chunk.hyp_start_idx)
    return made


def _blame(wrong: list[bool], heard: Sequence[int], ends: Sequence[int], at: int) -> None:
    """Mark the utterances of a transcript in which words are missing before word `at`."""
    before = bisect_right(ends, at - 1) if at else -1
    here = before + 1
    if before < 0 or ends[before] == at:
        while here < len(heard) and not heard[here]:
            wrong[here] = True
            here += 1
    if here == before + 1:
        wrong[min(max(before, 0), len(heard) - 1)] = True


def _joined(words: Words) -> str:
    return " ".join(word for one in words for word in one)
