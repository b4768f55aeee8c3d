# SPDX-License-Identifier: Apache-2.0
"""Readable text: the words of a turn without fillers, repetitions and false starts.

The rules favour what was said: a word goes only where it can hardly mean anything. What stands for
an identifier never goes, and nothing of it changes.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from services.release.domain.marks import Place
from services.release.domain.spoken_words import SpokenWords, spoken_words

_TOKEN = re.compile("[^ ]+")
_PARTS = re.compile(r"(?P<before>[^\w]*)(?P<word>.*?)(?P<behind>[^\w]*)\Z", re.DOTALL)
_MANY = re.compile(r"(.)\1{2,}")
_ENDS = frozenset(".?!。？！")
_BROKEN_OFF = frozenset("-–—")
_LIGHT = frozenset(",.…?!;:-–—。，？！、")
"""Punctuation that may go with a word; brackets and quotation marks come in pairs, and stay."""

_MOST_REPEATED = 4
"""Words of a group that is said twice by mistake; longer ones are said again on purpose."""

_STAMMER = re.compile(r"([^\W\d_])-(?:\1-)*(?=\1\w)", re.IGNORECASE)
"""Letters that are said before the word that they begin: "w-w-wanted"."""


@dataclass(frozen=True, slots=True)
class SpokenText:
    """A text in a language, with the places in it that must stay as they are."""

    text: str
    language: str
    kept: Sequence[Place] = ()


class _Token:
    """A word between spaces: `word` in lower case, without the punctuation around it. Where it
    `is_kept`, what stands from `loose` on is punctuation behind that.
    """

    __slots__ = (
        *("number", "text", "words", "before", "word", "behind"),
        *("is_kept", "loose", "goes", "is_filler"),
    )

    def __init__(
        self, number: int, text: str, words: SpokenWords, is_kept: bool, loose: int
    ) -> None:
        self.number, self.text, self.words = number, text, words
        self.is_kept, self.loose = is_kept, loose
        found = None if text.isalnum() else _PARTS.match(text)
        self.before, word, self.behind = found.groups() if found else ("", text, "")
        self.word = word.casefold()
        self.goes = self.is_filler = False

    @classmethod
    def all_of(cls, number: int, source: SpokenText) -> Iterator[_Token]:
        """Yield the tokens of a text."""
        words = spoken_words(source.language)
        kept = sorted(source.kept, key=lambda place: place.start)
        first = 0
        for found in _TOKEN.finditer(source.text):
            start, end = found.span()
            while first < len(kept) and kept[first].end <= start:
                first += 1
            loose, at = start, first
            while at < len(kept) and kept[at].start < end:
                loose, at = max(loose, kept[at].end), at + 1
            yield cls(number, found[0], words, at > first, loose - start)

    @property
    def may_go(self) -> bool:
        """Whether it is a word with nothing around it that would be missed."""
        return bool(self.word) and not (self.is_kept or self.before) and set(self.behind) <= _LIGHT

    @property
    def end(self) -> str:
        """The punctuation that ends a sentence with it; "..." does not."""
        if not self.behind or "…" in self.behind or ".." in self.behind:
            return ""
        return "".join(char for char in self.behind if char in _ENDS)

    def capitalise(self) -> None:
        """Begin it with a capital letter."""
        if not self.is_kept and not self.before and len(self.text[0].upper()) == 1:
            self.text = self.text[0].upper() + self.text[1:]

    def take_end(self, end: str) -> None:
        """End a sentence with it."""
        fixed = self.loose if self.is_kept else len(self.text) - len(self.behind)
        if set(self.text[fixed:]) <= _LIGHT:
            self.text = self.text[:fixed] + end
            self.behind = end


def readable(texts: Sequence[SpokenText]) -> list[str]:
    """Return the texts of a turn's segments in readable form; empty where nothing of one is left.

    The words of the result, without regard to case, are those of `texts` with some left out. A turn
    of which nothing would be left stays.
    """
    tokens = [one for number, source in enumerate(texts) for one in _Token.all_of(number, source)]
    if tokens and all(token.is_kept for token in tokens):
        return [one.text for one in texts]
    left = tokens
    for drop in (_fillers, _false_starts, _repetitions):
        if drop(left):
            left = _without(left)
    if not any(token.word for token in left):
        return [one.text for one in texts]
    for token in left:
        if "-" in token.word and not token.is_kept:
            token.text = _unstammered(token)
    return [
        " ".join(token.text for token in left if token.number == number)
        for number in range(len(texts))
    ]


def _fillers(tokens: Sequence[_Token]) -> bool:
    """Mark hesitation; return whether there is any."""
    begins, found = True, False
    for at, token in enumerate(tokens):
        if _is_filler(token, begins) and token.may_go:
            alone = begins and bool(token.end or at + 1 == len(tokens))
            token.goes = token.is_filler = not (alone and "?" in token.behind)
            found |= token.goes
        begins = bool(token.end) or (begins and token.goes)
    return found


def _is_filler(token: _Token, begins: bool) -> bool:
    word = token.word
    if len(word) > len(set(word)) + 1:  # "ummmm"; most words need not be searched
        word = _MANY.sub(r"\1\1", word)
    return word in token.words.fillers or (not begins and word in token.words.fillers_inside)


def _false_starts(tokens: Sequence[_Token]) -> bool:
    """Mark a word that is broken off ("wan-") where a word that begins so follows at once, or after
    words that are said again ("I wan- I wanted"); return whether there is any.
    """
    found = False
    for at, token in enumerate(tokens):
        if not token.behind or token.behind[-1] not in _BROKEN_OFF or not token.may_go:
            continue
        for again in range(_MOST_REPEATED):
            behind = at + 1 + again
            if at < again or behind >= len(tokens):
                break
            same = all(
                tokens[at - again + n].word == tokens[at + 1 + n].word
                and not tokens[at + 1 + n].is_kept
                and not tokens[at - again + n].is_kept
                for n in range(again)
            )
            follows = tokens[behind]
            if same and follows.word.startswith(token.word) and not follows.is_kept:
                for one in tokens[at - again : at + 1]:
                    one.goes = one.may_go
                found = True
                break
    return found


def _repetitions(tokens: Sequence[_Token]) -> bool:
    """Mark the first of two groups of words that are the same, where a rule says by mistake; return
    whether there is any.
    """
    at, found = 0, False
    while at < len(tokens):
        for size in range(_MOST_REPEATED, 0, -1):
            if at + size >= len(tokens) or tokens[at].word != tokens[at + size].word:
                continue
            first, second = tokens[at : at + size], tokens[at + size : at + 2 * size]
            if _are_one(first, second) and _is_by_mistake(first, tokens, at + 2 * size):
                for token in first:
                    token.goes = True
                at, found = at + size - 1, True
                break
        at += 1
    return found


def _are_one(first: Sequence[_Token], second: Sequence[_Token]) -> bool:
    return (
        len(first) == len(second)
        and [one.word for one in first] == [one.word for one in second]
        and all(one.may_go and not one.end for one in first)
        and not any(one.is_kept or one.before for one in second)
        and not any(one.end for one in second[:-1])
    )


def _is_by_mistake(group: Sequence[_Token], tokens: Sequence[_Token], behind: int) -> bool:
    words, said = group[0].words, [one.word for one in group]
    if len(said) == 1:
        return said[0] in words.retraced
    goes_on = behind < len(tokens) and not tokens[behind - 1].end
    return goes_on and (words.starts.issuperset(said) or said[0] in words.subjects)


def _without(tokens: Sequence[_Token]) -> list[_Token]:
    """Return the tokens that stay; the end and the capital of a sentence go over to them."""
    left: list[_Token] = []
    begins, capital = True, False
    for token in tokens:
        if not token.goes:
            if capital and begins:
                token.capitalise()
            left.append(token)
            begins, capital = bool(token.end), False
            continue
        capital = capital or (begins and token.text[:1].isupper())
        if token.end:
            if not begins:
                left[-1].take_end(token.end)
            begins, capital = True, False
        elif token.is_filler and not begins and "," in token.behind and left[-1].behind == ",":
            left[-1].take_end("")  # both commas were there for it
    return left


def _unstammered(token: _Token) -> str:
    """Return a word without letters that are said before it ("w-w-wanted"), or, where it is one
    that nobody says twice on purpose, without itself ("I-I").
    """
    text = token.text[len(token.before) :]
    parts = token.word.split("-")
    if len(parts) > 1 and len(set(parts)) == 1 and parts[0] in token.words.retraced:
        start = len(token.word) - len(parts[0])
    elif found := _STAMMER.match(text):
        start = found.end()
    else:
        return token.text
    rest = text[start:]
    return token.before + (rest[0].upper() + rest[1:] if text[0].isupper() else rest)
