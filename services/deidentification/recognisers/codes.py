# SPDX-License-Identifier: Apache-2.0
"""Codes of letters and digits that name a person or a device: plates, passports, records, addresses
of machines, accounts.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

import regex

from services.deidentification.domain import scores
from services.deidentification.domain.numbers import runs
from services.deidentification.domain.tokens import Document
from services.deidentification.domain.transcript import Span
from services.deidentification.recognisers.base import SottoRecognizer
from services.deidentification.recognisers.number_context import announced, context, with_letters
from services.deidentification.recognisers.said_codes import said_codes
from services.deidentification.recognisers.sounded_digits import sounded_runs
from services.deidentification.word_files import read_words

_WORDS = read_words("number_context")
PLATE = _WORDS.words("vehicle plate")
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
    r"(?<![\w/])(?=[A-Za-z]{0,6}[- ]?[\d-]{0,9}\d{4})"
    r"[A-Za-z]{1,6}[- ]?\d[\d-]{3,14}[A-Za-z]?(?![\w/])"
)
_PHONE = regex.compile(
    r"(?<![\w.+/-])(?:\+?\d{1,3}[ .-]?)?(?:\(\d{2,4}\) ?|\d{2,4}[ .-])\d{3,4}[ .-]\d{3,4}"
    r"(?:[xX]\d{1,6})?(?![\w/-])"
    r"|(?<![\w.+/-])\+?\d{0,3}[ .-]?\(?\d{3}\)?[ .-]?\d{3}[ .-]?\d{4}[xX]\d{1,6}(?!\w)"
)
_FILED = regex.compile(r"(?<![\d/])\d{1,6}/\d{2,4}(?![\d/])")
# Numbers of records in parts, letters in one and digits in others: `PSY/0456/2019`, `19/HKL/2203`.
_RECORD = regex.compile(
    r"(?<![\w/.-])(?=[\w/-]{0,40}\d)(?:[A-Za-z]{1,8}|\d{1,8}|[A-Za-z]{1,4}\d{1,8})"
    r"(?:[/-](?:[A-Za-z]{1,8}|\d{1,8}|[A-Za-z]{1,4}\d{1,8})){1,5}(?![\w/]|-\w)"
)
_PART = regex.compile("[/-]")
_RECORD_DIGITS = 4
_PLATE_DIGITS = 4
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
_SAID = {"RECORD": "MEDICAL_RECORD_NUMBER", "PASSPORT": "PASSPORT"}
_FILES = frozenset("no nos application applications case kes ref number".split())


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
        yield from self._records(doc)
        yield from self._codes(doc, starts)
        yield from self._plates(doc, starts)
        yield from self._spoken_plates(doc)
        yield from self._said(doc)

    def _filed(self, doc: Document, starts: dict[int, int]) -> Iterator[Span]:
        """Yield numbers of files and applications: `case no 1234/19`."""
        for match in _FILED.finditer(doc.text):
            left = match.group().split("/")[0]
            long = len(left) in (5, 6) or (len(left) == 4 and left[:2] not in ("19", "20"))
            if long or _FILES & context(doc, starts.get(match.start(), 0), 6):
                yield Span(*match.span(), "ID_NUMBER", scores.FIRM, self.name)

    def _records(self, doc: Document) -> Iterator[Span]:
        """Yield numbers of records in parts, whole, whatever their parts look like."""
        for match in _RECORD.finditer(doc.text):
            parts = _PART.split(match.group())
            filed = "/" in match.group() and len(parts) > 2
            letters = any(part.isalpha() and (part.isupper() or filed) for part in parts)
            digits = sum(c.isdecimal() for c in match.group())
            if letters and digits >= _RECORD_DIGITS and ("/" in match.group() or len(parts) > 2):
                yield Span(*match.span(), "ID_NUMBER", scores.FIRM, self.name)

    def _codes(self, doc: Document, starts: dict[int, int]) -> Iterator[Span]:
        """Yield codes of letters and digits: passports, record numbers, others."""
        for match in _CODE.finditer(doc.text):
            code = match.group()
            letters = "".join(c for c in code if c.isalpha()).lower()
            if code[len(letters) : len(letters) + 1] == " ":
                year = (
                    code[len(letters) + 1 :][:2] in ("19", "20") and len(code) - len(letters) == 5
                )
                if letters in _NO_PLATE or year or not code[: len(letters)].isupper():
                    continue
            kind = announced(doc, starts.get(match.start(), 0))
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
            near = bool(context(doc, starts[match.start()]) & PLATE)
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

    def _said(self, doc: Document) -> Iterator[Span]:
        """Yield codes of letters and digits that are said one by one."""
        for code in said_codes(doc):
            kind = announced(doc, code.first)
            plate = context(doc, code.first) & (PLATE - {"number", "nombor", "registration"})
            entity = "VEHICLE_PLATE" if plate else _SAID.get(kind, "ID_NUMBER")
            score = scores.PROBABLE if code.announced else scores.UNSURE
            yield self.span(doc, code.first, code.last, entity, score)

    def _spoken_plates(self, doc: Document) -> Iterator[Span]:
        heard_wrong = (s.run for s in sounded_runs(doc) if s.holds(announced=True))
        for run in (*runs(doc), *heard_wrong):
            if not (run.spoken and 1 <= len(run.digits) <= _PLATE_DIGITS):
                continue
            first = with_letters(doc, run.first)
            letters = run.first - first
            near = context(doc, first) & (PLATE - {"number", "nombor"})
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
