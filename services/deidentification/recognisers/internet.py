# SPDX-License-Identifier: Apache-2.0
"""E-mail addresses, web addresses and account names, written and spoken, with no look-up on the
network.
"""

from __future__ import annotations

from collections.abc import Iterator

import regex

from services.deidentification.domain import lexicon as lx
from services.deidentification.domain import scores
from services.deidentification.domain.numbers import MAGNITUDES, REPEATS, TEENS, TENS, UNITS
from services.deidentification.domain.tokens import Document, normal
from services.deidentification.domain.transcript import Span
from services.deidentification.gazetteers.loading import load_lexicon
from services.deidentification.recognisers.base import SottoRecognizer
from services.deidentification.word_files import read_words

_WORDS = read_words("internet")

_EMAIL = regex.compile(
    r"(?<![\w.+%-])[\w.+%'-]{1,64}+ ?@ ?[\w-]{1,63}(?: ?\.[\w-]{1,63}){1,6}", regex.IGNORECASE
)
_URL = regex.compile(r"(?<![\w@.])(?:https?://|www\.)[^\s<>\"'\u201d)\]]{3,300}", regex.IGNORECASE)
_DOMAIN = regex.compile(
    r"(?<![\w@.-])(?:[\w-]{1,63}\.){1,5}(?:com|org|net|edu|gov|my|info|co|io|uk|sg|biz|me|us|id|au|de|fr|eu|tv|ru)"
    r"(?:/[^\s<>\"')\]]{0,200})?(?![\w@-]|\.\w)",
    regex.IGNORECASE,
)
_HANDLE = regex.compile(r"(?<![\w@./])@[A-Za-z0-9_][\w.]{1,29}(?<![.])")
_UNDERSCORED = regex.compile(
    r"(?<![\w@./-])(?=[\w.]{0,30}_)[A-Za-z0-9][\w.]{2,30}(?<=[A-Za-z0-9])(?![\w@-])"
)
_MIXED = regex.compile(r"(?<![\w@./-])[A-Za-z]{3,20}[._]?\d{2,4}(?![\w@./-])")
_TLD = _WORDS.words("top-level domains")
_DOT = _WORDS.words("dot")
_AT = _WORDS.words("at")
_PROVIDERS = _WORDS.words("mail providers")
_OTHER_WORDS = _WORDS.words("mail providers that are other words too")
_SERVICES = _WORDS.words("services with accounts")
_LINK = _WORDS.words("links inside an account name")


class InternetRecognizer(SottoRecognizer):
    """E-mail, URL and user names; `nadia dot lim at gmail dot com` is one e-mail address."""

    ENTITIES = ("EMAIL_ADDRESS", "URL", "USERNAME")

    def find(self, doc: Document) -> Iterator[Span]:
        """Yield written forms by pattern and spoken forms by words."""
        taken: list[tuple[int, int]] = []
        for match in _EMAIL.finditer(doc.text):
            taken.append(match.span())
            yield Span(*match.span(), "EMAIL_ADDRESS", scores.CERTAIN, self.name)
        for pattern, score in ((_URL, scores.CERTAIN), (_DOMAIN, scores.STRONG)):
            for match in pattern.finditer(doc.text):
                end = match.start() + len(match.group().rstrip(".,;:!?"))
                yield Span(match.start(), end, "URL", score, self.name)
        for match in _HANDLE.finditer(doc.text):
            yield Span(*match.span(), "USERNAME", scores.STRONG, self.name)
        for match in _UNDERSCORED.finditer(doc.text):
            yield Span(*match.span(), "USERNAME", scores.LIKELY, self.name)
        for match in _MIXED.finditer(doc.text):
            letters = normal("".join(c for c in match.group() if c.isalpha()))
            if not load_lexicon().known(letters) and (
                load_lexicon().of(letters) & lx.NAME or len(letters) >= 6
            ):
                yield Span(*match.span(), "USERNAME", scores.UNSURE, self.name)
        yield from self._spoken(doc)
        yield from self._underscores(doc)
        yield from self._accounts(doc)

    def _spoken(self, doc: Document) -> Iterator[Span]:
        yield from self._spoken_domains(doc)
        yield from self._spoken_providers(doc)

    def _spoken_domains(self, doc: Document) -> Iterator[Span]:
        """Yield `nadia at clinic dot com dot my` and `www dot clinic dot my`."""
        tokens = doc.tokens
        for index, token in enumerate(tokens):
            if token.norm not in _DOT or index + 1 >= len(tokens) or index < 1:
                continue
            if tokens[index + 1].norm not in _TLD or token.norm == tokens[index - 1].norm:
                continue
            first, last = self._domain(doc, index)
            before = tokens[first - 1].norm if first >= 1 else ""
            if before in _AT:
                local = self._local(doc, first - 2)
                yield self.span(doc, local, last, "EMAIL_ADDRESS", scores.SURE)
            else:
                if before in ("www", "dubdubdub"):
                    first -= 1
                yield self.span(doc, first, last, "URL", scores.PROBABLE)

    @staticmethod
    def _domain(doc: Document, dot: int) -> tuple[int, int]:
        """Return the first and last token of a spoken domain around one of its dots."""
        tokens = doc.tokens
        last = dot + 1
        while (
            last - dot < 6
            and last + 2 < len(tokens)
            and tokens[last + 1].norm in _DOT
            and tokens[last + 2].norm in _TLD
        ):
            last += 2
        first = dot - 1
        while first >= 2 and tokens[first - 1].norm in _DOT and dot - first < 5:
            first -= 2
        return first, last

    def _spoken_providers(self, doc: Document) -> Iterator[Span]:
        """Yield `nadia at gmail`, without a domain."""
        tokens = doc.tokens
        for index in range(1, len(tokens) - 1):
            provider = tokens[index + 1].norm
            if tokens[index].norm not in _AT or provider not in _PROVIDERS - _OTHER_WORDS:
                continue
            if index + 3 < len(tokens) and tokens[index + 2].norm in _DOT:
                continue
            local = self._local(doc, index - 1)
            yield self.span(doc, local, index + 1, "EMAIL_ADDRESS", scores.PROBABLE)

    @staticmethod
    def _local(doc: Document, last: int) -> int:
        """Return the first token of a spoken local part that ends at `last`: parts joined by dot or
        underscore, letters, digits.
        """
        tokens = doc.tokens
        first = max(last, 0)
        while first > 0 and last - first < 30 and "\n" not in tokens[first].gap:
            before = tokens[first - 1].norm
            here = tokens[first].norm
            single = (len(before) == 1 and before != "a") or _numeric(before)
            digits = _numeric(here) or len(here) == 1
            if before in _LINK and first >= 2:
                first -= 2
            elif single or (
                digits and before not in _STOPS and tokens[first].gap.strip() in ("", ".", "-", ",")
            ):
                first -= 1
            else:
                break
        return first

    def _underscores(self, doc: Document) -> Iterator[Span]:
        """`tikah underscore eighty eight`, with the words bound to it."""
        tokens = doc.tokens
        for index, token in enumerate(tokens[:-1]):
            if token.norm not in ("underscore", "underskor") or index == 0:
                continue
            last = index + 1
            while last + 1 < len(tokens) and "\n" not in tokens[last + 1].gap:
                word = tokens[last + 1].norm
                if not (_numeric(word) or word in _LINK or tokens[last].norm in _LINK):
                    break
                last += 1
            yield self.span(doc, self._local(doc, index - 1), last, "USERNAME", scores.LIKELY)

    def _accounts(self, doc: Document) -> Iterator[Span]:
        tokens = doc.tokens
        for index, token in enumerate(tokens):
            if token.norm not in _SERVICES:
                continue
            for at in range(index + 1, min(index + 9, len(tokens))):
                word = doc.text[tokens[at].start : tokens[at].end]
                if tokens[at].line != token.line:
                    break
                mixed = any(c.isdigit() for c in word) and any(c.isalpha() for c in word)
                if "_" in word or (mixed and len(word) >= 4):
                    yield self.span(doc, at, at, "USERNAME", scores.PROBABLE)
                    break
                if tokens[at].norm == "underscore" and at > index + 1 and at + 1 < len(tokens):
                    last = at + 1
                    while last + 1 < len(tokens) and (
                        _numeric(tokens[last + 1].norm)
                        or tokens[last + 1].norm in _LINK
                        or tokens[last].norm in _LINK
                    ):
                        last += 1
                    yield self.span(doc, at - 1, last, "USERNAME", scores.LIKELY)
                    break


def _numeric(word: str) -> bool:
    """Return whether a word is a number, or a part of one that is said."""
    return (
        word in UNITS
        or word in TEENS
        or word in TENS
        or word in REPEATS
        or word in MAGNITUDES
        or word.isdecimal()
    )


_STOPS = _WORDS.words("before an address")
