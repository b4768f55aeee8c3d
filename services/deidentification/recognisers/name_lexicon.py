# SPDX-License-Identifier: Apache-2.0
"""Words and phrases around personal names, and words that look like names but are not."""

from __future__ import annotations

import regex

from services.deidentification.domain import lexicon as lx
from services.deidentification.domain.tokens import Document
from services.deidentification.domain.vocabulary import SECOND, TITLES
from services.deidentification.recognisers.attributes import NRP
from services.deidentification.recognisers.base import table
from services.deidentification.word_files import read_words

_WORDS = read_words("names")

PEOPLES = frozenset(words[0] for options in NRP.values() for words in options if len(words) == 1)
LOCAL = lx.MALAY | lx.NICK | lx.CN_FAMILY | lx.CN_GIVEN | lx.INDIAN
DAYS = _WORDS.words("weekdays")
_FEASTS = _WORDS.words("feasts and months that are names too")
_BEFORE_FEAST = _WORDS.words("before a feast or a month")
PHRASES = frozenset(_WORDS.phrases("phrases that are not names"))
# Words whose capital letter says nothing of a name.
NOT_NAMES = _WORDS.words("capitalised words that are not names")
FORMAL = _WORDS.words("formal titles")
SHY_TITLES = _WORDS.words("after titles that are other words too")
MONTHS_AND_MODALS = _WORDS.words("names that are months or modal verbs")
BEFORE_MONTH_NAME = _WORDS.words("before a name that is a month")
NOT_BEFORE_VERB = _WORDS.words("not before a name that is a verb")
TYPED_TITLES = _WORDS.words("titles that are words in chat spelling")
PREFIXES = _WORDS.words("first parts of names")
INTRO = table(_WORDS.phrases("introductions"))
CALLED = _WORDS.words("who is called")
ABOUT_NAME = _WORDS.words("about a name")
NO_INTRODUCED = _WORDS.words("not a name behind an introduction")
CALL = table(_WORDS.phrases("calls and greetings"))
QUESTION = table(_WORDS.phrases("questions for a name"))


NO_NAMES = NOT_NAMES | PEOPLES
TITLE_WORDS = SECOND | TITLES.keys()

# The form of a Malay verb, and of a word in chat spelling.
MALAY_VERB = regex.compile(r"(?:me[mnlrwy]|ber|ter|di)\w{3,}|\w{4,}kan|per\w{3,}kan")
CLIPPED = regex.compile(r"[b-df-hj-np-tv-z]{2,6}")

_NEAR_FEAST = 8
"""Words around a feast in which a date of its calendar is looked for."""


def is_feast(doc: Document, index: int) -> bool:
    """Return whether a word is a feast or a month, which in doubt is a person of that name."""
    token = doc.tokens[index]
    if token.norm not in _FEASTS:
        return False
    if index and "\n" not in token.gap and _dates_feast(doc.tokens[index - 1].norm):
        return True
    # A feast is spoken of beside a date of its calendar: "and Raya was 1 Syawal".
    near = range(max(1, index - _NEAR_FEAST), min(len(doc.tokens), index + _NEAR_FEAST + 1))
    return token.norm == "raya" and any(
        doc.tokens[at].norm in _FEASTS and _is_day(doc.tokens[at - 1].norm) for at in near
    )


def _dates_feast(word: str) -> bool:
    return word in _BEFORE_FEAST or _is_day(word)


def _is_day(word: str) -> bool:
    return word.isascii() and word.isdigit() and len(word) < 3 and 1 <= int(word) <= 30
