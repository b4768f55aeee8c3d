# SPDX-License-Identifier: Apache-2.0
"""Evidence that a word which stands after de-identification still identifies somebody.

Each clue is a number, by means that detection does not use, or used and let go: what a tagger saw
before rules judged it, names of this talk as words of it, signs of addresses, digits, and what
stands around. `leak_weights` says what they are worth.
"""

from __future__ import annotations

import math
from bisect import bisect_left, bisect_right
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

import regex
from wordfreq import zipf_frequency

from services.deidentification.domain import lexicon as lx
from services.deidentification.domain.closure import name_words
from services.deidentification.domain.dates import MONTHS, ORDINALS
from services.deidentification.domain.entities import DIRECT
from services.deidentification.domain.lexicon import Lexicon
from services.deidentification.domain.numbers import TENS, UNITS, runs
from services.deidentification.domain.tokens import Document, Token
from services.deidentification.domain.transcript import Finding, Joined, Redaction
from services.deidentification.domain.vocabulary import (
    ADDRESS,
    KIN,
    RELATION,
    SECOND,
    STOP,
    TITLES,
)
from services.deidentification.word_files import read_words

_NAMES = read_words("names")
_INTERNET = read_words("internet")
_NUMBERS = read_words("number_context")
_PLACES = read_words("places")
_AGES = read_words("ages")

_NAMING = _NAMES.words("naming") | {"name", "nama"}
_QUESTIONS = _NAMES.phrases("questions for a name")
_SIGNS = (
    _INTERNET.words("dot") | _INTERNET.words("links inside an account name") | {"slash", "colon"}
)
_ACCOUNTS = _INTERNET.words("services with accounts") | _INTERNET.words("mail providers")
_HEADS = (
    _PLACES.words("heads of areas")
    | _PLACES.words("heads of streets")
    | _PLACES.words("parts of a house address")
)
_QUANTITIES = _NUMBERS.words("quantities")
_NUMBER_WORDS = frozenset().union(
    _NUMBERS.words("identity card"),
    _NUMBERS.words("telephone"),
    _NUMBERS.words("medical record"),
    _NUMBERS.words("passport"),
    _NUMBERS.words("bank account"),
    _NUMBERS.words("payment card"),
    _NUMBERS.words("vehicle plate"),
    _NUMBERS.words("other numbers of a person"),
)
_AGE_WORDS = _AGES.words("age words") | {"old"}
_OTHER_SCRIPT = regex.compile(r"(?V1)[\p{L}--\p{Latin}]")
_INAUDIBLE = regex.compile(r"\[inaudible \d\d?:[\d:]+-\d\d?:[\d:]+\]")
_WRITTEN_SIGN = regex.compile(r"\S@\S|https?:|www\.")
_TITLED = frozenset(TITLES) | ADDRESS | SECOND
_NO_NAME = STOP | _TITLED | frozenset(KIN)
_COMMON = 1.5  # Zipf frequency above which a word that no list has is said now and then
_LEAST_TAG = 0.02  # probability of a tag, or score of a finding, that says something
_SURE_NAME = 0.8  # score of a name from which its stop words are looked at elsewhere
_SPOKEN = read_words("spoken_numbers")
_SOUNDS = frozenset(_SPOKEN.numbers("digits by sound")) | UNITS.keys() | TENS.keys()
_VALUES = DIRECT - {"PERSON"}


class Clue(StrEnum):
    """What may be noticed of a word: 1 where it holds, unless said otherwise."""

    # Log odds of a tagger's best span of people over the word, and over the same word elsewhere;
    # from 0 for "none".
    PERSON = "person"
    ELSEWHERE = "elsewhere"
    # Probability of a tagger's best span of that kind over the word.
    CODE = "code"
    PLACE = "place"
    DATE = "date"
    # Of the talk: a word of a name that went, its share of all mentions that went as a person, the
    # best score of these, that it went under another type, and the logarithm of how often it
    # stands.
    SAME_AS_NAME = "same_as_name"
    NAME_SHARE = "name_share"
    NAME_SCORE = "name_score"
    WENT_OTHERWISE = "went_otherwise"
    MENTIONS = "mentions"
    # Of the word, with its Zipf frequency in English or Malay.
    FREQUENCY = "frequency"
    UNLISTED = "unlisted"
    RARE = "rare"
    NAME_ONLY = "name_only"
    NAME_AND_WORD = "name_and_word"
    PLACE_ONLY = "place_only"
    PLAIN = "plain"
    STOP = "stop"
    SHORT = "short"
    CAPITAL = "capital"
    INITIAL_CAPITAL = "initial_capital"
    SMALL_IN_CASED = "small_in_cased"
    OTHER_SCRIPT = "other_script"
    # Of what stands around.
    AFTER_TITLE = "after_title"
    AFTER_NAMING = "after_naming"
    BEHIND_PERSON = "behind_person"
    BEFORE_PERSON = "before_person"
    BESIDE_RELATION = "beside_relation"
    ANSWER = "answer"
    AFTER_HEAD = "after_head"
    SAID_SIGN = "said_sign"
    ACCOUNT = "account"
    SPELLED = "spelled"
    DIGITS_3 = "digits_3"
    DIGITS_5 = "digits_5"
    SOUNDED = "sounded"
    NUMBER_ANNOUNCED = "number_announced"
    QUANTITY = "quantity"
    AGE = "age"
    PART_OF_DATE = "part_of_date"
    BESIDE_VALUE = "beside_value"
    # Highest score of a finding that was not acted on: as a person, and as anything else.
    PERSON_SCORE = "person_score"
    OTHER_SCORE = "other_score"


Clues = dict[int, dict[Clue, float]]


@dataclass(frozen=True)
class Output:
    """A de-identified transcript as the second look reads it: the words of the original turns, and
    which of them are gone.
    """

    doc: Document
    joined: Joined
    gone: Sequence[str]  # by token: the type under which it went, empty where it stands
    names: Mapping[str, float]  # words of known names, titles left out, and their best score

    @classmethod
    def of(
        cls,
        texts: Sequence[str],
        redactions: Iterable[Redaction],
        names: Iterable[str],
        lexicon: Lexicon,
    ) -> Output:
        """Read turns with what was redacted in them; `names` are known otherwise."""
        joined = Joined.of(texts)
        doc = Document.of(joined.text)
        starts, ends = [t.start for t in doc.tokens], [t.end for t in doc.tokens]
        gone = [""] * len(doc.tokens)
        known: dict[str, float] = {}
        for r in redactions:
            base = joined.starts[r.turn]
            for at in range(bisect_right(ends, base + r.start), bisect_left(starts, base + r.end)):
                gone[at] = r.entity_type
            if r.entity_type == "PERSON":
                for word in name_words(texts[r.turn][r.start : r.end], lexicon):
                    known[word] = max(known.get(word, 0.0), r.score)
        for name in names:
            known.update(dict.fromkeys(name_words(name, lexicon), 1.0))
        return cls(doc, joined, gone, known)

    def tokens_of(self, finding: Finding) -> range:
        """Return the indices of the tokens that a finding touches."""
        base, tokens = self.joined.starts[finding.turn], self.doc.tokens
        first = bisect_right(tokens, base + finding.start, key=lambda t: t.end)
        return range(first, bisect_left(tokens, base + finding.end, key=lambda t: t.start))

    def neighbour(self, index: int, step: int) -> int | None:
        """Return the index of the token beside one, None where that is in another line."""
        at, tokens = index + step, self.doc.tokens
        return at if 0 <= at < len(tokens) and tokens[at].line == tokens[index].line else None


class Investigator:
    """Collects the clues of one transcript."""

    def __init__(self, output: Output, lexicon: Lexicon) -> None:
        self._output = output
        self._lexicon = lexicon
        self._found: Clues = {}
        self._tokens = output.doc.tokens

    def clues(self, tags: Iterable[Finding], raw: Iterable[Finding]) -> Clues:
        """Return the clues of each standing word that has any of its own, by the index of its
        token. `tags` are a tagger's spans, `raw` findings of all scores.
        """
        best = self._tagged(tags)
        for finding in raw:
            if finding.score >= _LEAST_TAG:
                clue = Clue.PERSON_SCORE if finding.entity_type == "PERSON" else Clue.OTHER_SCORE
                self._note(self._output.tokens_of(finding), clue, finding.score)
        self._numbers()
        self._spelled()
        self._signs()
        self._answers()
        for index, token in enumerate(self._tokens):
            if self._output.gone[index]:
                continue
            if token.norm not in STOP:
                self._read(index, token)
            elif self._output.names.get(token.norm, 0.0) >= _SURE_NAME:
                self._note((index,), Clue.SAME_AS_NAME)
        self._leave_marks()
        self._complete(best)
        return self._found

    def _leave_marks(self) -> None:
        """Forget the times in marks of what was not understood, which nobody said."""
        ends = [token.end for token in self._tokens]
        for mark in _INAUDIBLE.finditer(self._output.doc.text):
            for index in range(bisect_right(ends, mark.start()), bisect_left(ends, mark.end())):
                self._found.pop(index, None)

    def _note(self, indices: Iterable[int], clue: Clue, value: float = 1.0) -> None:
        for index in indices:
            if 0 <= index < len(self._tokens) and not self._output.gone[index]:
                own = self._found.setdefault(index, {})
                own[clue] = max(own.get(clue, 0.0), value)

    def _tagged(self, tags: Iterable[Finding]) -> Mapping[int, float]:
        """Note what a tagger saw; return the probability of each token as a person's."""
        people: dict[int, float] = {}
        kinds = {"ID_NUMBER": Clue.CODE, "DATE_TIME": Clue.DATE, "AGE": Clue.DATE}
        for tag in tags:
            indices = self._output.tokens_of(tag)
            if tag.entity_type == "PERSON":
                for index in indices:
                    people[index] = max(people.get(index, 0.0), tag.score)
            elif tag.score >= _LEAST_TAG:
                self._note(indices, kinds.get(tag.entity_type, Clue.PLACE), tag.score)
        for index, probability in people.items():
            if probability >= _LEAST_TAG:
                self._note((index,), Clue.PERSON, _log_odds(probability))
        return people

    def _numbers(self) -> None:
        tokens = self._tokens
        for run in runs(self._output.doc):
            indices = range(run.first, run.last + 1)
            before = {t.norm for t in tokens[max(run.first - 6, 0) : run.first]}
            behind = {t.norm for t in tokens[run.last + 1 : run.last + 3]}
            size = len(run.digits)
            for clue, holds in (
                (Clue.DIGITS_3, size >= 3),
                (Clue.DIGITS_5, size >= 5),
                (Clue.NUMBER_ANNOUNCED, before & _NUMBER_WORDS),
                (Clue.QUANTITY, behind & _QUANTITIES),
                (Clue.AGE, size <= 3 and (before | behind) & _AGE_WORDS),
                (Clue.PART_OF_DATE, size == 4 and run.digits[:2] in ("19", "20")),
            ):
                if holds:
                    self._note(indices, clue)
        for index, token in enumerate(tokens):
            if token.norm in _SOUNDS and any(
                at is not None and (tokens[at].norm in _SOUNDS or tokens[at].case == "d")
                for at in (self._output.neighbour(index, -1), self._output.neighbour(index, 1))
            ):
                self._note((index,), Clue.SOUNDED)
            if token.norm in ORDINALS or (token.norm in MONTHS and token.norm not in STOP):
                self._note((index,), Clue.PART_OF_DATE)

    def _spelled(self) -> None:
        """Note letters that stand by themselves in a row."""
        row: list[int] = []
        for index, token in enumerate((*self._tokens, None)):
            if token is not None and len(token.norm) == 1 and token.norm.isalpha():
                row.append(index)
                continue
            if len(row) >= 3:
                self._note(row, Clue.SPELLED)
            row = []

    def _signs(self) -> None:
        """Note words beside a sign of an address, written or said, and behind the name of a
        service.
        """
        text = self._output.doc.text
        starts = [t.start for t in self._tokens]
        for match in _WRITTEN_SIGN.finditer(text):
            at = bisect_right(starts, match.start()) - 1
            self._note((at, at + 1), Clue.SAID_SIGN)
        for index, token in enumerate(self._tokens):
            if token.norm in _SIGNS:
                beside = [self._output.neighbour(index, step) for step in (-1, 1)]
                self._note([index, *(at for at in beside if at is not None)], Clue.SAID_SIGN)
            if token.norm in _ACCOUNTS:
                for at in range(index + 1, min(index + 6, len(self._tokens))):
                    if self._tokens[at].line == token.line and self._tokens[at].norm not in STOP:
                        self._note((at,), Clue.ACCOUNT)
            if "_" in token.norm:
                self._note((index,), Clue.ACCOUNT)

    def _answers(self) -> None:
        """Note the words of short turns that follow a question for a name."""
        lines: dict[int, list[int]] = defaultdict(list)
        for index, token in enumerate(self._tokens):
            lines[token.line].append(index)
        for line, indices in lines.items():
            answer = lines.get(line + 1, ())
            if 0 < len(answer) <= 5:
                asked = " ".join(self._tokens[at].norm for at in indices[-12:])
                if any(question in asked for question in _QUESTIONS):
                    self._note(answer, Clue.ANSWER)

    def _read(self, index: int, token: Token) -> None:
        """Note what makes a candidate of a word: what it is, and what stands beside it."""
        if _OTHER_SCRIPT.match(self._output.doc.text, token.start):
            self._note((index,), Clue.OTHER_SCRIPT)
            return
        if token.norm in self._output.names:
            self._note((index,), Clue.SAME_AS_NAME)
        if not any(c.isalpha() for c in token.norm):
            return
        if self._output.doc.cased and token.capital and not token.initial:
            self._note((index,), Clue.CAPITAL)
        kind = self._kind(token.norm)
        if kind is not None:
            self._note((index,), kind)
        for clue in self._beside(index, token):
            self._note((index,), clue)

    def _kind(self, word: str) -> Clue | None:
        bits = self._lexicon.of(word)
        if bits & (lx.KNOWN | lx.ORDINARY | lx.FREQUENT | lx.THING) or len(word) < 2:
            return None
        if bits & lx.NAME:
            return Clue.NAME_ONLY
        if bits & (lx.PLACE | lx.PLACE_MY):
            return Clue.PLACE_ONLY
        return Clue.RARE if _frequency(word) > _COMMON else Clue.UNLISTED

    def _beside(self, index: int, token: Token) -> Iterator[Clue]:
        output, tokens = self._output, self._tokens
        left, right = output.neighbour(index, -1), output.neighbour(index, 1)
        before = tokens[left].norm if left is not None else ""
        after = tokens[right].norm if right is not None else ""
        if before in RELATION or after in RELATION:
            yield Clue.BESIDE_RELATION
        if (left is not None and output.gone[left] in _VALUES) or (
            right is not None and output.gone[right] in _VALUES
        ):
            yield Clue.BESIDE_VALUE
        if token.norm in _NO_NAME:
            return
        if before in _TITLED:
            yield Clue.AFTER_TITLE
        if before in _NAMING or (
            before == "is" and index > 1 and tokens[index - 2].norm in ("name", "names")
        ):
            yield Clue.AFTER_NAMING
        if left is not None and token.gap in (" ", "-") and output.gone[left] == "PERSON":
            yield Clue.BEHIND_PERSON
        if (
            right is not None
            and tokens[right].gap in (" ", "-")
            and output.gone[right] == "PERSON"
            and after not in _TITLED
        ):
            yield Clue.BEFORE_PERSON
        if any(
            t.line == token.line and t.norm in _HEADS for t in tokens[max(index - 3, 0) : index]
        ):
            yield Clue.AFTER_HEAD

    def _complete(self, people: Mapping[int, float]) -> None:
        """Add to each candidate what only weighs for or against it."""
        standing: Counter[str] = Counter()
        went: Counter[str] = Counter()
        otherwise: set[str] = set()
        seen: dict[str, list[float]] = defaultdict(list)
        for index, token in enumerate(self._tokens):
            kind = self._output.gone[index]
            standing[token.norm] += not kind
            went[token.norm] += kind == "PERSON"
            if kind not in ("", "PERSON"):
                otherwise.add(token.norm)
            if index in people:
                seen[token.norm].append(people[index])
        best = {word: sorted(values, reverse=True) for word, values in seen.items()}
        for index, own in self._found.items():
            token = self._tokens[index]
            word = token.norm
            others = best.get(word, [])
            if people.get(index) in others[:1]:
                others = others[1:]
            if others:
                own[Clue.ELSEWHERE] = _log_odds(others[0])
            own[Clue.MENTIONS] = math.log1p(standing[word])
            own[Clue.NAME_SCORE] = self._output.names.get(word, 0.0)
            own[Clue.NAME_SHARE] = went[word] / (went[word] + standing[word])
            own[Clue.WENT_OTHERWISE] = float(word in otherwise)
            own[Clue.FREQUENCY] = _frequency(word)
            for clue, holds in self._of_word(token):
                if holds:
                    own[clue] = 1.0

    def _of_word(self, token: Token) -> Iterator[tuple[Clue, bool]]:
        word, cased = token.norm, self._output.doc.cased
        bits = self._lexicon.of(word)
        plain = self._lexicon.plain(word)
        yield Clue.SMALL_IN_CASED, cased and token.case == "l"
        yield Clue.INITIAL_CAPITAL, cased and token.capital and token.initial
        yield Clue.STOP, word in STOP
        yield Clue.PLAIN, plain
        known = bool(bits & (lx.KNOWN | lx.ORDINARY | lx.FREQUENT))
        yield Clue.NAME_AND_WORD, not plain and known and bool(bits & lx.NAME)
        yield Clue.SHORT, len(word) < 3


def _log_odds(probability: float) -> float:
    """Return log odds of a probability, from 0 at 0.005."""
    within = min(max(probability, 0.005), 0.995)
    return math.log(within / (1 - within)) - math.log(0.005 / 0.995)


def _frequency(word: str) -> float:
    return float(max(zipf_frequency(word, "en"), zipf_frequency(word, "ms")))
