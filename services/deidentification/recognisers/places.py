# SPDX-License-Identifier: Apache-2.0
"""Places: gazetteers and Malay head words (kampung, taman, jalan)."""

from __future__ import annotations

from collections.abc import Iterator

import regex

from services.deidentification.domain import lexicon as lx
from services.deidentification.domain import scores
from services.deidentification.domain.numbers import TEENS, TENS, UNITS, amount
from services.deidentification.domain.tokens import Document, Token
from services.deidentification.domain.transcript import Span
from services.deidentification.domain.vocabulary import STOP
from services.deidentification.gazetteers.loading import load_lexicon
from services.deidentification.recognisers.addresses import AddressGrammar
from services.deidentification.recognisers.name_lexicon import LOCAL, NOT_NAMES
from services.deidentification.recognisers.told_addresses import told_addresses
from services.deidentification.word_files import read_words

_WORDS = read_words("places")

# Zipf frequencies: in Malay, below which one word tells a place of several; in English, from which
# a place abroad is known here.
_TELLING = 4.3
_WELL_KNOWN = 3.3

LOCATIVE = _WORDS.words("before a place")
LIVING = _WORDS.words("living and moving")
_AFTER = _WORDS.words("after a place")
_COMMON_TOWNS = _WORDS.words("towns that are common words")
_COMMON_PHRASES = frozenset(_WORDS.phrases("places that are common phrases"))
AREA = _WORDS.words("heads of areas")
STREET = _WORDS.words("heads of streets")
SHY = _WORDS.words("heads that are common words too")
COMMON_NAMES = _WORDS.words("common words that name areas and streets")
_SECOND_NAMES = _WORDS.words("common words at the end of an area's name")
_ALONG = _WORDS.words("before a street")
NEVER = _WORDS.words("after a head, and no name")
_NUMBERED = regex.compile(r" ?\d{1,3}[A-Za-z]?(?:/\d{1,3}[A-Za-z]?){0,3}")


def _quantity(doc: Document, index: int) -> bool:
    return index < len(doc.tokens) and doc.tokens[index].norm in (
        "minutes minit kilometers kilometer km hours jam years tahun times kali".split()
    )


class PlaceRecognizer(AddressGrammar):
    """Towns, states, countries, kampung and taman, streets; neighbours of a street join it as one
    address.
    """

    ENTITIES = ("LOCATION", "ADDRESS")

    def find(self, doc: Document) -> Iterator[Span]:
        """Yield places by gazetteer and head word, then the addresses that they are parts of."""
        parts = [*self._gazetteer(doc), *self._heads(doc), *self.written(doc)]
        yield from parts
        yield from self.addresses(doc, parts)
        yield from self.grown(doc)
        for first, last in told_addresses(doc):
            yield self.span(doc, first, last, "ADDRESS", scores.LIKELY)

    def _gazetteer(self, doc: Document) -> Iterator[Span]:
        book = load_lexicon()
        tokens = doc.tokens
        index = 0
        while index < len(tokens):
            size = self._phrase(doc, index, book)
            if size > 1:
                yield self.span(doc, index, index + size - 1, "LOCATION", scores.STRONG)
                index += size
                continue
            score = self._single(doc, index, book)
            if score:
                yield self.span(doc, index, index, "LOCATION", score)
            index += 1

    def _phrase(self, doc: Document, index: int, book: lx.Lexicon) -> int:
        tokens = doc.tokens
        for words, kind, _ in book.phrases.get(tokens[index].norm, ()):
            size = len(words)
            if size == 1 or kind != "LOCATION" or index + size > len(tokens):
                continue
            if any(
                tokens[index + k].norm != words[k] or not doc.adjacent(index + k)
                for k in range(1, size)
            ):
                continue
            if doc.cased and (tokens[index].case == "l" or tokens[index].initial):
                small = tokens[index + size - 1].case == "l"
                everyday = small and all(book.ordinary(w) for w in words)
                if everyday and not self._telling(words, book):
                    continue
            elif not doc.cased and (
                " ".join(words) in _COMMON_PHRASES
                or (all(book.ordinary(w) for w in words) and " ".join(words) not in book.states)
            ):
                before = tokens[index - 1].norm if index else ""
                if before not in LOCATIVE:
                    continue
            if all(w in STOP for w in words):
                continue
            return size
        return 1

    @staticmethod
    def _telling(words: tuple[str, ...], book: lx.Lexicon) -> bool:
        """Return whether a Malaysian place of everyday words is told by a rare one: kuala pilah,
        not tanah merah.
        """
        return " ".join(words) in book.states and any(
            lx.malay_frequency(word) < _TELLING and not book.of(word) & lx.ENGLISH for word in words
        )

    def _single(self, doc: Document, index: int, book: lx.Lexicon) -> float:
        """Return the score of one word as a place."""
        token = doc.tokens[index]
        bits = book.of(token.norm)
        if token.norm in STOP or token.norm in NOT_NAMES or token.case == "d":
            return scores.NOTHING
        before = doc.tokens[index - 1].norm if index and not token.initial else ""
        if bits & lx.PLACE_MY:
            if before not in LOCATIVE and self._led(doc, index):
                before = "di"
            return self._malaysian(doc, index, before, ordinary=book.ordinary(token.norm))
        if bits & lx.PLACE:
            return self._foreign(doc, token, before, bits, ordinary=book.ordinary(token.norm))
        if not bits & lx.NAME and not book.known(token.norm) and len(token.norm) > 2:
            return self._unknown(doc, index, before)
        return scores.NOTHING

    @staticmethod
    def _capital(doc: Document, token: Token) -> bool:
        """Return whether the capital letter of a word is evidence."""
        return doc.cased and token.capital and not token.initial

    @staticmethod
    def _led(doc: Document, index: int) -> bool:
        """Return whether the next word says that a place was named: `sepang side`."""
        return (
            doc.adjacent(index + 1)
            and doc.tokens[index + 1].line == doc.tokens[index].line
            and doc.tokens[index + 1].norm in _AFTER
        )

    def _malaysian(self, doc: Document, index: int, before: str, *, ordinary: bool) -> float:
        """Return the score of a Malaysian place: Skudai; an abbreviation (KB); an ordinary word
        (Bahau).
        """
        token = doc.tokens[index]
        if len(token.norm) == 2:
            led = before in LOCATIVE and before not in ("to", "at")
            return scores.LIKELY if token.case == "U" or led else scores.NOTHING
        if not ordinary:
            return scores.STRONG
        if token.norm in _COMMON_TOWNS and not self._capital(doc, token):
            # `di pekan` is in town, `tinggal di pekan` may be in Pekan.
            near = {t.norm for t in doc.tokens[max(0, index - 4) : index] if t.line == token.line}
            return scores.FAIR if before in LOCATIVE and near & LIVING else scores.NOTHING
        evident = self._capital(doc, token) or before in LOCATIVE
        return scores.FAIR if evident else scores.NOTHING

    def _foreign(
        self, doc: Document, token: Token, before: str, bits: int, *, ordinary: bool
    ) -> float:
        """Return the score of a place abroad, whose name may be a person's or an ordinary word
        too.
        """
        capital, locative = self._capital(doc, token), before in LOCATIVE
        if ordinary:
            return scores.DOUBTFUL if capital and locative else scores.NOTHING
        if bits & lx.NAME and not locative:
            return scores.NEARLY if capital and not bits & LOCAL else scores.NOTHING
        if bits & lx.ABROAD and not bits & lx.NAME:
            return scores.GOOD
        if (doc.cased and token.case == "l") or len(token.norm) < 4:
            return scores.DOUBTFUL if capital and locative else scores.NOTHING
        if not (capital or locative) and lx.english_frequency(token.norm) < _WELL_KNOWN:
            return scores.NOTHING  # villages far away are words of Malay by the dozen
        return scores.GOOD if capital or locative or not bits & lx.KNOWN else scores.DOUBTFUL

    def _unknown(self, doc: Document, index: int, before: str) -> float:
        """Return the score of a word that no list has, where a place is expected: `tinggal di
        Xyz`.
        """
        token = doc.tokens[index]
        if before not in LOCATIVE:
            return scores.NOTHING
        if self._capital(doc, token):
            return scores.UNSURE
        wide = {t.norm for t in doc.tokens[max(0, index - 4) : index]}
        if not (doc.cased and token.case == "l") and wide & LIVING and before != "to":
            return scores.NEARLY
        return scores.NOTHING

    def _heads(self, doc: Document) -> Iterator[Span]:
        book = load_lexicon()
        tokens = doc.tokens
        for index, token in enumerate(tokens[:-1]):
            street = token.norm in STREET
            if not street and token.norm not in AREA and not self._longhouse(doc, index, book):
                continue
            if doc.cased and token.case == "l" and token.norm in SHY:
                continue
            last = self._last_of_name(doc, index, book)
            if last == index and not (street and _NUMBERED.match(doc.text, token.end)):
                continue
            end = tokens[last].end
            number = _NUMBERED.match(doc.text, end)
            if number and (street or token.norm in ("seksyen", "section", "presint", "precinct")):
                end = number.end()
            elif last == index:
                continue
            start = token.start
            if street:
                start, end = self._housed(doc, index, last, start, end)
            elif token.norm == "panjang":
                start = tokens[index - 1].start
            yield Span(start, end, "ADDRESS" if street else "LOCATION", scores.STRONG, self.name)

    @staticmethod
    def _longhouse(doc: Document, index: int, book: lx.Lexicon) -> bool:
        """Return whether a longhouse is named here: `rumah panjang Nanga Sumpa`, `Rumah Jelani`."""
        token, following = doc.tokens[index], doc.tokens[index + 1]
        if token.norm == "panjang":
            return bool(index) and doc.tokens[index - 1].norm in ("rumah", "umah", "rh")
        if token.norm not in ("rumah", "rh") or not (doc.cased and token.case == "T"):
            return False
        bits = book.of(following.norm)
        return following.case == "T" and (not bits or bool(bits & lx.MALAY and not bits & lx.KNOWN))

    def _last_of_name(self, doc: Document, head: int, book: lx.Lexicon) -> int:
        """Return the last token of the name after a head; the head itself where it has none."""
        tokens = doc.tokens
        shy = tokens[head].norm in SHY
        last = head
        while last + 1 < len(tokens) and last - head < 4 and doc.adjacent(last + 1):
            if not self._proper(doc, last + 1, book, shy=shy, first=last == head):
                break
            if last == head and tokens[last + 1].norm == tokens[head].norm:
                break  # kampung-kampung: villages
            last += 1
        return last

    @staticmethod
    def _housed(doc: Document, first: int, last: int, start: int, end: int) -> tuple[int, int]:
        """Return the start and end of a street with its spoken numbers: `number eighty-five lorong
        Haji Salleh eight`.
        """
        tokens = doc.tokens
        if end == tokens[last].end and doc.adjacent(last + 1):
            after = amount(doc, last + 1)
            if after and len(after.digits) <= 3 and not _quantity(doc, after.last + 1):
                end = tokens[after.last].end
        for back in (6, 5, 4, 3, 2, 1):
            low = first - back
            if low < 0 or any("\n" in tokens[i].gap for i in range(low + 1, first + 1)):
                continue
            before = amount(doc, low)
            if (
                before is None
                or before.last != first - 1
                or tokens[first].gap.strip() not in ("", ",")
            ):
                continue
            start = tokens[low].start
            if low and tokens[low - 1].norm in ("number", "no", "nombor", "lot", "rumah"):
                start = tokens[low - 1].start
            break
        return start, end

    def _proper(
        self, doc: Document, index: int, book: lx.Lexicon, *, shy: bool, first: bool
    ) -> bool:
        token = doc.tokens[index]
        word = token.norm
        if word in NEVER or (word in STOP and word not in COMMON_NAMES) or token.case == "d":
            return False
        if not doc.cased:
            return self._proper_without_case(doc, index, book, shy=shy, first=first)
        if token.case != "l" or token.capital:
            return token.capital
        # People who type leave capitals out: what can be nothing else is a name.
        if not first:
            return word in _SECOND_NAMES or self._no_word(word, book)
        return not shy and (
            self._no_word(word, book)
            or (word in COMMON_NAMES and not book.of(word) & lx.FREQUENT)
            or (word in AREA and self._goes_on(doc, index, book))
        )

    @staticmethod
    def _no_word(word: str, book: lx.Lexicon) -> bool:
        """Return whether a word is a place or name here and nothing else, or in no list."""
        bits = book.of(word)
        if bits & lx.PLACE_MY:
            return not book.ordinary(word)
        return not bits or bool(bits & LOCAL and not bits & (lx.KNOWN | lx.FREQUENT))

    def _proper_without_case(
        self, doc: Document, index: int, book: lx.Lexicon, *, shy: bool, first: bool
    ) -> bool:
        word = doc.tokens[index].norm
        bits = book.of(word)
        if word in _SECOND_NAMES and not first:
            return True
        if bits & lx.INFERRED and not bits & lx.ROOT:
            return False
        if word in AREA and first and not shy:
            return self._goes_on(doc, index, book)
        if bits & (lx.PLACE_MY | lx.PLACE) and not book.ordinary(word):
            return True
        if shy:
            return bool(bits & lx.NAME) and not book.ordinary(word)
        if bits & lx.FREQUENT and word not in COMMON_NAMES:
            return False
        if word in COMMON_NAMES or not book.known(word):
            return True
        if bits & lx.NAME:
            return not (
                bits & lx.ORDINARY and lx.malay_frequency(word) >= lx.MALAY_EVERYDAY_IN_PLACES
            )
        return self._may_name(doc, index, word, bits)

    @staticmethod
    def _may_name(doc: Document, index: int, word: str, bits: int) -> bool:
        """Return whether an everyday word behind a head may be its name; after `jalan`, which is
        also to walk, only in an address.
        """
        head = doc.tokens[index - 1].norm
        before = doc.tokens[index - 2].norm if index > 1 else ""
        numbered = before in UNITS or before in TEENS or before in TENS
        if head in ("jalan", "jln") and not (before in _ALONG or numbered):
            return False
        return not bits & lx.ENGLISH and lx.malay_frequency(word) < lx.MALAY_EVERYDAY_IN_PLACES

    @staticmethod
    def _goes_on(doc: Document, index: int, book: lx.Lexicon) -> bool:
        """Return whether a name follows a head that is inside of a name: `kampung parit tinggi`."""
        if not doc.adjacent(index + 1):
            return False
        word = doc.tokens[index + 1].norm
        if word in COMMON_NAMES or word in _SECOND_NAMES:
            return True
        return word not in STOP and word not in NEVER and not book.of(word) & lx.FREQUENT
