# SPDX-License-Identifier: Apache-2.0
"""Residual risk: a second look at the de-identified text, by means that detection does not use, or
used and let go.

Each standing word gets a probability that it still identifies somebody. The likeliest places are
shown to a reviewer, and all of them together are the risk.
"""

from __future__ import annotations

import math
from bisect import bisect_right
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

import regex

from services.deidentification.domain import leak_weights
from services.deidentification.domain.entities import QUASI
from services.deidentification.domain.leak_evidence import Clues, Output
from services.deidentification.domain.review_flags import OffsetMap, Reason, ReviewFlag, level
from services.deidentification.domain.transcript import Finding

# Letters of other scripts, with the marks, blanks and punctuation between them: detection reads
# them badly and no lexicon here knows them, so that a person must look.
_OTHER_SCRIPT = regex.compile(
    r"(?V1)[\p{L}--\p{Latin}](?:[\p{M}\p{Cf}]|[\p{P}\p{Zs}]*+[\p{L}--\p{Latin}])*+"
)
_LABEL = regex.compile(r"\[[^\[\]\n]{1,60}\]")
#: Places that a reviewer is shown in 1,000 words, and in any transcript, however short; as many
#: again of what a recogniser of speech doubted.
PLACES_PER_1000 = 12
LEAST_PLACES = 6
#: Probability from which a place is shown, and from which it is shown beyond that number.
SHOWN_FROM, ALWAYS_FROM = 0.02, 0.5
_OTHER_SCRIPT_WEIGHT = 0.08


@dataclass(frozen=True, slots=True)
class RiskReport:
    """The report of the second look.

    `score` is the estimated probability that something is left that identifies, 0 to 1; `flags` are
    the places that a reviewer should look at, `counts` the findings by type. `coarser` counts, by
    type, what had to become less precise than the policy asks; `doubtful` is the number of
    replacements that are doubtful.
    """

    score: float
    flags: tuple[ReviewFlag, ...]
    counts: tuple[tuple[str, int], ...]
    quasi_kinds: int
    words: int
    coarser: tuple[tuple[str, int], ...] = ()
    doubtful: int = 0


def places(
    output: Output,
    clues: Clues,
    maps: Mapping[int, OffsetMap],
    weights: Mapping[str, float] = leak_weights.WEIGHTS,
) -> Iterator[ReviewFlag]:
    """Yield what may be left of identifiers, at offsets of the de-identified turns: words in a row
    that may be shown are one place. Other `weights` are tried when they are fitted.
    """
    row: list[tuple[int, float]] = []
    for index in sorted(clues):
        found = leak_weights.probability(clues[index], weights)
        if row and (
            row[-1][0] + 1 != index or found < SHOWN_FROM or not _in_row(output, row[-1][0], index)
        ):
            yield from _place(output, clues, maps, row)
            row = []
        row.append((index, found))
        if found < SHOWN_FROM:
            yield from _place(output, clues, maps, row)
            row = []
    if row:
        yield from _place(output, clues, maps, row)


def _in_row(output: Output, left: int, right: int) -> bool:
    tokens = output.doc.tokens
    return tokens[left].line == tokens[right].line and len(tokens[right].gap) <= 3


def _place(
    output: Output, clues: Clues, maps: Mapping[int, OffsetMap], row: Sequence[tuple[int, float]]
) -> Iterator[ReviewFlag]:
    best, found = max(row, key=lambda pair: pair[1])
    weight = level(found)
    first, last = output.doc.tokens[row[0][0]], output.doc.tokens[row[-1][0]]
    turn = bisect_right(output.joined.starts, first.start) - 1
    base = output.joined.starts[turn]
    moved = maps.get(turn, OffsetMap(())).new_range(first.start - base, last.end - base)
    if moved is not None and weight:
        yield ReviewFlag(turn, *moved, leak_weights.reason(clues[best]), weight)


def other_scripts(texts: Sequence[str]) -> Iterator[ReviewFlag]:
    """Yield what stands in de-identified turns in scripts that detection reads badly."""
    for turn, text in enumerate(texts):
        if text.isascii():
            continue
        bare = _LABEL.sub(lambda m: " " * len(m.group()), text)
        for match in _OTHER_SCRIPT.finditer(bare):
            yield ReviewFlag(
                turn, match.start(), match.end(), Reason.OTHER_SCRIPT, _OTHER_SCRIPT_WEIGHT
            )


def assess(
    texts: Sequence[str],
    findings: Sequence[Finding],
    found: Iterable[ReviewFlag],
    coarser: Mapping[str, int],
    doubtful: int,
) -> RiskReport:
    """Return the report of one transcript from its de-identified turns, its findings, and all that
    the second look found in it.
    """
    scripts = tuple(other_scripts(texts))
    every = [flag for flag in found if flag.reason is not Reason.OTHER_SCRIPT]
    words = sum(len(text.split()) for text in texts)
    counts = Counter(f.entity_type for f in findings)
    quasi = len({f.entity_type for f in findings} & QUASI)
    # Each place is taken as an independent chance of a leak: 1 - prod(1 - p), so that the score is
    # the chance of at least one. Kinds of quasi-identifiers add to it, since it is their
    # combination that singles a person out.
    exponent = -sum(math.log1p(-flag.weight) for flag in (*every, *scripts))
    exponent += max(quasi - 2, 0) * 0.02
    return RiskReport(
        score=round(1.0 - math.exp(-exponent), 4),
        flags=tuple(sorted({*_shown(every, words), *scripts})),
        counts=tuple(sorted(counts.items())),
        quasi_kinds=quasi,
        words=words,
        coarser=tuple(sorted((kind, count) for kind, count in coarser.items() if count)),
        doubtful=doubtful,
    )


def _shown(found: Iterable[ReviewFlag], words: int) -> list[ReviewFlag]:
    """Return the places that a reviewer is shown: the likeliest, as many as the transcript is long,
    and all that are likely. What may be misheard is counted apart, so that it pushes out nothing;
    where that is shown for another reason as well, it is one place.
    """
    likely = sorted((f for f in found if f.weight >= SHOWN_FROM), key=lambda f: (-f.weight, f))
    doubted = [f for f in likely if f.reason is Reason.MISHEARD]
    same = {(f.turn, f.start, f.end): f for f in doubted}
    turns: dict[int, list[ReviewFlag]] = defaultdict(list)
    for flag in _likeliest([f for f in likely if f.reason is not Reason.MISHEARD], words):
        heard = same.get((flag.turn, flag.start, flag.end))
        one = replace(heard, weight=max(flag.weight, heard.weight)) if heard else flag
        turns[flag.turn].append(one)
    apart = [
        flag
        for flag in doubted
        if not any(f.start <= flag.start and flag.end <= f.end for f in turns[flag.turn])
    ]
    return [*(flag for flags in turns.values() for flag in flags), *_likeliest(apart, words)]


def _likeliest(flags: Sequence[ReviewFlag], words: int) -> list[ReviewFlag]:
    most = max(LEAST_PLACES, round(PLACES_PER_1000 * words / 1000))
    return [f for rank, f in enumerate(flags) if rank < most or f.weight >= ALWAYS_FROM]
