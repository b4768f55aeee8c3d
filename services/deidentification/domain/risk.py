# SPDX-License-Identifier: Apache-2.0
"""A second look at what is left, by means that detection does not use, and a number for the
reviewer.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import regex
from wordfreq import zipf_frequency

from services.deidentification.domain.entities import QUASI
from services.deidentification.domain.numbers import runs
from services.deidentification.domain.tokens import Document, Token
from services.deidentification.domain.transcript import Finding
from services.deidentification.domain.vocabulary import STOP
from services.deidentification.gazetteers import lexicon as lx

_LABEL = regex.compile(r"\[[^\[\]\n]{1,60}\]")
_AT = regex.compile(r"\S@\S|https?:|www\.")
# Letters of other scripts, over the marks, blanks and stops between them: detection reads them
# badly and no lexicon here knows them, so that a person must look.
_OTHER_SCRIPT = regex.compile(
    r"(?V1)[\p{L}--\p{Latin}](?:[\p{M}\p{Cf}]|[\p{P}\p{Zs}]*+[\p{L}--\p{Latin}])*+"
)
_WEIGHTS = {
    "unknown_word": 0.25,
    "name_like": 0.4,
    "place_like": 0.3,
    "number": 0.5,
    "address_sign": 0.7,
    "doubtful": 0.35,
    "other_script": 0.4,
}


@dataclass(frozen=True, slots=True, order=True)
class Place:
    """Where a reviewer should look: offsets in the de-identified turn, why, and how much it weighs
    in the score (0 to 1); no text.
    """

    turn: int
    start: int
    end: int
    reason: str
    own_weight: float = 0.0

    @property
    def weight(self) -> float:
        """Its own weight, or that of its reason."""
        return self.own_weight or _WEIGHTS.get(self.reason, 0.2)


@dataclass(frozen=True, slots=True)
class Report:
    """The second look: a score from 0 (nothing seen) to 1, its places, and counts by type and
    combination. `coarser` counts, by type, what could not be told as finely as the policy asks.
    """

    score: float
    places: tuple[Place, ...]
    counts: tuple[tuple[str, int], ...]
    quasi_kinds: int
    words: int
    redacted_words: int
    coarser: tuple[tuple[str, int], ...] = ()

    @property
    def needs_human(self) -> bool:
        """Whether there is anything at all to look at."""
        return bool(self.places)


def _unknown(token: Token, cased: bool) -> str:
    word = token.norm
    if len(word) < 3 or word in STOP or not word.isalpha():
        return ""
    book = lx.lexicon()
    bits = book.of(word)
    capital = cased and token.capital and not token.initial
    if capital and not book.ordinary(word) and bits & lx.NAME:
        return "name_like"
    if bits & (lx.PLACE_MY | lx.PLACE) and not bits & (lx.KNOWN | lx.FREQUENT):
        return "place_like"
    if bits & (lx.MALAY | lx.INDIAN | lx.STRONG) and not bits & (lx.KNOWN | lx.FREQUENT):
        return "name_like"
    if bits & (lx.KNOWN | lx.ORDINARY | lx.FREQUENT):
        return ""
    if not word.isascii() or zipf_frequency(word, "en") > 1.5 or zipf_frequency(word, "ms") > 1.5:
        return ""
    return "unknown_word"


def look(texts: Sequence[str]) -> Iterator[Place]:
    """Places in de-identified turns that a first look may have missed."""
    for turn, text in enumerate(texts):
        bare = _LABEL.sub(lambda m: " " * len(m.group()), text)
        doc = Document.of(bare)
        for token in doc.tokens:
            reason = _unknown(token, doc.cased)
            if reason:
                yield Place(turn, token.start, token.end, reason)
        for run in runs(doc):
            if len(run.digits) >= 6 and (not run.spoken or len(run.pieces) >= 5):
                yield Place(turn, doc.tokens[run.first].start, doc.tokens[run.last].end, "number")
        for pattern, reason in ((_AT, "address_sign"), (_OTHER_SCRIPT, "other_script")):
            for match in pattern.finditer(bare):
                yield Place(turn, match.start(), match.end(), reason)


def assess(
    texts: Sequence[str],
    findings: Sequence[Finding],
    doubtful: Sequence[Place],
    coarser: Mapping[str, int],
) -> Report:
    """The report of one transcript from its de-identified turns, its findings, and places in doubt
    from detection.
    """
    places = sorted({*look(texts), *doubtful})
    counts = Counter(f.entity_type for f in findings)
    words = sum(len(t.split()) for t in texts)
    quasi = len({f.entity_type for f in findings} & QUASI)
    # Each doubt is taken as an independent chance of a leak, at a tenth of its weight: 1 - prod(1 -
    # w/10), so that the score
    # grows with the number of places and never passes 1. Kinds of quasi-identifiers add, since it
    # is their combination
    # that singles out.
    exponent = sum(p.weight for p in places) / 10 + max(quasi - 2, 0) * 0.02
    return Report(
        round(1.0 - math.exp(-exponent), 4), tuple(places), tuple(sorted(counts.items())), quasi,
        words,
        sum(len(_LABEL.findall(t)) for t in texts),
        tuple(sorted((kind, count) for kind, count in coarser.items() if count)),
    )  # fmt: skip
