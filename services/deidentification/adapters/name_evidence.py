# SPDX-License-Identifier: Apache-2.0
"""Evidence that a word which the tagger takes for a person's name is one: boosted decision trees
(J. H. Friedman, 2001), which are in `model/name_evidence.txt`.

Each tree adds to the log-odds. They are fitted by `python -m infra.models.ner.name_evidence`, anew
for each tagger.
"""

from __future__ import annotations

import json
import math
from collections import defaultdict
from collections.abc import Container, Iterator, Mapping, Sequence
from itertools import accumulate
from types import MappingProxyType
from typing import Any, NamedTuple

import regex

from services.deidentification.adapters.name_spelling import spelled_like_a_name
from services.deidentification.domain import lexicon as lx
from services.deidentification.domain.tokens import Document, Token
from services.deidentification.domain.vocabulary import (
    ADDRESS,
    FILLERS,
    KIN,
    POSSESSED,
    POSSESSIVE_AFTER,
    SECOND,
    STOP,
    TITLES,
)
from services.deidentification.gazetteers.loading import load_lexicon
from services.deidentification.word_files import MODEL, lines, read_words


class Split(NamedTuple):
    """A decision: evidence, the most of it that goes to the first branch, and both branches."""

    evidence: str
    most: float
    little: Split | float
    much: Split | float


def tree(stored: Any) -> Split | float:
    """Return a tree from JSON: a leaf's log-odds, or `[evidence, most, little, much]`."""
    if isinstance(stored, list):
        evidence, most, little, much = stored
        return Split(evidence, most, tree(little), tree(much))
    return float(stored)


TREES = [tree(json.loads(line)) for line in lines(MODEL / "name_evidence.txt")]
_NAMES, _CLOSURE = read_words("names"), read_words("closure")
_AFTER = _CLOSURE.words("after a name")
_BEHIND: Sequence[tuple[str, Container[str]]] = (
    ("behind-a-title", TITLES),
    ("behind-a-form-of-address", ADDRESS | KIN.keys() | SECOND),
    ("behind-a-word-of-naming", _NAMES.words("naming")),
    ("behind-an-article", _CLOSURE.words("not a name behind")),
    ("behind-a-word-before-names", _CLOSURE.words("before a name")),
    ("behind-a-filler", FILLERS),
)
_TAKEN = 0.5  # probability from which the tagger takes a neighbour for a name
_NOT_BEFORE = _CLOSURE.words("not a name before")
_MALAY_VERB = regex.compile(
    r"(?:me|mem|men|meng|ber|ter|di|per|pe|ke|se)\w{3,}|\w{3,}(?:kan|nya|lah|kah|an)"
)
_ENGLISH_FORM = regex.compile(r"\w{3,}(?:ing|ed|ly|tion|ness|ment|ity|ous|ful|less|able)")
_AROUND = 24  # words on both sides that tell how much of the talk no lexicon has
_LEAST, _MOST = 0.005, 0.995  # probabilities are cut to this, so that none decides alone
_FLOOR = math.log(_LEAST / (1.0 - _LEAST))


class NameEvidence:
    """The words of a text, the probability that the tagger gives to each as a person's, and the
    scores that rules give, both by token.
    """

    def __init__(
        self,
        doc: Document,
        levels: Mapping[int, float],
        rules: Mapping[int, Mapping[str, float]] = MappingProxyType({}),
    ) -> None:
        self._doc = doc
        self._levels = levels
        self._rules = rules
        self._book = load_lexicon()
        unlisted = [
            t.norm.isalpha() and t.norm not in STOP and not self._book.of(t.norm)
            for t in doc.tokens
        ]
        self._unlisted = list(accumulate(unlisted, initial=0))
        given: dict[str, list[float]] = defaultdict(list)
        for index, level in levels.items():
            given[doc.tokens[index].norm].append(level)
        mentions: dict[str, int] = defaultdict(int)
        ruled: dict[str, float] = {}
        for index, scores in rules.items():
            word = doc.tokens[index].norm
            ruled[word] = max(ruled.get(word, 0.0), *scores.values())
        self._ruled = ruled
        for token in doc.tokens:
            if token.norm in given or token.norm in ruled:
                mentions[token.norm] += 1
        self._mean = {word: sum(p) / mentions[word] for word, p in given.items()}
        self._best = {word: max(p) for word, p in given.items()}
        self._mentions = mentions

    def probability(self, index: int, best: float) -> float:
        """Return the probability that a token is part of a name; `best` is the highest that the
        tagger gives to a word of the same span.
        """
        given = self.of(index, best).get
        odds = 0.0
        for root in TREES:
            node = root
            while not isinstance(node, float):
                evidence, most, little, much = node
                node = little if given(evidence, 0.0) <= most else much
            odds += node
        return 1.0 / (1.0 + math.exp(-odds))

    def of(self, index: int, best: float) -> dict[str, float]:
        """Return what speaks for and against a token."""
        doc, book = self._doc, self._book
        token = doc.tokens[index]
        word, bits = token.norm, book.of(token.norm)
        level = _logit(self._levels.get(index, 0.0))
        strange = min(self._strangeness(index), 0.5)
        kind = _kind(token, bits, book)
        case = _case(doc, token)
        found = {
            "always": 1.0,
            "tagger": level,
            "tagger-best-of-span": _logit(best) - level,
            "tagger-best-of-mentions": _logit(self._best.get(word, 0.0)) - level,
            kind: 1.0,
            f"tagger-{_GROUP[kind]}": level,
            case: 1.0,
            f"{case}-{_GROUP[kind]}": 1.0,
            "strange-talk": strange,
            "usual-in-malay": lx.malay_frequency(word),
        }
        if self._mentions[word] > 1:
            found["tagger-mean-of-mentions"] = _logit(self._mean.get(word, 0.0)) - level
            found["said-often"] = math.log(self._mentions[word])
        if kind == "unlisted":
            found["strange-talk-unlisted"] = strange
            found["spelled-like-a-name"] = spelled_like_a_name(word)
        if _MALAY_VERB.fullmatch(word):
            found["malay-verb-form"] = 1.0
        if _ENGLISH_FORM.fullmatch(word):
            found["english-word-form"] = 1.0
        if len(word) < 3:
            found["short"] = 1.0
        found |= dict.fromkeys(self._around(index), 1.0)
        own = self._rules.get(index, {})
        for rule, score in own.items():
            found[f"rule-{rule}"] = score
        elsewhere = self._ruled.get(word, 0.0)
        if elsewhere > max(own.values(), default=0.0):
            found["rule-elsewhere"] = elsewhere
        for side, other in (("before", index - 1), ("after", index + 1)):
            if 0 <= other < len(doc.tokens) and _together(doc, max(index, other)):
                found[f"tagger-{side}"] = max(_logit(self._levels.get(other, 0.0)) - _FLOOR, 0.0)
        return found

    def _strangeness(self, index: int) -> float:
        first = max(index - _AROUND, 0)
        last = min(index + _AROUND + 1, len(self._doc.tokens))
        own = self._unlisted[index + 1] - self._unlisted[index]
        return (self._unlisted[last] - self._unlisted[first] - own) / max(last - first - 1, 1)

    def _around(self, index: int) -> Iterator[str]:
        """Yield what the neighbours in the same sentence say."""
        doc, tokens = self._doc, self._doc.tokens
        before = index > 0 and _together(doc, index)
        after = index + 1 < len(tokens) and _together(doc, index + 1)
        if not before and not after:
            yield "alone-in-its-sentence"
        if before and (said := self._behind(index - 1)):
            yield said
        if after and (said := self._before(index + 1)):
            yield said
        if doc.text[tokens[index].end : tokens[index].end + 2] in ("'s", "\u2019s"):
            yield "genitive"

    def _behind(self, index: int) -> str:
        """Return what a word says of the one behind it."""
        tokens = self._doc.tokens
        word = tokens[index].norm
        if word in KIN and index:
            owner = tokens[index - 1].norm
            if owner in POSSESSED or owner in POSSESSIVE_AFTER:
                return "behind-my-brother"
        for evidence, words in _BEHIND:
            if word in words:
                return evidence
        taken = self._levels.get(index, 0.0) >= _TAKEN
        return "behind-a-word-that-the-tagger-takes" if taken else ""

    def _before(self, index: int) -> str:
        """Return what a word says of the one before it."""
        word = self._doc.tokens[index].norm
        if word in _NOT_BEFORE:
            return "before-a-word-that-no-name-has"
        if word in _AFTER:
            return "before-a-word-behind-names"
        taken = self._levels.get(index, 0.0) >= _TAKEN
        return "before-a-word-that-the-tagger-takes" if taken else ""


_GROUP = {
    "title": "title", "everyday": "word", "word": "word", "word-that-is-a-name": "both",
    "local-name": "name", "name": "name", "place": "word", "unlisted": "unlisted",
    "other-script": "unlisted",
}  # fmt: skip


def _kind(token: Token, bits: int, book: lx.Lexicon) -> str:
    """Return what the lexicon knows of a word."""
    word = token.norm
    if word in TITLES or word in ADDRESS or word in KIN:
        return "title"
    if not word.isascii() and not any(c.isascii() and c.isalpha() for c in word):
        return "other-script"
    if bits & lx.FREQUENT or word in STOP:
        return "everyday"
    if bits & lx.NAME:
        if book.ordinary(word):
            return "word-that-is-a-name"
        local = bits & (lx.MALAY | lx.NICK | lx.CN_FAMILY | lx.CN_GIVEN | lx.INDIAN | lx.STRONG)
        return "local-name" if local else "name"
    if bits & (lx.PLACE | lx.PLACE_MY):
        return "place"
    return "word" if book.known(word) else "unlisted"


def _case(doc: Document, token: Token) -> str:
    if not doc.cased:
        return "no-case"
    if not token.capital:
        return "lower-case"
    if token.initial:
        return "capital-at-a-start"
    return "capital"


def _together(doc: Document, index: int) -> bool:
    """Return whether a word stands in one sentence with the one before it."""
    return doc.adjacent(index) or not any(c in doc.tokens[index].gap for c in "\n.?!;:")


def _logit(probability: float) -> float:
    cut = min(max(probability, _LEAST), _MOST)
    return math.log(cut / (1.0 - cut))
