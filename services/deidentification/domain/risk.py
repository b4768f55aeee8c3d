# SPDX-License-Identifier: Apache-2.0
"""Residual risk: a second look at the de-identified text, by means that detection does not use."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

import regex
from wordfreq import zipf_frequency

from services.deidentification.domain import lexicon as lx
from services.deidentification.domain.entities import QUASI
from services.deidentification.domain.lexicon import Lexicon
from services.deidentification.domain.numbers import runs
from services.deidentification.domain.review_flags import Reason, ReviewFlag
from services.deidentification.domain.tokens import Document, Token
from services.deidentification.domain.transcript import Finding
from services.deidentification.domain.vocabulary import STOP

_LABEL = regex.compile(r"\[[^\[\]\n]{1,60}\]")
_AT = regex.compile(r"\S@\S|https?:|www\.")
# Letters of other scripts, with the marks, blanks and punctuation between them: detection reads
# them badly and no lexicon here knows them, so that a person must look.
_OTHER_SCRIPT = regex.compile(
    r"(?V1)[\p{L}--\p{Latin}](?:[\p{M}\p{Cf}]|[\p{P}\p{Zs}]*+[\p{L}--\p{Latin}])*+"
)


@dataclass(frozen=True, slots=True)
class RiskReport:
    """The report of the second look: a score from 0 (nothing seen) to 1, what a reviewer should
    look at, and counts by type and combination. `coarser` counts, by type, what had to become less
    precise than the policy asks.
    """

    score: float
    flags: tuple[ReviewFlag, ...]
    counts: tuple[tuple[str, int], ...]
    quasi_kinds: int
    words: int
    coarser: tuple[tuple[str, int], ...] = ()


def _unknown(token: Token, cased: bool, lexicon: Lexicon) -> Reason | None:
    word = token.norm
    if len(word) < 3 or word in STOP or not word.isalpha():
        return None
    bits = lexicon.of(word)
    capital = cased and token.capital and not token.initial
    if capital and not lexicon.ordinary(word) and bits & lx.NAME:
        return Reason.NAME_LIKE
    if bits & (lx.PLACE_MY | lx.PLACE) and not bits & (lx.KNOWN | lx.FREQUENT):
        return Reason.PLACE_LIKE
    if bits & (lx.MALAY | lx.INDIAN | lx.STRONG) and not bits & (lx.KNOWN | lx.FREQUENT):
        return Reason.NAME_LIKE
    if bits & (lx.KNOWN | lx.ORDINARY | lx.FREQUENT):
        return None
    if not word.isascii() or zipf_frequency(word, "en") > 1.5 or zipf_frequency(word, "ms") > 1.5:
        return None
    return Reason.UNKNOWN_WORD


def look(texts: Sequence[str], lexicon: Lexicon) -> Iterator[ReviewFlag]:
    """Yield what detection may have missed in de-identified turns."""
    for turn, text in enumerate(texts):
        bare = _LABEL.sub(lambda m: " " * len(m.group()), text)
        doc = Document.of(bare)
        for token in doc.tokens:
            reason = _unknown(token, doc.cased, lexicon)
            if reason is not None:
                yield ReviewFlag(turn, token.start, token.end, reason)
        for run in runs(doc):
            if len(run.digits) >= 6 and (not run.spoken or len(run.pieces) >= 5):
                yield ReviewFlag(
                    turn, doc.tokens[run.first].start, doc.tokens[run.last].end, Reason.NUMBER
                )
        for pattern, reason in ((_AT, Reason.ADDRESS_SIGN), (_OTHER_SCRIPT, Reason.OTHER_SCRIPT)):
            for match in pattern.finditer(bare):
                yield ReviewFlag(turn, match.start(), match.end(), reason)


def assess(
    texts: Sequence[str],
    findings: Sequence[Finding],
    flags: Iterable[ReviewFlag],
    coarser: Mapping[str, int],
    lexicon: Lexicon,
) -> RiskReport:
    """Return the report of one transcript from its de-identified turns, its findings, and what
    detection flagged for review.
    """
    flagged = sorted({*look(texts, lexicon), *flags})
    counts = Counter(f.entity_type for f in findings)
    quasi = len({f.entity_type for f in findings} & QUASI)
    # Each flag is taken as an independent chance of a leak, at a tenth of its weight: 1 - prod(1 -
    # w/10), so that the score grows with the number of flags and never passes 1. Kinds of
    # quasi-identifiers add to it, since it is their combination that singles a person out.
    exponent = sum(flag.weight for flag in flagged) / 10 + max(quasi - 2, 0) * 0.02
    return RiskReport(
        score=round(1.0 - math.exp(-exponent), 4),
        flags=tuple(flagged),
        counts=tuple(sorted(counts.items())),
        quasi_kinds=quasi,
        words=sum(len(text.split()) for text in texts),
        coarser=tuple(sorted((kind, count) for kind, count in coarser.items() if count)),
    )
