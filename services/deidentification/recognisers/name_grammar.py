# SPDX-License-Identifier: Apache-2.0
"""Grammar of a personal name: which words can be one, how far it goes, which titles belong to
it.
"""

from __future__ import annotations

from services.deidentification.domain import lexicon as lx
from services.deidentification.domain.tokens import Document, Token
from services.deidentification.domain.transcript import Span
from services.deidentification.domain.vocabulary import (
    ADDRESS,
    KIN,
    OWNED,
    PARTICLES,
    POSSESSED,
    RELATION,
    SECOND,
    SHY_ADDRESS,
    STOP,
    TITLES,
)
from services.deidentification.gazetteers.loading import load_lexicon
from services.deidentification.recognisers.base import SottoRecognizer, credentials
from services.deidentification.recognisers.name_lexicon import LOCAL, NO_NAMES, PREFIXES
from services.deidentification.word_files import read_words

_WORDS = read_words("names")

# Titles that say what somebody is as well: they join a name, and no other title.
_NOUNS = _WORDS.words("titles that are nouns")
_BIRTH_ORDER = _WORDS.words("titles by birth order")
CONTRACTIONS = ("n't", "'ll", "'re", "'ve", "'d", "'m")
# Words of speech that are names as well; a capital behind a name says which.
_SYLLABLES = _WORDS.words("syllables that are also particles")


class NameGrammar(SottoRecognizer):
    """Base of the recognisers of people."""

    ENTITIES = ("PERSON",)

    def bits(self, token: Token) -> int:
        """Return the flags of a word."""
        return load_lexicon().of(token.norm)

    def capital(self, doc: Document, index: int) -> bool:
        """Return whether the capital letter of a word is evidence."""
        token = doc.tokens[index]
        return doc.cased and token.case == "T" and not token.initial and token.norm not in NO_NAMES

    def likely(self, doc: Document, index: int, *, loose: bool) -> bool:
        """Return whether a word where a name is expected can be one; `loose` accepts ordinary words
        that are names too.
        """
        token = doc.tokens[index]
        word = token.norm
        if token.case == "d" or not any(c.isalpha() for c in word) or word in NO_NAMES:
            return False
        if word.endswith(CONTRACTIONS):
            return False
        if self.capital(doc, index):
            return word not in STOP or bool(self.bits(token) & lx.NAME)
        if word in STOP or word in TITLES or word in ADDRESS or word in KIN:
            return False
        bits = self.bits(token)
        if bits & lx.NAME:
            if not load_lexicon().ordinary(word):
                return True
            if doc.cased and token.case == "l":
                return False
            return loose and bool(bits & (LOCAL | lx.GIVEN)) and not bits & lx.FREQUENT
        if doc.cased and token.case == "l":
            return False
        return not load_lexicon().known(word) and len(word) > 2 and not bits & lx.PLACE_MY

    def extend(self, doc: Document, start: int, limit: int = 4, *, loose: bool = True) -> int:
        """Return the last token of the name that starts at token `start`, by adjacency; relation
        marks continue it.
        """
        last = start
        taken = 1
        index = start + 1
        while index < len(doc.tokens) and index - start < 16 and doc.adjacent(index):
            token = doc.tokens[index]
            before = doc.tokens[index - 1].norm
            bound = (before in RELATION and index - 1 > start) or before in PREFIXES
            if token.norm in RELATION:
                limit += 3
            elif token.norm in PARTICLES and not bound:
                following = index + 1
                if not (following < len(doc.tokens) and doc.adjacent(following)):
                    break
                if not (self.capital(doc, following) and doc.cased):
                    break
            elif taken < limit and (
                self.likely(doc, index, loose=loose)
                or (bound and token.norm not in STOP)
                or (self.capital(doc, index) and token.norm in _SYLLABLES)
                or (len(token.norm) == 1 and token.case == "T" and doc.cased and token.norm != "i")
            ):
                taken += 1
                last = index
            else:
                break
            index += 1
        return credentials(doc, last)

    def _before(self, doc: Document, start: int) -> int:
        """Return the first token of the titles and kin terms right before a name."""
        index = start
        while (
            index > 0 and start - index < 3 and doc.tokens[index].line == doc.tokens[index - 1].line
        ):
            word = doc.tokens[index - 1].norm
            gap = doc.tokens[index].gap.strip(" '\u2019")
            if gap not in ("", "."):
                break
            if self._owned(doc, index - 1):
                break
            if index < start and word in _NOUNS and doc.tokens[index].norm not in SECOND:
                break  # the teacher Cikgu Rosnah: her post, and her title
            if (
                word in TITLES
                or word in ADDRESS
                or word in SHY_ADDRESS
                or (word in _BIRTH_ORDER and index == start)
                or (word == "tan" and doc.tokens[index].norm in ("sri", "seri"))
                or (
                    word in SECOND
                    and index >= 2
                    and (
                        doc.tokens[index - 2].norm in TITLES
                        or doc.tokens[index - 2].norm in ADDRESS
                        or doc.tokens[index - 2].norm == "tan"
                    )
                )
            ):
                index -= 1
            else:
                break
        return index

    @staticmethod
    def _owned(doc: Document, index: int) -> bool:
        """Return whether a kin term says whose relative somebody is, and is no form of address."""
        return (
            doc.tokens[index].norm in OWNED
            and doc.adjacent(index)
            and doc.tokens[index - 1].norm in POSSESSED
        )

    def named(self, doc: Document, start: int, last: int, score: float) -> Span:
        """Return the span of a name with its titles."""
        return self.span(doc, self._before(doc, start), last, "PERSON", score)

    def loosely(self, doc: Document, index: int) -> bool:
        """Return whether a word right after an introduction can be a name, ordinary or not."""
        token = doc.tokens[index]
        if token.norm in STOP or token.norm in NO_NAMES:
            return self.capital(doc, index) and bool(self.bits(token) & lx.NAME)
        if self.likely(doc, index, loose=True):
            return True
        bits = self.bits(token)
        return bool(bits & (LOCAL | lx.GIVEN)) and not bits & lx.FREQUENT

    def strong(self, doc: Document, index: int) -> bool:
        """Return whether a word is a name and nothing else, or a capitalised one."""
        token = doc.tokens[index]
        if self.capital(doc, index) and self.bits(token) & lx.NAME:
            return True
        bits = self.bits(token)
        return (
            bool(bits & (LOCAL | lx.GIVEN))
            and not load_lexicon().ordinary(token.norm)
            and not (bits & lx.KNOWN and token.case == "l" and not bits & lx.STRONG)
            and token.norm not in NO_NAMES
        )
