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

    def find(self, doc: Document) -> Iterator[Span]:  # noqa: C901 - one ladder, read top to bottom
        """Runs of letters."""
        tokens = doc.tokens
        index = 0
        while index < len(tokens):
            letters: list[str] = []
            sure = 0
            last = index - 1
            while last + 1 < len(tokens):
                token = tokens[last + 1]
                if letters and token.gap.strip() not in ("", "-", ",", ".", "...", "\u2013"):
                    break
                if letters and "\n" in token.gap:
                    break
                if len(token.norm) == 1 and token.norm.isalpha():
                    letters.append(token.norm)
                    sure += 1
                elif token.norm in LETTER_NAMES:
                    letters.append(LETTER_NAMES[token.norm])
                    sure += token.norm in SURE
                elif (
                    token.norm == "double"
                    and letters
                    and last + 2 < len(tokens)
                    and (len(tokens[last + 2].norm) == 1 or tokens[last + 2].norm in LETTER_NAMES)
                ):
                    if tokens[last + 2].norm in ("u", "you"):
                        letters.append("w")
                        last += 1
                else:
                    break
                last += 1
            if len(letters) >= 3:
                score = self._score(doc, index, last, letters, sure)
                if score:
                    yield self.span(doc, index, last, "PERSON", score)
            index = max(last, index) + 1

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
