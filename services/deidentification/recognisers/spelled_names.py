# SPDX-License-Identifier: Apache-2.0
"""Names spelt letter by letter: `N-U-R-U-L`, `n u r u l`, `en, u, ar, u, el`."""

from __future__ import annotations

from collections.abc import Iterator

from services.deidentification.domain import lexicon as lx
from services.deidentification.domain import scores
from services.deidentification.domain.tokens import Document
from services.deidentification.domain.transcript import Span
from services.deidentification.gazetteers.loading import load_lexicon
from services.deidentification.recognisers.base import SottoRecognizer
from services.deidentification.word_files import read_words

_WORDS = read_words("spelled_names")

LETTER_NAMES = _WORDS.labels("names of letters")
SPELL = _WORDS.words("spelling")
# Names of letters that are common words count only where a run holds a sure letter too.
SURE = _WORDS.words("sure names of letters")
ACRONYMS = _WORDS.words("acronyms")


class SpelledNameRecognizer(SottoRecognizer):
    """Three or more letters in a row that spell a name or are said to; acronyms stay."""

    ENTITIES = ("PERSON",)

    def find(self, doc: Document) -> Iterator[Span]:
        """Yield runs of letters that spell a name."""
        index = 0
        while index < len(doc.tokens):
            letters, sure, last = self._letters(doc, index)
            if len(letters) >= 3:
                score = self._score(doc, index, last, letters, sure)
                if score:
                    yield self.span(doc, index, last, "PERSON", score)
            index = max(last, index) + 1

    def _letters(self, doc: Document, first: int) -> tuple[list[str], int, int]:
        """Return the letters that are spelt from a token on, how many of them are surely letters,
        and the last token.
        """
        tokens = doc.tokens
        letters: list[str] = []
        sure = 0
        last = first - 1
        while last + 1 < len(tokens):
            token = tokens[last + 1]
            if letters and (
                token.gap.strip() not in ("", "-", ",", ".", "...", "\u2013") or "\n" in token.gap
            ):
                break
            if len(token.norm) == 1 and token.norm.isalpha():
                letters.append(token.norm)
                sure += 1
            elif token.norm in LETTER_NAMES:
                letters.append(LETTER_NAMES[token.norm])
                sure += token.norm in SURE
            elif letters and self._doubles(doc, last + 1):
                if tokens[last + 2].norm in ("u", "you"):
                    letters.append("w")
                    last += 1
            else:
                break
            last += 1
        return letters, sure, last

    @staticmethod
    def _doubles(doc: Document, index: int) -> bool:
        """Return whether a token is the `double` before a letter: `double l`, `double u`."""
        if doc.tokens[index].norm != "double" or index + 1 >= len(doc.tokens):
            return False
        following = doc.tokens[index + 1].norm
        return len(following) == 1 or following in LETTER_NAMES

    @staticmethod
    def _score(doc: Document, first: int, last: int, letters: list[str], sure: int) -> float:
        word = "".join(letters)
        near = {t.norm for t in doc.tokens[max(0, first - 10) : first]} & SPELL
        near |= {t.norm for t in doc.tokens[last + 1 : last + 4]} & SPELL
        if near and sure * 2 >= len(letters):
            return scores.SURE
        if word in ACRONYMS or sure * 2 < len(letters):
            return scores.NOTHING
        hyphened = all("-" in doc.tokens[i].gap for i in range(first + 1, last + 1))
        if load_lexicon().of(word) & lx.NAME and len(word) >= 4:
            return scores.FIRM
        if len(word) >= 5 or (hyphened and len(word) >= 4):
            return scores.FAIR
        return scores.NOTHING
