# SPDX-License-Identifier: Apache-2.0
"""Hospitals, schools, houses of worship, societies and employers: known names, and head words with
a proper name.
"""

from __future__ import annotations

from collections.abc import Iterator

from services.deidentification.domain import lexicon as lx
from services.deidentification.domain import scores
from services.deidentification.domain.numbers import TEENS, TENS, UNITS
from services.deidentification.domain.tokens import Document
from services.deidentification.domain.transcript import Span
from services.deidentification.domain.vocabulary import STOP
from services.deidentification.gazetteers.loading import load_lexicon
from services.deidentification.recognisers.base import (
    SottoRecognizer,
    is_place_of_words,
    phrases,
    table,
)
from services.deidentification.recognisers.name_lexicon import LOCAL, NOT_NAMES
from services.deidentification.recognisers.places import AREA, COMMON_NAMES
from services.deidentification.word_files import read_words

_WORDS = read_words("facilities")

BEFORE = table(_WORDS.phrases("before the name"))
FACILITY_HEADS = _WORDS.words("heads of facilities")
AFTER = table(_WORDS.phrases("after the name"))
WEAK_AFTER = _WORDS.words("after the name, and ordinary words too")
# Words that go with a head and name nothing.
GENERIC = _WORDS.words("beside a head, and no name")


# Heads that are ordinary words.
_LETTERS = frozenset("bcdefgh")  # of wards; in small letters `wad u` may be what you
_RARE = 4.5  # Zipf frequency in Malay, below which a word behind the head of an area names it
_RARE_BEHIND = 4.7  # the same for the second word of a body's name
_ARTICLES = frozenset(("al", "an", "as", "ar", "at", "ad", "az", "ash", "darul", "nurul"))
_OF_WARDS = _WORDS.words("kinds of wards")
_WEAK_BEFORE = _WORDS.words("heads that are ordinary words")
SURE = _WORDS.words("heads that nearly always have a name")


def _leads(following: str, book: lx.Lexicon) -> bool:
    """Return whether a word can be the name after the head of an area: Taman Melati."""
    if following in COMMON_NAMES or following == "jalan":
        return True
    if not following or following in STOP or following in GENERIC:
        return False
    rare = lx.malay_frequency(following) < _RARE and not book.of(following) & lx.ENGLISH
    return not book.plain(following) or (rare and not book.prefixed(following))


def _is_town(doc: Document, index: int, book: lx.Lexicon) -> bool:
    """Return whether a place in Malaysia stands there that is no everyday word."""
    word = doc.tokens[index].norm
    if book.of(word) & lx.PLACE_MY and len(word) > 2:
        return not book.ordinary(word)
    return is_place_of_words(doc, index, book)


class FacilityRecognizer(SottoRecognizer):
    """Facilities and organisations."""

    ENTITIES = ("FACILITY", "ORGANIZATION")

    def find(self, doc: Document) -> Iterator[Span]:
        """Yield known names, then names after a head, before a head, wards and firms."""
        yield from self._known(doc)
        yield from self._before(doc)
        yield from self._after(doc)
        yield from self._wards(doc)
        yield from self._partners(doc)

    def _known(self, doc: Document) -> Iterator[Span]:
        book = load_lexicon()
        tokens = doc.tokens
        for index, token in enumerate(tokens):
            for words, kind, _ in book.phrases.get(token.norm, ()):
                size = len(words)
                if kind == "LOCATION" or index + size > len(tokens):
                    continue
                if any(
                    tokens[index + k].norm != words[k] or not doc.adjacent(index + k)
                    for k in range(1, size)
                ):
                    continue
                if size == 1 and not self._alone(doc, index, book):
                    continue
                yield self.span(
                    doc, index, index + size - 1, kind, scores.FIRM if size > 1 else scores.LIKELY
                )
                break

    @staticmethod
    def _alone(doc: Document, index: int, book: lx.Lexicon) -> bool:
        token = doc.tokens[index]
        if token.norm in STOP:
            return False
        if len(token.norm) <= 3:
            return token.case == "U" and doc.text[token.start : token.end].isupper()
        if book.known(token.norm) or book.ordinary(token.norm) or book.of(token.norm) & LOCAL:
            return token.case == "U" or (doc.cased and token.case == "T" and not token.initial)
        return not (doc.cased and token.case == "l" and len(token.norm) < 5)

    def _proper(
        self, doc: Document, index: int, book: lx.Lexicon, *, first: bool, sure: bool = False
    ) -> bool:
        """Return whether a word can be part of the name beside a head; `first`: it is the nearest
        to the head, `sure`: the head nearly always has a name.
        """
        if not 0 <= index < len(doc.tokens):
            return False
        token = doc.tokens[index]
        if token.case == "d":
            return False
        if doc.cased and token.case != "l":
            named = token.capital and token.norm not in ("i", "i'm", "i've")
            return named and (token.norm not in GENERIC or not first)
        if doc.cased:
            return self._proper_in_small_letters(doc, index, book, first=first, sure=sure)
        return self._proper_without_case(doc, index, book, first=first, sure=sure)

    @staticmethod
    def _proper_in_small_letters(
        doc: Document, index: int, book: lx.Lexicon, *, first: bool, sure: bool
    ) -> bool:
        """Return whether a word without the capital that others have is a name all the same: people
        who type leave it out. It can be nothing but a name.
        """
        word = doc.tokens[index].norm
        following = doc.tokens[index + 1].norm if doc.adjacent(index + 1) else ""
        if first and word in AREA and _leads(following, book):
            return True
        if word in GENERIC or word in STOP or word in NOT_NAMES or len(word) < 3:
            return False
        bits = book.of(word)
        if bits & lx.PLACE_MY:
            return not book.ordinary(word)
        if sure and word in COMMON_NAMES:
            return not bits & lx.FREQUENT
        if not first and doc.tokens[index - 1].norm in AREA and _leads(word, book):
            return True
        local = bits & LOCAL and not bits & (lx.KNOWN | lx.FREQUENT)
        return (not first or sure) and bool(local or not bits)

    @staticmethod
    def _proper_without_case(
        doc: Document, index: int, book: lx.Lexicon, *, first: bool, sure: bool
    ) -> bool:
        word = doc.tokens[index].norm
        if word in GENERIC or word in STOP or word in NOT_NAMES or len(word) < 2:
            return False
        bits = book.of(word)
        listed = bits & (lx.NAME | lx.PLACE_MY | lx.PLACE) or word in COMMON_NAMES
        if not listed and (bits & lx.INFERRED or book.prefixed(word)):
            return False  # `hospital berdekatan`: no body is called by a verb
        following = doc.tokens[index + 1].norm if index + 1 < len(doc.tokens) else ""
        if (
            (bits & (lx.PLACE_MY | lx.PLACE) and not book.ordinary(word))
            or (word in COMMON_NAMES and (not first or not bits & lx.FREQUENT))
            or (word in AREA and _leads(following, book))
            or (not first and doc.tokens[index - 1].norm in AREA and _leads(word, book))
            or not bits & (lx.USUAL | lx.FREQUENT)
            or (
                sure
                and not bits & lx.ENGLISH
                and lx.malay_frequency(word)
                < (lx.MALAY_EVERYDAY_IN_PLACES if first else _RARE_BEHIND)
            )
        ):
            return True
        if bits & lx.NAME and not bits & lx.FREQUENT:
            return bool(bits & (LOCAL | lx.GIVEN)) and (
                not book.ordinary(word) or not first or bool(bits & LOCAL)
            )
        return not book.known(word)

    def _before(self, doc: Document) -> Iterator[Span]:
        book = load_lexicon()
        tokens = doc.tokens
        for index, head in phrases(doc, BEFORE):
            kind_of, placed = self._bridged(doc, head, book)
            sure = tokens[index].norm in SURE or (doc.cased and head > index)
            last = self._last_of_name(doc, kind_of, book, sure=sure)
            if last == kind_of:
                continue
            if not placed and self._is_weak(doc, index, kind_of, last):
                continue
            kind = (
                "FACILITY"
                if any(tokens[i].norm in FACILITY_HEADS for i in range(index, head + 1))
                else "ORGANIZATION"
            )
            yield self.span(doc, index, last, kind, scores.FIRM)

    @staticmethod
    def _is_weak(doc: Document, first: int, head: int, last: int) -> bool:
        """Return whether a head is an ordinary word that needs a capital, or a second word."""
        if doc.tokens[first].norm not in _WEAK_BEFORE:
            return False
        if doc.cased:
            return doc.tokens[first].case == "l" and last < head + 2
        return head == first and last < head + 2

    @staticmethod
    def _bridged(doc: Document, head: int, book: lx.Lexicon) -> tuple[int, bool]:
        """Return the last word of the kind, and whether a place that can be nothing else follows
        it: `perpustakaan awam` in `perpustakaan awam temerloh`, `persatuan teman sejiwa` before a
        town. Else it is the head.
        """
        last = head
        while last + 1 < len(doc.tokens) and last - head < 3 and doc.adjacent(last + 1):
            token = doc.tokens[last + 1]
            if token.case != "d" and _is_town(doc, last + 1, book):
                return last, True
            if token.norm in STOP and token.norm != "besar":
                break
            if token.norm not in GENERIC and doc.tokens[head].norm not in SURE:
                break
            last += 1
        return head, False

    def _last_of_name(self, doc: Document, head: int, book: lx.Lexicon, *, sure: bool) -> int:
        """Return the last token of the name after a head; the head itself where it has none."""
        tokens = doc.tokens
        last = head
        while last + 1 < len(tokens) and last - head < 5:
            gap = tokens[last + 1].gap
            if "\n" in gap or (
                gap.strip() not in ("", "-", "(", ")", "&", "'")
                and not (gap.strip() == "." and len(tokens[last].norm) <= 3)
            ):
                break
            if tokens[last + 1].norm == tokens[last].norm and not tokens[last + 1].capital:
                break  # gereja-gereja: churches
            if is_place_of_words(doc, last + 1, book):
                last += 2
            elif tokens[last + 1].norm in ("dan", "and", "of", "&", "st", "st.") and last > head:
                if not self._proper(doc, last + 2, book, first=False) or not doc.cased:
                    break
                last += 2
            elif self._proper(doc, last + 1, book, first=last == head, sure=sure):
                last += 1
            elif last == head and self._arabic(doc, last + 1):
                last += 2
            else:
                break
        return last

    @staticmethod
    def _arabic(doc: Document, index: int) -> bool:
        """Return whether an Arabic name starts with its article: `masjid al hidayah`."""
        return (
            doc.tokens[index].norm in _ARTICLES
            and doc.adjacent(index + 1)
            and doc.tokens[index + 1].norm not in STOP
        )

    def _after(self, doc: Document) -> Iterator[Span]:
        book = load_lexicon()
        tokens = doc.tokens
        for index, last in phrases(doc, AFTER):
            weak = tokens[last].norm in WEAK_AFTER
            if weak and (not doc.cased or tokens[last].case == "l"):
                continue
            first = self._first_of_name(doc, index, book)
            if first == index:
                continue
            kind = (
                "FACILITY"
                if any(tokens[i].norm in FACILITY_HEADS for i in range(index, last + 1))
                else "ORGANIZATION"
            )
            yield self.span(doc, first, last, kind, scores.PROBABLE)

    def _first_of_name(self, doc: Document, head: int, book: lx.Lexicon) -> int:
        """Return the first token of the name before a head; `head` itself where it has none."""
        tokens = doc.tokens
        first = head
        while first > 0 and head - first < 5 and self._goes_on_before(doc, first, head):
            joined = tokens[first - 1].norm in ("of", "and") and first >= 2
            if joined and doc.cased and first < head:
                if not self._proper(doc, first - 2, book, first=True):
                    break
                first -= 2
                continue
            if not self._proper(doc, first - 1, book, first=first == head):
                break
            if doc.cased and tokens[first - 1].initial and tokens[first - 1].norm in STOP:
                break
            first -= 1
        return first

    @staticmethod
    def _goes_on_before(doc: Document, first: int, head: int) -> bool:
        """Return whether what stands before a token may belong to the same name."""
        gap = doc.tokens[first].gap
        match gap.strip():
            case _ if "\n" in gap:
                return False
            case "" | "-" | "'" | "'s" | "\u2019s" | "&":
                return True
            case ".":  # St. John Hospital
                return len(doc.tokens[first - 1].norm) <= 3
            case ",":  # Acme, Inc
                return doc.tokens[head].norm in ("inc", "ltd", "llc")
        return False

    def _partners(self, doc: Document) -> Iterator[Span]:
        """Yield firms with people's names: `Craig, Palmer and Quinn`."""
        book = load_lexicon()
        tokens = doc.tokens
        for index in range(2, len(tokens) - 1):
            if tokens[index].norm not in ("and", "&") or tokens[index - 1].gap.strip() != ",":
                continue
            names = [tokens[index - 2], tokens[index - 1], tokens[index + 1]]
            if any("\n" in t.gap for t in tokens[index - 1 : index + 2]):
                continue
            if all(
                book.of(t.norm) & lx.FAMILY and not book.of(t.norm) & (lx.FREQUENT | lx.STRONG)
                for t in names
            ) and (not doc.cased or all(t.capital for t in names)):
                yield self.span(doc, index - 2, index + 1, "ORGANIZATION", scores.FAIR)

    def _wards(self, doc: Document) -> Iterator[Span]:
        """Yield wards by number, letter or name: `ward 12B`, `female ward two`, `wad kenanga`."""
        tokens = doc.tokens
        for index, token in enumerate(tokens):
            if token.norm not in ("ward", "wad"):
                continue
            last = index
            while self._of_ward(doc, last + 1) and last - index < 2:
                last += 1
            end = self._ward_number(doc, last + 1)
            if end == last and (last > index or not self._ward_name(doc, index + 1)):
                if doc.adjacent(index) and self._ward_name(doc, index - 1):  # Kenanga ward
                    yield self.span(doc, index - 1, index, "FACILITY", scores.FAIR)
                continue
            first = index
            while first and doc.adjacent(first) and self._of_ward(doc, first - 1):
                first -= 1
            yield self.span(doc, first, max(end, index + 1), "FACILITY", scores.FAIR)

    @staticmethod
    def _of_ward(doc: Document, index: int) -> bool:
        return (
            0 <= index < len(doc.tokens)
            and (index == 0 or doc.adjacent(index) or doc.adjacent(index + 1))
            and doc.tokens[index].norm in _OF_WARDS
        )

    @staticmethod
    def _ward_number(doc: Document, index: int) -> int:
        """Return the last token of a ward's number or letter from a token on; the one before where
        there is none.
        """
        tokens = doc.tokens
        last = index - 1
        while last + 1 < len(tokens) and last - index < 2 and doc.adjacent(last + 1):
            word = tokens[last + 1].norm
            digits = any(c.isdigit() for c in word) and len(word) <= 4
            said = word in UNITS or word in TEENS or word in TENS
            letter = len(word) == 1 and word.isalpha()
            capital = doc.cased and tokens[last + 1].case == "T" and word not in ("i", "a")
            marked = letter and (last >= index or capital or (not doc.cased and word in _LETTERS))
            if not (digits or said or marked):
                break
            last += 1
        return last

    @staticmethod
    def _ward_name(doc: Document, index: int) -> bool:
        """Return whether a word beside `ward` is its name: a flower, a tree, a jewel."""
        if not 0 <= index < len(doc.tokens):
            return False
        token = doc.tokens[index]
        if token.norm in GENERIC or token.norm in STOP or token.norm in _OF_WARDS:
            return False
        return token.norm in COMMON_NAMES and not load_lexicon().of(token.norm) & lx.FREQUENT
