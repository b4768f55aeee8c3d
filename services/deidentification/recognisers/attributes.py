# SPDX-License-Identifier: Apache-2.0
"""Nationality, ethnicity, religion, and occupations that single a person out."""

from __future__ import annotations

from collections.abc import Iterator

import regex

from services.deidentification.domain import lexicon as lx
from services.deidentification.domain import scores
from services.deidentification.domain.tokens import Document
from services.deidentification.domain.transcript import Span
from services.deidentification.domain.vocabulary import STOP
from services.deidentification.gazetteers.loading import load_lexicon
from services.deidentification.recognisers import peoples
from services.deidentification.recognisers.base import (
    SottoRecognizer,
    is_place_of_words,
    phrases,
    table,
)
from services.deidentification.word_files import read_words

_WORDS = read_words("attributes")

NRP = table(_WORDS.phrases("peoples, nations and religions"))
SHY = _WORDS.words("also languages, food and other words")
# Words that are a people's name with a capital only.
_CAPITALISED = frozenset(("turkey", "polish", "baba", "rawa", "thai"))


def _any(words: frozenset[str] | tuple[str, ...]) -> str:
    return "|".join(map(regex.escape, sorted(words, key=lambda word: (-len(word), word))))


_JOB = _any(_WORDS.phrases("jobs that one person holds"))
_MARK = _any(_WORDS.words("marks of a single person"))
_WHERES = _WORDS.words("where somebody is the only one")
_WHERE = _any(_WHERES)
_IN = r"(?:in|at|of|from|di|kat|dekat|dalam)"
_HERE = rf"(?:(?:the|our|my|this|that|whole|entire) ){{1,2}}(?:{_WHERE})(?!\w)|town(?!\w)"
_WORD = r"[\w-]{2,15}"
# `the only female cardiologist in town`, `the first pilot in our kampung`: of a job, and where.
_ONLY_JOB = regex.compile(
    rf"(?<!\w)(?:the |their |our )?(?:{_MARK})(?: {_WORD}){{0,3}}? (?:{_JOB})s?"
    rf"(?= {_IN} (?:{_HERE}|(?-i:\p{{Lu}})))"
    rf"|(?<!\w)one of (?:the )?(?:only )?(?:two|three|four|few)(?: {_WORD}){{0,3}}? (?:{_JOB})s?"
    rf"(?!\w)"
    rf"|(?<!\w)(?:the |their )?(?:only|sole)(?: {_WORD}){{1,3}}? (?:{_JOB})(?!\w)"
    rf"|(?<!\w)satu-satunya (?:{_WORD} ){{0,2}}{_WORD}(?= (?:di|kat|dekat|dalam) )",
    regex.IGNORECASE,
)
_SAID_OF = _any(_WORDS.words("before a mark of a single person"))
# `I was the only turbaned motorcycle escort in Perak`: of anything that one is, and where.
_ONLY_ONE = regex.compile(
    rf"(?<!\w)(?:{_SAID_OF})(?:['\u2019]?s|['\u2019]?re)? "
    rf"(the (?:only|sole)(?: {_WORD}){{1,4}}? {_IN} (?:{_HERE}|\w+))",
    regex.IGNORECASE,
)
# Offices of which a country or a state has one at a time.
_OFFICE = regex.compile(
    r"(?<!\w)(?:mufti|kadi|qadi|adun|yang berhormat|member of parliament|assemblyman|tok batin|"
    r"national (?:[\w-]{3,15} )?(?:player|athlete|footballer|swimmer|coach)|"
    r"(?:assistant |deputy )?(?:state|district) (?:officer|athlete|player|councillor)|"
    r"pegawai daerah|atlet negara|pemain (?:negara|kebangsaan)|high court judge|"
    r"chief (?:justice|minister)|menteri besar|"
    r"astronaut|angkasawan|newsreader|radio deejay|tv host|miss malaysia|olympian)(?!\w)",
    regex.IGNORECASE,
)
# Offices of a place or body: they single out where it is named.
_OFFICE_OF = table(_WORDS.phrases("offices of a place or body"))
_COMMON_JOB_ENDS = _WORDS.words("last words of common jobs")
_JOB_ENDS = _WORDS.words("last words of jobs") | _COMMON_JOB_ENDS
_NO_JOB = _WORDS.words("before a job, and no part of it") | STOP
_HEADS = _WORDS.words("heads of the place of an office")
_OF_PLACE = _WORDS.words("before the place of an office") | _HEADS


class AttributeRecognizer(SottoRecognizer):
    """NRP where it is said of people, not of languages or food; occupations with a mark of
    singularity.
    """

    ENTITIES = ("NRP", "OCCUPATION")

    def find(self, doc: Document) -> Iterator[Span]:
        """Yield peoples, religions and jobs that the words around them say of a person."""
        yield from self._peoples(doc)
        yield from self._jobs(doc)
        yield from self._offices(doc)
        for match in _ONLY_JOB.finditer(doc.text):
            yield Span(*match.span(), "OCCUPATION", scores.FAIR, self.name)
        for match in _ONLY_ONE.finditer(doc.text):
            last = match.group(1).rsplit(" ", 1)[1]
            if last.lower() in _WHERES or self._place_word(doc, last):
                yield Span(*match.span(1), "OCCUPATION", scores.FAIR, self.name)
        for match in _OFFICE.finditer(doc.text):
            yield Span(*match.span(), "OCCUPATION", scores.UNSURE, self.name)

    def _peoples(self, doc: Document) -> Iterator[Span]:
        places = list(phrases(doc, NRP))
        listed = peoples.in_lists(doc, places)
        asked = peoples.answers(doc)
        for at, place in enumerate(places):
            first, last = place
            token = doc.tokens[first]
            shy = first == last and token.norm in SHY
            if doc.cased and token.case == "l" and token.norm in _CAPITALISED:
                continue
            if not peoples.of_person(doc, place):
                if peoples.is_thing(doc, place):
                    continue
                spoken_of = peoples.is_spoken_of(doc, place)
                if token.line not in asked and (
                    not peoples.of_somebody(doc, place)
                    and (spoken_of or (shy and at not in listed))
                ):
                    continue
            yield self.span(doc, first, last, "NRP", scores.FAIR)

    def _jobs(self, doc: Document) -> Iterator[Span]:
        """Yield jobs of two words or more that somebody has at a named place: `ferry captain kat
        Tampin`.
        """
        tokens = doc.tokens
        for index, token in enumerate(tokens):
            craft = token.norm == "tukang" and doc.adjacent(index + 1)
            if craft and self._of_place(doc, index + 2):
                yield self.span(doc, index, index + 1, "OCCUPATION", scores.UNSURE)
            if token.norm not in _JOB_ENDS or not self._of_place(doc, index + 1):
                continue
            first = index
            while (
                first and index - first < 2 and doc.adjacent(first) and self._of_job(doc, first - 1)
            ):
                first -= 1
            if first < index - (token.norm in _COMMON_JOB_ENDS):
                yield self.span(doc, first, index, "OCCUPATION", scores.UNSURE)

    @staticmethod
    def _of_job(doc: Document, index: int) -> bool:
        """Return whether a word can be the first of a job's name."""
        word = doc.tokens[index].norm
        if not word.isalpha() or len(word) < 3 or word in _NO_JOB:
            return False
        book = load_lexicon()
        return book.known(word) and not book.of(word) & lx.THING

    def _offices(self, doc: Document) -> Iterator[Span]:
        for first, last in phrases(doc, _OFFICE_OF):
            if self._of_place(doc, last + 1):
                yield self.span(doc, first, last, "OCCUPATION", scores.UNSURE)

    def _of_place(self, doc: Document, index: int) -> bool:
        """Return whether the words from `index` on say of which place: `of SK Bakti`, `kat
        Tampin`.
        """
        tokens = doc.tokens
        at = index
        headed = tokens[index - 1].norm in _HEADS  # ketua kampung
        while at < len(tokens) and at - index < 3 and tokens[at].norm in _OF_PLACE:
            headed = headed or tokens[at].norm in _HEADS
            at += 1
        if at >= len(tokens) or tokens[at].line != tokens[index - 1].line:
            return False
        token = tokens[at]
        bare = at == index and not headed
        if bare and not (load_lexicon().of(token.norm) & lx.PLACE_MY and token.capital):
            return False
        if "," in token.gap or "." in token.gap:
            return False
        if headed and not doc.cased:
            return token.norm not in STOP
        return self._place(doc, at)

    @staticmethod
    def _place(doc: Document, index: int) -> bool:
        token = doc.tokens[index]
        book = load_lexicon()
        if doc.cased:
            return token.capital
        bits = book.of(token.norm)
        if bits & lx.PLACE_MY or not (bits and book.known(token.norm)):
            return True
        return is_place_of_words(doc, index, book)

    @staticmethod
    def _place_word(doc: Document, word: str) -> bool:
        if doc.cased:
            return word[:1].isupper()
        return bool(load_lexicon().of(word.lower()) & (lx.PLACE | lx.PLACE_MY))
