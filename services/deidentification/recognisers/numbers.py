# SPDX-License-Identifier: Apache-2.0
"""Runs of digits that name a person, written and spoken: identity card, phone, account, record."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from services.deidentification.domain import scores
from services.deidentification.domain.numbers import NumberRun, runs
from services.deidentification.domain.tokens import Document
from services.deidentification.domain.transcript import Span
from services.deidentification.recognisers.base import SottoRecognizer
from services.deidentification.recognisers.number_checks import luhn, malaysian_phone, mykad
from services.deidentification.recognisers.number_context import (
    announced,
    asked,
    told,
    with_body,
    with_letters,
)
from services.deidentification.recognisers.sounded_digits import sounded_runs
from services.deidentification.word_files import read_words

_WORDS = read_words("number_context")
QUANTITY = _WORDS.words("quantities")
_NEAR = 5  # words before a run in which something announces it
_DICTATED = 4  # digits that stand one by one
PUBLIC = _WORDS.words("numbers that everybody may know")


class NumberRecognizer(SottoRecognizer):
    """Runs of digits, classed by their form and by the words before them; doses, scores and
    durations stay.
    """

    ENTITIES = (
        "MY_IC",
        "PHONE_NUMBER",
        "MEDICAL_RECORD_NUMBER",
        "PASSPORT",
        "BANK_ACCOUNT",
        "CREDIT_CARD",
        "ID_NUMBER",
    )

    def find(self, doc: Document) -> Iterator[Span]:
        """Yield every run that names somebody."""
        yield from self._sounded(doc)
        for run in runs(doc):
            entity, score = self._class(doc, run)
            if not score:
                continue
            first = run.first
            if entity in ("PASSPORT", "MEDICAL_RECORD_NUMBER", "ID_NUMBER"):
                if first and doc.tokens[first - 1].norm in ("rn", "mrn") and doc.adjacent(first):
                    first -= 1
                first = with_body(doc, with_letters(doc, first, 3 - (run.first - first)))
            yield from self._by_line(doc, run, first, entity, score)

    def _sounded(self, doc: Document) -> Iterator[Span]:
        """Yield runs with words that only sound like digits."""
        for sounded in sounded_runs(doc):
            run = sounded.run
            near = bool(announced(doc, run.first, _NEAR)) or asked(doc, run.first)
            if not sounded.holds(announced=near):
                continue
            entity, score = self._class(doc, run)
            number = _Number.of(doc, run)
            if not score and not number.amount and not number.counting:
                entity, score = "ID_NUMBER", scores.FAIR if near else scores.UNSURE
            if score:
                yield self.span(doc, run.first, run.last, entity, score)

    def _by_line(
        self, doc: Document, run: NumberRun, first: int, entity: str, score: float
    ) -> Iterator[Span]:
        """Yield one span for each line, so that a listener's turn between two halves of a number
        stays.
        """
        lines: dict[int, list[int]] = {}
        for piece in run.pieces:
            lines.setdefault(doc.tokens[piece.first].line, []).extend((piece.first, piece.last))
        for count, tokens in enumerate(lines.values()):
            span = self.span(doc, first if count == 0 else min(tokens), max(tokens), entity, score)
            start = span.start
            while start and doc.text[start - 1] in "+(":
                start -= 1
            yield Span(start, span.end, entity, score, self.name)

    def _class(self, doc: Document, run: NumberRun) -> tuple[str, float]:
        """Return the entity type and score of a run; an empty type where it names nobody."""
        if run.digits in PUBLIC or len(run.digits) < 3:
            return "", scores.NOTHING
        number = _Number.of(doc, run)
        if len(run.digits) == 3:
            return number.three(told=told(doc, run.first, _NEAR) or asked(doc, run.first))
        if number.amount:
            return "", scores.NOTHING
        return next(
            ((entity, score) for entity, score, holds in _CLASSES if holds(number)),
            ("", scores.NOTHING),
        )


@dataclass(frozen=True, slots=True)
class _Number:
    """A run of digits with what the words and signs around it say: which kind of number the nearest
    word announces, the three characters before it, whether it is an amount, and whether a
    recogniser of speech wrote it digit by digit: `4-8-2-7`.
    """

    run: NumberRun
    kind: str
    lead: str
    amount: bool
    dictated: bool

    @classmethod
    def of(cls, doc: Document, run: NumberRun) -> _Number:
        """Read what is around a run."""
        tokens = doc.tokens
        start, end = tokens[run.first].start, tokens[run.last].end
        lead = doc.text[max(0, start - 3) : start]
        after = tokens[run.last + 1] if run.last + 1 < len(tokens) else None
        counted = (
            len(run.digits) < 9
            and after is not None
            and after.norm in QUANTITY
            and "\n" not in after.gap
            and after.gap.strip() in ("", "-")
        )
        money = "RM" in lead or "$" in lead or "%" in doc.text[end : end + 1]
        dictated = len(run.pieces) >= _DICTATED and all(
            len(piece.digits) == 1 and not piece.spoken for piece in run.pieces
        )
        dictated = dictated and all(tokens[p.first].gap == "-" for p in run.pieces[1:])
        return cls(run, announced(doc, run.first), lead, counted or money, dictated)

    @property
    def count(self) -> int:
        """How many digits it has."""
        return len(self.run.digits)

    def names(self, least: int) -> bool:
        """Return whether it has at least so many digits and reads as a number that names, not as a
        year or an amount.
        """
        digits = self.run.digits
        if len(digits) < least:
            return False
        if self.run.spoken:
            return len(self.run.pieces) >= 3
        return not (len(digits) == 4 and digits[:2] in ("19", "20"))

    def three(self, *, told: bool) -> tuple[str, float]:
        """Return type and score of three digits, which are a part of a number where they are said
        one by one and `told`.
        """
        digit_by_digit = self.run.spoken and len(self.run.pieces) == 3
        if not (told and digit_by_digit) or self.amount or self.counting:
            return "", scores.NOTHING
        return "PHONE_NUMBER" if self.kind == "PHONE" else "ID_NUMBER", scores.FAIR

    @property
    def counting(self) -> bool:
        """Whether somebody counts: one, two, three."""
        digits = self.run.digits
        return len(digits) >= 3 and digits[0] == "1" and digits in "12345678910111213"

    @property
    def long(self) -> bool:
        """Whether it is so long that it is hardly an amount."""
        whole = self.run.spoken or any(len(p.digits) >= 6 for p in self.run.pieces)
        return self.count >= 9 or (self.count >= 7 and whole)


# The first row that holds gives type and score. Forms that can be checked come first, then what the
# words before a number announce, then bare length.
_CLASSES: tuple[tuple[str, float, Callable[[_Number], bool]], ...] = (
    ("MY_IC", scores.CERTAIN, lambda n: n.count == 12 and mykad(n.run.digits)),
    (
        "PHONE_NUMBER",
        scores.SURE,
        lambda n: (
            malaysian_phone(n.run.digits) and n.kind in ("", "PHONE", "LAST", "IDS", "IC", "CARD")
        ),
    ),
    ("MY_IC", scores.FIRM, lambda n: n.kind == "IC" and n.count == 12),
    ("MY_IC", scores.LIKELY, lambda n: n.kind == "IC" and n.count >= 6),
    ("PASSPORT", scores.FIRM, lambda n: n.kind == "PASSPORT" and n.count >= 6),
    (
        "CREDIT_CARD",
        scores.FIRM,
        lambda n: 13 <= n.count <= 19 and (luhn(n.run.digits) or n.kind == "CARD"),
    ),
    ("BANK_ACCOUNT", scores.STRONG, lambda n: n.kind == "BANK" and 8 <= n.count <= 18),
    ("MEDICAL_RECORD_NUMBER", scores.PROBABLE, lambda n: n.kind == "RECORD" and n.names(5)),
    ("PHONE_NUMBER", scores.FIRM, lambda n: "+" in n.lead and n.count >= 8),
    (
        "PHONE_NUMBER",
        scores.PROBABLE,
        lambda n: n.kind == "PHONE" and n.names(5 if n.run.spoken else 6),
    ),
    (
        "ID_NUMBER",
        scores.FAIR,
        lambda n: n.kind in ("IDS", "LAST", "IC", "BANK", "CARD") and n.names(4),
    ),
    (
        "PHONE_NUMBER",
        scores.FAIR,
        lambda n: len(n.run.pieces) >= 3 and 9 <= n.count <= 15 and not n.run.spoken,
    ),
    ("", scores.NOTHING, lambda n: n.counting),
    ("ID_NUMBER", scores.FAIR, lambda n: n.dictated),
    ("ID_NUMBER", scores.UNSURE, lambda n: n.long),
    ("ID_NUMBER", scores.DOUBTFUL, lambda n: n.run.spoken and len(n.run.pieces) >= 6),
)
