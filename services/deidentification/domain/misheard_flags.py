# SPDX-License-Identifier: Apache-2.0
"""Flags for words that a recogniser of speech may have made of a name: words that it doubted, and
words that sound like a name where one is expected.

It acts on probabilities of words, so that transcripts made elsewhere are not touched.
"""

from __future__ import annotations

from bisect import bisect_right
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby

from rapidfuzz.distance import DamerauLevenshtein

from services.deidentification.domain import lexicon as lx
from services.deidentification.domain import phonetic
from services.deidentification.domain.closure import name_words
from services.deidentification.domain.lexicon import Lexicon
from services.deidentification.domain.phonetic import Likeness, likeness
from services.deidentification.domain.policy import Policy
from services.deidentification.domain.review_flags import OffsetMap, Reason, ReviewFlag, level
from services.deidentification.domain.tokens import Document, Token
from services.deidentification.domain.transcript import Finding, Turn
from services.deidentification.domain.vocabulary import ADDRESS, KIN, STOP, TITLES
from services.deidentification.word_files import read_words

_PEOPLE = read_words("people")
_PLACES = read_words("places")
_NAMING = _PEOPLE.words("naming before a misheard name")
_ACTS = _PEOPLE.words("what a person does behind a misheard name")
_BEFORE_ACT = _PEOPLE.words("before what a person does behind a misheard name")
_NOUN_BEHIND = _PEOPLE.words("before a noun that is no name")
_BEFORE_PLACE = _PLACES.words("before a misheard place")
_NO_NAMES = read_words("names").words("capitalised words that are not names")
_CALLS = TITLES.keys() | ADDRESS | KIN.keys()
_CALLED = _CALLS | _NAMING
_LONG_CALLS = tuple(w for w in sorted(_CALLS) if len(phonetic.consonants(w)) >= 3)

# Weights of a word whose probability is 0, which fall as that grows: where a name is expected or
# one is known that sounds like it; where a person or place may stand; elsewhere.
_EXPECTED, _POSSIBLE, _SHAPED = 0.5, 0.25, 0.12
# The least that such a word weighs.
_LEAST_EXPECTED, _LEAST_POSSIBLE, _LEAST_SHAPED = 0.12, 0.08, 0.03
# Probabilities: under which a word in a place of a name is looked at, under which one in a place of
# anything is, and under which a title may be another word.
_WIDE, _DOUBTED, _TITLE = 0.9, 0.7, 0.6
_LETTERS = 4
# Words of a turn that is long enough to tell whether it was understood, the probability under which
# a word counts against that, and the share of them.
_FEWEST, _LOW, _NOISE = 8, 0.6, 0.5
_NAME_WORDS = ("name", "names")


@dataclass(frozen=True, slots=True)
class _Word:
    """A word, how probable the recogniser found it, and its place in the output; None where it was
    replaced.
    """

    token: Token
    probability: float
    place: tuple[int, int] | None

    @property
    def norm(self) -> str:
        """The word in normal form."""
        return self.token.norm


def misheard(
    turns: Sequence[Turn],
    maps: Mapping[int, OffsetMap],
    findings: Iterable[Finding],
    names: Iterable[str],
    policy: Policy,
    lexicon: Lexicon,
) -> Iterator[ReviewFlag]:
    """Flag words that may be a misheard name or place, and the same words in a row elsewhere."""
    below = policy.review.word_probability_below
    if not below or not any(turn.asr_words for turn in turns):
        return
    people = (turns[f.turn].text[f.start : f.end] for f in findings if f.entity_type == "PERSON")
    look = _Look(below, _sounds([*people, *names], lexicon), lexicon)
    unchanged = OffsetMap(())
    docs = {n: Document.of(turn.text) for n, turn in enumerate(turns) if turn.asr_words}
    heard = {n: _words(turns[n], doc, maps.get(n, unchanged)) for n, doc in docs.items()}
    pairs = {
        (_before(words, at), word.norm)
        for words in heard.values()
        for at, word in enumerate(words)
        if word.place is not None and look.of_somebody(words, at)
    }
    for number, words in heard.items():
        if is_noise([word.probability for word in words]):
            yield from _stretches(number, words)
            continue
        for at, word in enumerate(words):
            weight = look.weight(docs[number], words, at)
            if not weight and _before(words, at) and (_before(words, at), word.norm) in pairs:
                weight = _LEAST_POSSIBLE
            if weight and word.place is not None:
                yield ReviewFlag(number, *word.place, Reason.MISHEARD, level(weight))


def is_noise(probabilities: Sequence[float]) -> bool:
    """Return whether so many words of a turn are doubted that nobody can say what was said."""
    doubted = sum(probability < _LOW for probability in probabilities)
    return len(probabilities) >= _FEWEST and doubted > _NOISE * len(probabilities)


def _stretches(number: int, words: Sequence[_Word]) -> Iterator[ReviewFlag]:
    """Flag all that stands of a turn that was not understood, a place between replacements."""
    for stands, run in groupby(words, key=lambda word: word.place is not None):
        places = [word for word in run if word.place is not None] if stands else []
        telling = [w.probability for w in places if w.norm not in STOP and len(w.norm) >= 3]
        if places and telling and (first := places[0].place) and (last := places[-1].place):
            weight = level(max(_POSSIBLE * (1.0 - min(telling)), _LEAST_POSSIBLE))
            yield ReviewFlag(number, first[0], last[1], Reason.MISHEARD, weight)


def _words(turn: Turn, doc: Document, moved: OffsetMap) -> list[_Word]:
    ends = [word.end for word in turn.asr_words]
    found = []
    for token in doc.tokens:
        at = bisect_right(ends, token.start)
        probability = 1.0
        while at < len(ends) and turn.asr_words[at].start < token.end:
            probability = min(probability, turn.asr_words[at].probability)
            at += 1
        found.append(_Word(token, probability, moved.new_range(token.start, token.end)))
    return found


def _sounds(names: Iterable[str], lexicon: Lexicon) -> Mapping[str, frozenset[str]]:
    """Return the words of names by their sound key."""
    found: dict[str, set[str]] = defaultdict(set)
    for name in dict.fromkeys(names):
        for word in name_words(name, lexicon):
            if len(word) >= _LETTERS:
                found[phonetic.key(word)].add(word)
    return {key: frozenset(words) for key, words in found.items()}


class _Look:
    """What is known when words are weighed: the policy's bound, the names of this talk by their
    sounds, and the lexicon.
    """

    def __init__(self, below: float, names: Mapping[str, frozenset[str]], lexicon: Lexicon) -> None:
        self._below, self._names, self._lexicon = below, names, lexicon

    def weight(self, doc: Document, words: Sequence[_Word], index: int) -> float:
        """Return how much a word weighs; 0 where it can be no name."""
        word = words[index]
        if len(word.norm) < 3 or not any(c.isalpha() for c in word.norm):
            return 0.0
        doubt = 1.0 - word.probability
        named = _is_named(words, index)
        if word.norm in STOP or word.norm in _NO_NAMES:
            return _EXPECTED * doubt if named and word.probability < self._below else 0.0
        if (named or _before(words, index) in _CALLED) and self._likely(word):
            return max(_EXPECTED * doubt, _LEAST_EXPECTED)
        if word.probability < _WIDE and _like(word.norm, self._names, phonetic.key):
            return max(_EXPECTED * doubt, _LEAST_EXPECTED)
        if self.of_somebody(words, index) or self._of_a_place(words, index):
            return max(_POSSIBLE * doubt, _LEAST_POSSIBLE)
        if self._shaped(doc, word):
            return max(_SHAPED * doubt, _LEAST_SHAPED)
        return 0.0

    def of_somebody(self, words: Sequence[_Word], index: int) -> bool:
        """Return whether somebody may be meant: what stands there does what people do, and was
        doubted or sounds like a name, or a title before it was doubted.
        """
        word, before = words[index], _before(words, index)
        if before in _NOUN_BEHIND or word.norm in STOP:
            return False
        title = before not in _CALLED and words[index - 1].probability < _TITLE if before else False
        if title and any(likeness(before, call) >= Likeness.ONE_OTHER for call in _LONG_CALLS):
            return True
        behind = _behind(words, index)
        if behind in _BEFORE_ACT and word.probability < self._below:
            return True
        if behind not in _ACTS:
            return False
        return word.probability < _DOUBTED or _like(
            word.norm, self._lexicon.names_by_sound, phonetic.key
        )

    def _likely(self, word: _Word) -> bool:
        """Return whether a word where a name is expected may be one."""
        if word.probability < self._below:
            return True
        return word.probability < _WIDE and not self._lexicon.plain(word.norm)

    def _of_a_place(self, words: Sequence[_Word], index: int) -> bool:
        word, before = words[index], _before(words, index)
        if before not in _BEFORE_PLACE and before != "to":
            return False
        if _like(word.norm, self._lexicon.places_by_consonants, phonetic.consonants):
            return True
        doubted = word.probability < _DOUBTED and not self._lexicon.plain(word.norm)
        return doubted and before != "to"

    def _shaped(self, doc: Document, word: _Word) -> bool:
        """Return whether a doubted word looks like a name: a capital inside a sentence, a word that
        no list has, a name and nothing else.
        """
        if word.probability >= _WIDE:
            return False
        capital = doc.cased and word.token.capital and not word.token.initial
        if capital and (word.probability < self._below or not self._lexicon.plain(word.norm)):
            return True
        bits = self._lexicon.of(word.norm)
        return not self._lexicon.known(word.norm) or bool(
            bits & lx.NAME and not self._lexicon.ordinary(word.norm)
        )


def _adjoins(words: Sequence[_Word], index: int) -> bool:
    """Return whether a word follows another one in its sentence: `Mr. Lau` does."""
    if not index:
        return False
    gap = words[index].token.gap.strip()
    return gap in ("", "-", ",") or (gap == "." and words[index - 1].norm in TITLES)


def _before(words: Sequence[_Word], index: int) -> str:
    return words[index - 1].norm if _adjoins(words, index) else ""


def _behind(words: Sequence[_Word], index: int) -> str:
    return words[index + 1].norm if index + 1 < len(words) and _adjoins(words, index + 1) else ""


def _is_named(words: Sequence[_Word], index: int) -> bool:
    return index > 1 and words[index - 1].norm == "is" and words[index - 2].norm in _NAME_WORDS


def _like(word: str, names: Mapping[str, frozenset[str]], sound: Callable[[str], str]) -> bool:
    """Return whether a word is one of some names, which are given by their sound, or near one."""
    if len(word) < _LETTERS:
        return False
    alike = names.get(sound(word), frozenset())
    return any(DamerauLevenshtein.distance(word, n, score_cutoff=3) <= 3 for n in alike)
