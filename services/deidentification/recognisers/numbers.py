# SPDX-License-Identifier: Apache-2.0
"""Numbers that name a person: identity card, phone, account, record, passport, plate; written and
spoken.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date

import phonenumbers
import regex

from services.deidentification.domain import scores
from services.deidentification.domain.numbers import NumberRun, runs
from services.deidentification.domain.tokens import Document
from services.deidentification.domain.transcript import Span
from services.deidentification.recognisers.base import SottoRecognizer
from services.deidentification.word_files import read_words

_WORDS = read_words("number_context")

# Birthplace codes of MyKad that the registration department has given out.
PLACES = frozenset(
    [*range(1, 17), *range(21, 60), *range(60, 69), 71, 72, *range(74, 80), *range(82, 94), 98, 99]
)
IC = _WORDS.words("identity card")
PHONE = _WORDS.words("telephone")
RECORD = _WORDS.words("medical record")
PASSPORT = _WORDS.words("passport")
BANK = _WORDS.words("bank account")
CARD = _WORDS.words("payment card")
PLATE = _WORDS.words("vehicle plate")
IDS = _WORDS.words("other numbers of a person")
LAST = _WORDS.words("part of a number")
QUANTITY = _WORDS.words("quantities")
LETTERS: dict[str, str] = {c: c for c in "abcdefghijklmnopqrstuvwxyz"}
_IP = regex.compile(
    r"(?<![\d.])(?:\d{1,3}\.){3}\d{1,3}(?![\d.])|(?<![\w:])(?:[0-9a-fA-F]{1,4}:){4,7}"
    r"[0-9a-fA-F]{1,4}(?![\w:])"
)
_MAC = regex.compile(r"(?<![\w:])(?:[0-9A-Fa-f]{2}[:-]){5}[0-9A-Fa-f]{2}(?![\w:])")
_IBAN = regex.compile(
    r"(?<!\w)[A-Z]{2}\d{2}(?: ?[A-Z0-9]{4}){3,7}(?: ?[A-Z0-9]{1,3})?(?!\w)"
    r"|(?<!\w)[a-z]{2}\d{2}[a-z0-9]{11,30}(?!\w)"
)
_CODE = regex.compile(
    r"(?<![\w/])(?=[A-Za-z0-9-]{0,15}\d{4})[A-Za-z]{1,6}[- ]?\d[\d-]{3,14}[A-Za-z]?(?![\w/])"
)
_PHONE = regex.compile(
    r"(?<![\w.+/-])(?:\+?\d{1,3}[ .-]?)?(?:\(\d{2,4}\) ?|\d{2,4}[ .-])\d{3,4}[ .-]\d{3,4}"
    r"(?:[xX]\d{1,6})?(?![\w/-])"
    r"|(?<![\w.+/-])\+?\d{0,3}[ .-]?\(?\d{3}\)?[ .-]?\d{3}[ .-]?\d{4}[xX]\d{1,6}(?!\w)"
)
_FILED = regex.compile(r"(?<![\d/])\d{1,6}/\d{2,4}(?![\d/])")
_PLATE = regex.compile(r"(?<![\w-])([A-Za-z]{1,4})[ -]?(\d{1,4})(?: ?([A-Z]))?(?![\w-])")
_NO_PLATE = _WORDS.words("letters before a number that are not a plate")


def _is_ip(text: str) -> bool:
    parts = text.split(".")
    return len(parts) != 4 or all(int(part) < 256 for part in parts)


# Forms that say by themselves what they are; the last column refuses what only looks alike.
_FORMS: tuple[tuple[regex.Pattern[str], str, float, Callable[[str], bool]], ...] = (
    (_IP, "IP_ADDRESS", scores.SURE, _is_ip),
    (_MAC, "ID_NUMBER", scores.SURE, lambda _: True),
    (_IBAN, "BANK_ACCOUNT", scores.FIRM, lambda text: sum(c.isdigit() for c in text) >= 8),
    (_PHONE, "PHONE_NUMBER", scores.GOOD, lambda _: True),
)
_FILES = frozenset("no nos application applications case kes ref number".split())


def _context(doc: Document, first: int, back: int = 9) -> set[str]:
    return {t.norm for t in doc.tokens[max(0, first - back) : first]}


_KINDS = (
    ("IC", IC),
    ("PASSPORT", PASSPORT),
    ("BANK", BANK),
    ("CARD", CARD),
    ("IDS", IDS),
    ("RECORD", RECORD),
    ("PHONE", PHONE),
    ("LAST", LAST),
)


def _nearest(doc: Document, first: int, back: int = 9) -> str:
    """Return the kind of number that the nearest word before token `first` announces; empty where
    none does.
    """
    for token in reversed(doc.tokens[max(0, first - back) : first]):
        for kind, words in _KINDS:
            if token.norm in words and not (
                kind == "PHONE" and token.norm in ("number", "nombor", "no", "numbers")
            ):
                return kind
    if {"number", "nombor", "numbers"} & _context(doc, first, back):
        return "PHONE"
    return ""


def mykad(digits: str) -> bool:
    """Return whether 12 digits hold a date of birth and a birthplace code that exist."""
    if len(digits) != 12:
        return False
    try:
        # 2000 is a leap year: the century is not in the number.
        date(
            2000 + int(digits[:2]) % 4 if digits[2:4] == "02" else 2000,
            int(digits[2:4]),
            int(digits[4:6]),
        )
    except ValueError:
        return False
    return int(digits[6:8]) in PLACES


def luhn(digits: str) -> bool:
    """Return whether the check digit of a payment card is right (ISO/IEC 7812-1)."""
    total = 0
    for place, char in enumerate(reversed(digits)):
        value = int(char) * (2 if place % 2 else 1)
        total += value - 9 if value > 9 else value
    return total % 10 == 0


def malaysian_phone(digits: str) -> bool:
    """Return whether the digits are a number of the Malaysian plan, with or without country
    code.
    """
    local = (
        digits.removeprefix("00").removeprefix("60")
        if digits.startswith(("60", "0060"))
        else digits.removeprefix("0")
    )
    if local == digits or not 8 <= len(local) <= 10 or local[0] in "02":
        return bool(digits.startswith(("1300", "1800")) and len(digits) == 10)
    number = phonenumbers.PhoneNumber(country_code=60, national_number=int(local))
    return bool(phonenumbers.is_possible_number(number))


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
        for run in runs(doc):
            entity, score = self._class(doc, run)
            if not score:
                continue
            first = run.first
            if entity in ("PASSPORT", "MEDICAL_RECORD_NUMBER", "ID_NUMBER"):
                if first and doc.tokens[first - 1].norm in ("rn", "mrn") and doc.adjacent(first):
                    first -= 1
                while (
                    run.first - first < 3
                    and first
                    and doc.tokens[first - 1].norm in LETTERS
                    and doc.tokens[first].gap.strip() in ("", "-", ",")
                ):
                    first -= 1
            yield from self._by_line(doc, run, first, entity, score)

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
        if len(run.digits) < 4:
            return "", scores.NOTHING
        number = _Number.of(doc, run)
        if number.amount:
            return "", scores.NOTHING
        return next(
            ((entity, score) for entity, score, holds in _CLASSES if holds(number)),
            ("", scores.NOTHING),
        )


@dataclass(frozen=True, slots=True)
class _Number:
    """A run of digits with what the words and signs around it say: which kind of number the nearest
    word announces, the three characters before it, and whether it is an amount.
    """

    run: NumberRun
    kind: str
    lead: str
    amount: bool

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
        return cls(run, _nearest(doc, run.first), lead, counted or money)

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
    ("ID_NUMBER", scores.UNSURE, lambda n: n.long),
    ("ID_NUMBER", scores.DOUBTFUL, lambda n: n.run.spoken and len(n.run.pieces) >= 6),
)


class CodeRecognizer(SottoRecognizer):
    """Codes of letters and digits: plates, passports, record and reference numbers, IP and MAC
    addresses, IBAN.
    """

    ENTITIES = (
        "VEHICLE_PLATE",
        "PASSPORT",
        "MEDICAL_RECORD_NUMBER",
        "PHONE_NUMBER",
        "ID_NUMBER",
        "IP_ADDRESS",
        "BANK_ACCOUNT",
        "MY_IC",
    )

    def find(self, doc: Document) -> Iterator[Span]:
        """Yield codes of each kind."""
        starts = {t.start: i for i, t in enumerate(doc.tokens)}
        for pattern, entity, score, holds in _FORMS:
            for match in pattern.finditer(doc.text):
                if holds(match.group()):
                    yield Span(*match.span(), entity, score, self.name)
        yield from self._filed(doc, starts)
        yield from self._codes(doc, starts)
        yield from self._plates(doc, starts)
        yield from self._spoken_plates(doc)

    def _filed(self, doc: Document, starts: dict[int, int]) -> Iterator[Span]:
        """Yield numbers of files and applications: `case no 1234/19`."""
        for match in _FILED.finditer(doc.text):
            left = match.group().split("/")[0]
            long = len(left) in (5, 6) or (len(left) == 4 and left[:2] not in ("19", "20"))
            if long or _FILES & _context(doc, starts.get(match.start(), 0), 6):
                yield Span(*match.span(), "ID_NUMBER", scores.FIRM, self.name)

    def _codes(self, doc: Document, starts: dict[int, int]) -> Iterator[Span]:
        """Yield codes of letters and digits: passports, record numbers, others."""
        for match in _CODE.finditer(doc.text):
            code = match.group()
            letters = "".join(c for c in code if c.isalpha()).lower()
            if letters in _NO_PLATE and code[len(letters) : len(letters) + 1] == " ":
                continue
            kind = _nearest(doc, starts.get(match.start(), 0))
            entity, score = self._code(code, letters, kind)
            if entity:
                yield Span(*match.span(), entity, score, self.name)

    @staticmethod
    def _code(code: str, letters: str, kind: str) -> tuple[str, float]:
        """Return the type and score of a code by the kind of number that is announced before it."""
        digits = sum(c.isdigit() for c in code)
        start = code[: len(letters) + 1]
        glued = "-" in start or start.isalnum() or kind in ("IDS", "RECORD", "PASSPORT", "IC")
        # A letter and seven digits; a Malaysian, Sarawakian or Sabahan passport.
        malaysian = len(letters) == 1 and digits in (7, 8) and letters in "ahk" and glued
        if malaysian or (kind == "PASSPORT" and letters not in ("mrn", "rn")):
            return "PASSPORT", scores.FIRM
        if (kind == "RECORD" or letters in ("mrn", "rn")) and digits >= 4:
            return "MEDICAL_RECORD_NUMBER", scores.STRONG
        if digits >= 5 and glued:
            return "ID_NUMBER", scores.FAIR
        return "", scores.NOTHING

    def _plates(self, doc: Document, starts: dict[int, int]) -> Iterator[Span]:
        for match in _PLATE.finditer(doc.text):
            letters, digits = match.group(1), match.group(2)
            if letters.lower() in _NO_PLATE or match.start() not in starts:
                continue
            near = bool(_context(doc, starts[match.start()]) & PLATE)
            if (
                letters.isupper()
                and (len(digits) >= 3 or near)
                and (len(letters) > 1 or len(digits) == 4 or near)
            ):
                yield Span(
                    *match.span(),
                    "VEHICLE_PLATE",
                    scores.STRONG if near or len(letters) == 3 else scores.UNSURE,
                    self.name,
                )
            elif near and len(digits) >= 2:
                yield Span(*match.span(), "VEHICLE_PLATE", scores.LIKELY, self.name)

    def _spoken_plates(self, doc: Document) -> Iterator[Span]:
        for run in runs(doc):
            if not (run.spoken and 1 <= len(run.digits) <= 4):
                continue
            first = run.first
            while first and run.first - first < 3 and doc.tokens[first - 1].norm in LETTERS:
                if doc.tokens[first].gap.strip() not in ("", "-", ","):
                    break
                first -= 1
            letters = run.first - first
            near = _context(doc, first) & (PLATE - {"number", "nombor"})
            if (letters >= 2 and len(run.digits) >= 2) or (
                letters and near and len(run.digits) >= 2
            ):
                if doc.tokens[first].norm in ("i", "a") and letters == 1 and not near:
                    continue
                yield self.span(
                    doc,
                    first,
                    run.last,
                    "VEHICLE_PLATE",
                    scores.PROBABLE if near else scores.UNSURE,
                )
