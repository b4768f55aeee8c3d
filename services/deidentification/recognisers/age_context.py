# SPDX-License-Identifier: Apache-2.0
"""What stands around a number that may be an age: who has it, a question for it, what follows."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property

from services.deidentification.domain import lexicon as lx
from services.deidentification.domain.dates import ORDINALS
from services.deidentification.domain.numbers import MAGNITUDES, NumberPiece, piece
from services.deidentification.domain.tokens import Document
from services.deidentification.domain.vocabulary import ADDRESS, KIN, STOP, TITLES
from services.deidentification.gazetteers.loading import load_lexicon
from services.deidentification.recognisers.base import table
from services.deidentification.word_files import read_words

_WORDS = read_words("ages")
_SENTENCE_ENDS = ".?!;\n"
_COUNTED = _WORDS.words("counted things")
_AFTER = _WORDS.words("after an age")
_WHO = _WORDS.words("who has an age")
_SOFTENERS = _WORDS.words("softeners")
_QUESTIONS = table(_WORDS.phrases("questions for an age"))
_HOW_MANY = _WORDS.words("how many")
_AGE = _WORDS.words("age words")
_POSSESSIVES = frozenset("my your his her our their he's she's i'm".split())
_LEADING = 5  # words behind a number in which it is said whose age it is
_SOMEBODY = frozenset(
    "boy girl man woman lady guy lelaki perempuan budak chap uncle auntie".split()
)
_SHORT = 4  # words of a question that is an age word and a person: `Umur pak cik?`
_THINGS = _WORDS.words("things with an age")
_BETWEEN = _WORDS.words("between two ages")
_OFF = read_words("tagger").words("before a number that is not an age")
_BEFORE = 8  # words before a number that are read
_ANSWER = 12  # words of an answer in which its number is looked for
_ASKED = 14  # words in which a question for an age ends a turn
_GROWN = 13  # a number from here on that repeats an age is hardly anything else
_REPEATED = 4  # words at the beginning of a turn in which an age is repeated
_LINE = 60  # words of a turn behind an age that is repeated in the next one
_ASIDE = 4  # words of a turn between question and answer: `Me?`
_OWNERS = frozenset("saya aku dia kami kita awak kau ku sy".split())
_MODALS = frozenset("will would must should could already".split())
_CONTRACTED = frozenset("i'm im you're youre he's she's hes shes".split())
_MOST_SOFTENERS = 5
_COPULAS = frozenset("am is was were be are been turned".split())


@dataclass(frozen=True)
class Around:
    """A number with the words of its sentence before it (the nearest first) and three words after
    it.
    """

    doc: Document
    found: NumberPiece
    value: int
    before: tuple[str, ...]
    after: tuple[str, str, str]

    @classmethod
    def of(cls, doc: Document, found: NumberPiece) -> Around:
        """Read the words around a number."""
        tokens = doc.tokens
        at = found.first
        before: list[str] = []
        while (
            at > 0
            and len(before) < _BEFORE
            and not any(c in _SENTENCE_ENDS for c in tokens[at].gap)
        ):
            at -= 1
            before.append(tokens[at].norm)
        words = [t.norm for t in tokens[found.last + 1 : found.last + 4]]
        one, two, three = (*words, "", "", "")[:3]
        return cls(doc, found, int(found.digits), tuple(before), (one, two, three))

    def back(self, distance: int) -> str:
        """Return the word at a distance before the number, 1 for the nearest; empty where there is
        none.
        """
        return self.before[distance - 1] if distance <= len(self.before) else ""

    @cached_property
    def _ahead(self) -> str:
        """What stands between the number and the next word; a full stop at the end of the text."""
        last = self.found.last + 1
        return self.doc.tokens[last].gap if last < len(self.doc.tokens) else "."

    @property
    def word(self) -> str:
        """The number's first word."""
        return self.doc.tokens[self.found.first].norm

    @cached_property
    def counted(self) -> bool:
        """Whether the word after it says what is counted."""
        return self.after[0] in _COUNTED and not any(c in _SENTENCE_ENDS + "," for c in self._ahead)

    @cached_property
    def alone(self) -> bool:
        """Whether nothing follows that could be counted: the end of a clause, or a word that goes
        on with the talk.
        """
        gap = self._ahead
        mark = gap.strip()[:1]
        if mark in ("-", "%", "/", ":", "+", "\u2013") and gap[:1] != " ":
            return self.after[0] in ("year", "years", "ish", "an", "plus", "something")
        if mark == "." and not gap[1:2].isspace() and gap != ".":
            return False
        if mark or "\n" in gap or not self.after[0]:
            return True
        following = self.after[0]
        if following in _BETWEEN and self.next_value > self.value:
            other = piece(self.doc, self.found.last + 2)
            return other is not None and Around.of(self.doc, other).alone
        if following in ("years", "year", "yrs", "tahun", "thn"):
            return self.after[1] in ("old", "already", "dah", "") or self._clause_ends(2)
        return following in _AFTER or (piece(self.doc, self.found.last + 1) is None and self._named)

    @cached_property
    def next_value(self) -> int:
        """The number behind the next word; 0 where there is none."""
        at = self.found.last + 2
        other = piece(self.doc, at) if at < len(self.doc.tokens) else None
        return int(other.digits) if other and len(other.digits) < 4 else 0

    @cached_property
    def _named(self) -> bool:
        """Whether a name or a person's kin term follows."""
        token = self.doc.tokens[self.found.last + 1]
        return token.norm in KIN and token.norm != "anak"

    def _clause_ends(self, distance: int) -> bool:
        at = self.found.last + distance
        if at >= len(self.doc.tokens):
            return True
        gap = self.doc.tokens[at].gap
        return "\n" in gap or gap.strip()[:1] in (".", ",", "?", "!", ";")

    @cached_property
    def numbered(self) -> bool:
        """Whether it counts something off or is a part of a number: `Form 4`, `two hundred`."""
        tokens, first = self.doc.tokens, self.found.first
        if self.after[0] in MAGNITUDES and "\n" not in self._ahead:
            return True
        if self._ahead in (".", ",") and self.after[0][:1].isdigit():
            return True
        if first and tokens[first].start == tokens[first - 1].end + 1:
            joint = self.doc.text[tokens[first - 1].end]
            if joint in "/-.:," and tokens[first - 1].case == "d":
                return True
        return self.back(1) in _OFF or (
            self.doc.text[tokens[first].start - 1 : tokens[first].start] in ("$", "#", "@", "RM")
        )

    @cached_property
    def asked(self) -> bool:
        """Whether somebody was asked for an age, in this turn or the last one but one."""
        tokens, first = self.doc.tokens, self.found.first
        begin = _line_start(self.doc, first)
        if first - begin > _ANSWER:
            return _asks(self.doc, max(begin, first - _ANSWER), first)
        if _asks(self.doc, begin, first):
            return True
        at = begin
        for _ in range(3):
            if at == 0:
                return False
            low = _line_start(self.doc, at - 1)
            if _asks(self.doc, max(low, at - _ASKED), at):
                return True
            if at - low > _ASIDE or tokens[at].line - tokens[low].line > 2:
                return False
            at = low
        return False

    @cached_property
    def person(self) -> str | None:
        """How the number is said of a person: `copula` (`she's nine`), `softened` (`dia baru
        lapan`), `comma` (`my eldest, sixteen`), `beside` (`my son sixteen`); None where it is not.
        """
        if self._comma():
            return "comma"
        at = self._subject
        softened = at < self.found.first
        if at == 0 or _parted(self.doc.tokens[at].gap):
            return None
        if self._genitive(at):  # she's, my daughter's
            return "copula" if self._who(at - 1) else None
        who = self._copula(at)
        if who is not None:
            return "copula" if who < 0 or self._who(who) else None
        if self._who(at - 1):
            return "softened" if softened else "beside"
        return None

    @cached_property
    def _subject(self) -> int:
        """The token before which the subject of the number stands; 0 where it is too far away."""
        tokens, at = self.doc.tokens, self.found.first
        while at and not _parted(tokens[at].gap) and tokens[at - 1].norm in _SOFTENERS:
            if self._genitive(at):
                break
            at -= 1
            if self.found.first - at > _MOST_SOFTENERS:
                return 0
        return at

    def _copula(self, at: int) -> int | None:
        """Return the token before the `is` or `will be` that stands before token `at`, -1 where the
        word holds its subject (`im`); None where no copula stands there.
        """
        tokens = self.doc.tokens
        word = tokens[at - 1].norm
        if word in _CONTRACTED:
            return -1
        if word not in _COPULAS or at < 2 or _parted(tokens[at - 1].gap):
            return None
        modal = at >= 3 and tokens[at - 2].norm in _MODALS
        return at - 3 if modal else at - 2

    @cached_property
    def closing(self) -> bool:
        """Whether a sentence about a person ends with it: `a girl from Muar, twenty-three.`"""
        tokens, first = self.doc.tokens, self.found.first
        ends = self._ahead.strip()[:1] in (".", "?", "!") or "\n" in self._ahead
        if not ends or tokens[first].gap.strip() != "," or self.value < _GROWN:
            return False
        low = first - len(self.before)
        return any(self._who(at, strictly=True) for at in range(low, first))

    @cached_property
    def ends(self) -> bool:
        """Whether the clause ends with it."""
        return self._clause_ends(1)

    @cached_property
    def person_before(self) -> bool:
        """Whether its sentence speaks of somebody."""
        return bool(set(self.before) & (_WHO | KIN.keys() | _POSSESSIVES) - {"it"})

    @cached_property
    def first_sentence(self) -> bool:
        """Whether it stands in the first sentence of its turn, or has a person before it."""
        begin = _line_start(self.doc, self.found.first)
        gaps = [self.doc.tokens[at].gap for at in range(begin + 1, self.found.first + 1)]
        return not any(c in gap for gap in gaps for c in ".?!") or self.person is not None

    @cached_property
    def leading(self) -> bool:
        """Whether a sentence about a person begins with it: `Twenty-five, smart boy.`"""
        if self.before or self._ahead.strip() != "," or self.value < _GROWN:
            return False
        end = min(self.found.last + _LEADING, len(self.doc.tokens))
        words = {t.norm for t in self.doc.tokens[self.found.last + 1 : end]}
        return bool(words & _SOMEBODY)

    @cached_property
    def this_year(self) -> bool:
        """Whether it is told for a year: `seventy three lah this year`, `58 tahun ni`."""
        words = [word for word in self.after if word not in ("lah", "la", "already", "dah", "on")]
        return tuple(words[:2]) in (
            ("this", "year"),
            ("next", "year"),
            ("tahun", "ni"),
            ("tahun", "ini"),
            ("tahun", "depan"),
        )

    @cached_property
    def followed_by_noun(self) -> bool:
        """Whether what follows may be counted: a plural, a unit, another number."""
        following = self.after[0]
        more = piece(self.doc, self.found.last + 1) if following else None
        return self.counted or more is not None or following[-1:] == "s"

    @cached_property
    def spoken_for(self) -> bool:
        """Whether it ends the clause of the person right before it: `saya tiga puluh dua`."""
        return self.found.spoken and self._clause_ends(1)

    def _genitive(self, at: int) -> bool:
        """Return whether the word before token `at` has a contracted `is`."""
        return self.doc.tokens[at].gap[:2].lower() in ("'s", "\u2019s")

    def _comma(self) -> bool:
        """Return whether it stands in apposition to a person: `Farah, sixteen, and`, `Ali (34)`."""
        tokens, first = self.doc.tokens, self.found.first
        gap = tokens[first].gap.strip()
        if not first or gap not in (",", "("):
            return False
        ahead = self._ahead.strip()[:1]
        closed = ahead in (",", ".", ";", ")", "?", "!") or "\n" in self._ahead
        follows = self.after[0] in ("and", "then", "dan", "years", "tahun")
        return (closed or follows) and self._who(first - 1, strictly=True)

    def _who(self, index: int, *, strictly: bool = False) -> bool:
        """Return whether a word names a person, or a relation to one."""
        token = self.doc.tokens[index]
        word = token.norm
        if word in ("it", "that", "this", "there", "which", "what"):
            return False
        if word in _WHO:
            if word == "one":  # the second one, the eldest one
                led = self.doc.tokens[index - 1].norm if index else ""
                return led in ORDINALS or led in _WHO or led in ("younger", "older", "other", "big")
            return not strictly or word not in ("i", "he", "she", "you", "dia", "who", "ia")
        if word in _OWNERS:  # anak saya
            return index > 0 and self.doc.tokens[index - 1].norm in KIN and not strictly
        if word in KIN or word in ADDRESS:
            return True
        capital = self.doc.cased and token.capital and not token.initial
        book = load_lexicon()
        bits = book.of(word)
        if word in STOP or bits & (lx.PLACE_MY | lx.THING):
            return False
        titled = index > 0 and self.doc.tokens[index - 1].norm in (TITLES.keys() | KIN.keys())
        named = capital or titled or not book.ordinary(word)
        written = token.case == "T" and not bits & lx.FREQUENT
        return (bool(bits & lx.NAME) or word in TITLES) and (named or written)


def _parted(gap: str) -> bool:
    return "\n" in gap or gap.strip()[:1] in (".", ",", "?", "!", ";", ":", "(")


def _line_start(doc: Document, index: int) -> int:
    """Return the first token of the line of a token."""
    while index and "\n" not in doc.tokens[index].gap:
        index -= 1
    return index


def _counts(doc: Document, first: int, last: int) -> bool:
    return any(piece(doc, at) for at in range(first, last))


def two_digits(doc: Document, found: NumberPiece) -> NumberPiece:
    """Return the number of two digits that are said one by one: `enam satu`; else the same."""
    at = found.last + 1
    if not found.spoken or len(found.digits) != 1 or not doc.adjacent(at):
        return found
    other = piece(doc, at)
    if other is None or not other.spoken or len(other.digits) != 1:
        return found
    end = other.last + 1
    if end < len(doc.tokens) and "\n" not in doc.tokens[end].gap and piece(doc, end):
        return found  # more digits
    return NumberPiece(found.first, other.last, found.digits + other.digits, spoken=True)


def _asks(doc: Document, first: int, last: int) -> bool:
    """Return whether tokens from `first` to before `last` ask for the age of a person."""
    norms = [t.norm for t in doc.tokens[first:last]]
    asked = [at for at, word in enumerate(norms) if word in _HOW_MANY]
    if any(set(norms[max(at - 6, 0) : at + 5]) & _AGE for at in asked):
        return True
    asks = bool(norms) and (norms[0] in _AGE or norms[-1] in _AGE) and len(norms) <= _SHORT
    if asks and not _counts(doc, first, last):
        return True
    if not any(word in _QUESTIONS for word in norms) or _THINGS & set(norms):
        return False
    return any(
        tuple(norms[at : at + len(words)]) == words
        for at, word in enumerate(norms)
        for words in _QUESTIONS.get(word, ())
    )


def known_ages(doc: Document, ages: Iterable[NumberPiece]) -> Iterator[NumberPiece]:
    """Yield the numbers that repeat an age of the two turns before: `fifty seven wow`."""
    for age in ages:
        begin = _next_line(doc, age.last)
        for _ in range(2):
            for at in range(begin, min(begin + _REPEATED, len(doc.tokens))):
                if at > begin and "\n" in doc.tokens[at].gap:
                    break
                if repeated := _repeated(doc, at, age, first=at == begin):
                    yield repeated
            begin = _next_line(doc, begin)


def _repeated(doc: Document, at: int, age: NumberPiece, *, first: bool) -> NumberPiece | None:
    """Return the number at a token where it is a known age again."""
    found = piece(doc, at)
    found = two_digits(doc, found) if found else None
    if found is None or found.digits != age.digits:
        return None
    around = Around.of(doc, found)
    grown = around.value >= _GROWN and first and not around.counted
    return found if (around.alone or grown) and not around.numbered else None


def _next_line(doc: Document, index: int) -> int:
    """Return the first token of the next line; the number of tokens where it is too far away."""
    for at in range(index + 1, min(index + _LINE, len(doc.tokens))):
        if "\n" in doc.tokens[at].gap:
            return at
    return len(doc.tokens)
