# SPDX-License-Identifier: Apache-2.0
"""Names in what a recogniser of speech was not sure of: words that continue a name which was
found, and words that sound like a name which is known.

It acts on probabilities of words, so that transcripts made elsewhere are not touched.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

from services.deidentification.domain import scores
from services.deidentification.domain.closure import name_words
from services.deidentification.domain.lexicon import Lexicon
from services.deidentification.domain.misheard_flags import is_noise
from services.deidentification.domain.phonetic import Likeness, consonants, likeness
from services.deidentification.domain.roster_matching import RosterEntry
from services.deidentification.domain.tokens import Document, normal
from services.deidentification.domain.transcript import Finding, Turn
from services.deidentification.domain.vocabulary import STOP

DOUBTED = 0.7  # probability of a word under which it is likely to be misheard
_CONTINUES = 0.6  # under which a word may be a piece of the name before it
_SURELY = 0.4  # under which one such word is enough
_SOUNDED = 0.5  # under which one word of a row makes it worth comparing
_LONGEST_TAIL = 6  # words
_LONGEST_IN_NOISE = 2  # where so many words are doubted that a doubt says nothing of a name
_LONGEST_ROW = 3
_UNLISTED = 5  # letters of a word that no list has
_EQUAL, _NEARLY = 3, 4  # consonants of a name that is told by all of them, or by all but one
_LETTERS = 4


def with_misheard(
    findings: Sequence[Finding],
    turns: Sequence[Turn],
    roster: Iterable[RosterEntry],
    lexicon: Lexicon,
) -> list[Finding]:
    """Return findings with the people that were misheard; disjoint and in order as those are."""
    if not any(turn.asr_words for turn in turns):
        return list(findings)
    words = [_words(turn) for turn in turns]
    longer = _with_tails(findings, words, lexicon)
    known = Known.of(turns, longer, roster, lexicon)
    free = [_free(number, turn, longer) for number, turn in enumerate(words)]
    rows = {
        tuple(word.norm for word in row)
        for stretch in free
        for part in stretch
        for row in _rows(part)
        if known.heard_in(row)
    }
    more = [
        Finding(number, row[0].start, row[-1].end, "PERSON", scores.UNSURE, "misheard")
        for number, stretch in enumerate(free)
        for part in stretch
        for row in _taken(part, rows)
    ]
    return sorted([*longer, *more])


@dataclass(frozen=True, slots=True)
class _Word:
    """A word with its place in the turn, its normal form, and how probable the recogniser found
    it; 1 where it says nothing of it. `gap` is what stands before it; `capital` where it begins
    with one inside a sentence.
    """

    start: int
    end: int
    norm: str
    probability: float
    gap: str
    capital: bool


def _words(turn: Turn) -> list[_Word]:
    ends = [word.end for word in turn.asr_words]
    found = []
    for token in Document.of(turn.text).tokens:
        at = bisect_right(ends, token.start)
        said = turn.asr_words[at] if at < len(ends) else None
        over = said is not None and said.start < token.end
        probability = said.probability if said is not None and over else 1.0
        found.append(
            _Word(token.start, token.end, token.norm, probability, token.gap, token.capital)
        )
    return found


def _with_tails(
    findings: Sequence[Finding], words: Sequence[Sequence[_Word]], lexicon: Lexicon
) -> list[Finding]:
    """Return findings of which people's names take in the words right behind them that belong to
    them: `Grace per Era`, of which two were doubted, for Grace Pereira.
    """
    result = []
    noisy = [is_noise([word.probability for word in said]) for said in words]
    for at, finding in enumerate(findings):
        after = findings[at + 1] if at + 1 < len(findings) else None
        limit = after.start if after is not None and after.turn == finding.turn else None
        end = finding.end
        if finding.entity_type == "PERSON":
            said = words[finding.turn]
            longest = _LONGEST_IN_NOISE if noisy[finding.turn] else _LONGEST_TAIL
            tail = list(_tail(finding, said, limit, longest, lexicon))
            sure = len(tail) > 1 or any(word.probability < _SURELY for word in tail)
            if sure and any(word.capital or _is_unlisted(word, lexicon) for word in tail):
                end = tail[-1].end
        result.append(replace(finding, end=end))
    return result


def _tail(
    finding: Finding, words: Sequence[_Word], limit: int | None, longest: int, lexicon: Lexicon
) -> Iterator[_Word]:
    first = bisect_left(words, finding.end, key=lambda word: word.start)
    for count, word in enumerate(words[first : first + longest]):
        gap = word.gap.strip()
        doubted = word.probability < _CONTINUES
        unlisted = _is_unlisted(word, lexicon)
        if limit is not None and word.start >= limit:
            return
        if "\n" in word.gap or not (doubted or unlisted) or not word.norm.isalpha():
            return
        if gap not in ("", "-") and not (gap == "," and not count and word.probability < _SURELY):
            return
        yield word


def _is_unlisted(word: _Word, lexicon: Lexicon) -> bool:
    return len(word.norm) >= _UNLISTED and not lexicon.known(word.norm)


def _free(number: int, words: Sequence[_Word], findings: Sequence[Finding]) -> list[list[_Word]]:
    """Return the words of a turn that no finding covers, in stretches."""
    taken = [(f.start, f.end) for f in findings if f.turn == number]
    stretches: list[list[_Word]] = [[]]
    at = 0
    for word in words:
        while at < len(taken) and taken[at][1] <= word.start:
            at += 1
        if at < len(taken) and taken[at][0] < word.end:
            stretches.append([])
            continue
        if any(c in word.gap for c in ".?!;:\n"):
            stretches.append([])
        stretches[-1].append(word)
    return stretches


def _rows(words: Sequence[_Word]) -> Iterator[Sequence[_Word]]:
    for size in range(1, _LONGEST_ROW + 1):
        for first in range(len(words) - size + 1):
            yield words[first : first + size]


def _taken(words: Sequence[_Word], rows: set[tuple[str, ...]]) -> Iterator[Sequence[_Word]]:
    """Yield rows of words that sounded like a name somewhere, the longest first, none twice."""
    at = 0
    while at < len(words):
        for size in range(_LONGEST_ROW, 0, -1):
            row = words[at : at + size]
            if len(row) == size and tuple(word.norm for word in row) in rows:
                yield row
                at += size - 1
                break
        at += 1


@dataclass(frozen=True)
class Known:
    """Names that may be heard again: by consonants, those that somebody listed, whole and by their
    words, and the words of those that were found in this talk.
    """

    listed: frozenset[str]
    found: frozenset[str]
    lexicon: Lexicon

    @classmethod
    def of(
        cls,
        turns: Sequence[Turn],
        findings: Iterable[Finding],
        roster: Iterable[RosterEntry],
        lexicon: Lexicon,
    ) -> Known:
        """Read the names of a roster and of a talk."""
        listed = set()
        for entry in roster:
            if entry.kind == "PERSON":
                listed |= {w for w in name_words(entry.name, lexicon) if len(w) >= _LETTERS}
                listed.add("".join(normal(word) for word in entry.name.split()))
        found = {
            word
            for f in findings
            if f.entity_type == "PERSON" and f.score >= scores.LIKELY
            for word in name_words(turns[f.turn].text[f.start : f.end], lexicon)
            if len(word) >= _LETTERS and not lexicon.ordinary(word)
        }
        return cls(frozenset(listed), frozenset(found), lexicon)

    def heard_in(self, row: Sequence[_Word]) -> bool:
        """Return whether a row of words, one of them doubted, sounds like a name."""
        if min(word.probability for word in row) >= _SOUNDED or all(w.norm in STOP for w in row):
            return False
        joined = "".join(word.norm for word in row)
        if len(joined) < _LETTERS or not joined.isalpha():
            return False
        sound = consonants(joined)
        if len(sound) >= _EQUAL and any(
            likeness(joined, name) is Likeness.EQUAL for name in self.listed | self.found
        ):
            return True
        return any(
            max(len(sound), len(consonants(name))) >= _NEARLY
            and likeness(joined, name) >= Likeness.ONE_OTHER
            for name in self.listed
        )
