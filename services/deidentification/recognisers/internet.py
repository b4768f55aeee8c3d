# SPDX-License-Identifier: Apache-2.0
"""E-mail addresses, web addresses and account names, written and spoken, with no look-up on the
network.
"""

from __future__ import annotations

from collections.abc import Iterator

import regex

from services.deidentification.domain import lexicon as lx
from services.deidentification.domain import scores
from services.deidentification.domain.tokens import Document, normal
from services.deidentification.domain.transcript import Span
from services.deidentification.gazetteers.loading import load_lexicon
from services.deidentification.recognisers.accounts import LINK, SERVICES, accounts, numeric
from services.deidentification.recognisers.base import SottoRecognizer
from services.deidentification.recognisers.spoken_addresses import addresses, local

# The dots of a domain may be lost or said: `lina07@icloud com`, `lina07@icloud dot com`.
_EMAIL = regex.compile(
    r"(?<![\w.+%-])[\w.+%'-]{1,64}+(?:@ ?| @ )[\w-]{1,63}(?: ?\.[\w-]{1,63}){1,6}"
    r"|(?<![\w.+%-])[\w.+%'-]{1,64}+@[\w-]{2,63}"
    r"(?: (?:dot |titik )?(?:com|net|org|edu|gov|co|my)(?!\w)){0,3}",
    regex.IGNORECASE,
)
_URL = regex.compile(r"(?<![\w@.])(?:https?://|www\.)[^\s<>\"'\u201d)\]]{3,300}", regex.IGNORECASE)
_DOMAIN = regex.compile(
    r"(?<![\w@.-])(?:[\w-]{1,63}\.){1,5}(?:com|org|net|edu|gov|my|info|co|io|uk|sg|biz|me|us|id|au|de|fr|eu|tv|ru|ly|gl|be|page|app|site|blog|xyz|online)"
    r"(?:/[^\s<>\"')\]]{0,200})?(?![\w@-]|\.\w)",
    regex.IGNORECASE,
)
_HANDLE = regex.compile(r"(?<![\w@./])@[A-Za-z0-9_][\w.]{1,29}(?<![.])")
_UNDERSCORED = regex.compile(
    r"(?<![\w@./-])(?=[\w.]{0,30}_)[A-Za-z0-9][\w.]{2,30}(?<=[A-Za-z0-9])(?![\w@-])"
)
_MIXED = regex.compile(r"(?<![\w@./-])[A-Za-z]{3,20}[._]?\d{2,4}(?![\w@./-])")


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
        for first, last, kind in addresses(doc):
            yield self.span(doc, first, last, kind, scores.SURE)
        for first, last, score in accounts(doc):
            yield self.span(doc, first, last, "USERNAME", score)
        yield from self._underscores(doc)
        yield from self._accounts(doc)

    def _underscores(self, doc: Document) -> Iterator[Span]:
        """`tikah underscore eighty eight`, with the words bound to it."""
        tokens = doc.tokens
        for index, token in enumerate(tokens[:-1]):
            if token.norm not in ("underscore", "underskor") or index == 0:
                continue
            last = index + 1
            while last + 1 < len(tokens) and "\n" not in tokens[last + 1].gap:
                word = tokens[last + 1].norm
                if not (numeric(word) or word in LINK or tokens[last].norm in LINK):
                    break
                last += 1
            yield self.span(doc, local(doc, index - 1), last, "USERNAME", scores.LIKELY)

    def _accounts(self, doc: Document) -> Iterator[Span]:
        """Yield account names that follow a service and look like one."""
        tokens = doc.tokens
        for index, token in enumerate(tokens):
            if token.norm not in SERVICES:
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
                        numeric(tokens[last + 1].norm)
                        or tokens[last + 1].norm in LINK
                        or tokens[last].norm in LINK
                    ):
                        last += 1
                    yield self.span(doc, at - 1, last, "USERNAME", scores.LIKELY)
                    break
