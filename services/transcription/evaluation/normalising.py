# SPDX-License-Identifier: Apache-2.0
"""Makes text comparable: what is counted is words, not how they are spelt and pointed.

The same rules serve reference and transcript, so that no language that was heard wrong changes how
its words are counted.
"""

from __future__ import annotations

import re
import unicodedata
import warnings
from collections.abc import Callable, Sequence

from services.transcription.evaluation.utterances import Utterance

ENGLISH = "whisper-english"
"""The rules of OpenAI's Whisper for English: contractions, numbers, British spellings, fillers."""

BASIC = "unicode-basic"
"""NFKC, lower case, nothing but letters, marks and digits; characters of Chinese, Japanese, Thai,
Lao, Khmer and Burmese count as words, since no space is written between theirs."""

_BRACKETED = re.compile(r"\[[^]]*\]|<[^>]*>|\([^)]*\)")
_UNSPACED = re.compile(
    "([\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003ffff"
    "\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff])"
)
_KEPT = frozenset("LMN")


def rules_for(reference: Sequence[Utterance], language: str) -> str:
    """Return which rules compare with a reference: the English ones where all of it is English.

    `language` is that of utterances which state none.
    """
    spoken = {one.language or language for one in reference}
    return ENGLISH if spoken == {"en"} else BASIC


def normaliser(rules: str) -> Callable[[str], list[str]]:
    """Return a function from a text to its words."""
    if rules == BASIC:
        return basic_words
    with warnings.catch_warnings():
        # Its files have escapes that Python warns of when it compiles them for the first time.
        warnings.simplefilter("ignore")
        from whisper_normalizer.english import EnglishTextNormalizer
    english = EnglishTextNormalizer()
    return lambda text: str(english(text)).split()


def basic_words(text: str) -> list[str]:
    """Return the words of a text in any language by the rules of `BASIC`.

    What stands in brackets is left out, as Whisper's rules do: it is said about the talk.
    """
    plain = unicodedata.normalize("NFKC", _BRACKETED.sub(" ", text)).casefold()
    # Lower case may bring in what NFKC takes apart.
    plain = unicodedata.normalize("NFKC", plain).replace("'", "").replace("\u2019", "")
    kept = "".join(c if unicodedata.category(c)[0] in _KEPT else " " for c in plain)
    return _UNSPACED.sub(r" \1 ", kept).split()
