# SPDX-License-Identifier: Apache-2.0
"""Counts what a reader of a release can learn of identifiers that were heard, perhaps wrongly.

Words of the script are aligned with words of the transcript (least edit cost over words, where
words that are alike cost less). Figures count as the words that say them. What was heard in the
place of an identifier is the words that are aligned to it, with the words between and beside them
that are aligned to nothing. Of these, the ones that stand in the release are compared with the
identifying words of the script; titles, kin terms, function words and words for a kind of place
identify nobody (`words/residue.txt` of de-identification).

- Readable as said: one of the identifying words stands there, or anywhere in the release where it
  is no ordinary word; of a number of at least five digits, all of them stand; of an address, any
  identifying word or number.
- Readable as misheard: what stands, up to three words in a row with the blanks left out, differs
  from an identifying word, or from all of them together, in at most two of five letters
  (Damerau-Levenshtein, against the longer), or has the same consonants by classes of sound (b p /
  d t / f v w / c g k q x / s z j / m / n / l / r; vowels, h and y left out), at least two. Of a
  number, at least half of its digits, and at least three, stand in order, where words that sound
  like digits count as digits.
- Words lost to false people: words of the transcript that went as PERSON and were heard in the
  place of no identifier. Of a perfect transcript these are kin terms, which the label says again
  (`my brother [P01's brother]`); `new` are the ones that identify nobody by themselves and that no
  label says.
- Invented: names that the speech model was told to expect, which it wrote where nobody said them.
- Pseudonyms per person: how many different labels a person has who has any.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from functools import lru_cache

from rapidfuzz.distance import DamerauLevenshtein

from benchmarks.leak_scripts import NUMBERS, PEOPLE, Mark, Script
from services.deidentification.domain.engine import EngineResult
from services.deidentification.domain.lexicon import Lexicon
from services.deidentification.domain.numbers import UNITS
from services.deidentification.domain.review_flags import OffsetMap, offset_maps
from services.deidentification.domain.tokens import normal
from services.deidentification.domain.vocabulary import STOP
from services.deidentification.evaluation import HARMLESS
from services.deidentification.word_files import read_words

_WORD = re.compile(r"[^\W_]+(?:['\u2019][^\W_]+)*")
_DIGITS = "zero one two three four five six seven eight nine".split()
_TEENS = "ten eleven twelve thirteen fourteen fifteen sixteen seventeen eighteen nineteen".split()
_TENS = "_ _ twenty thirty forty fifty sixty seventy eighty ninety".split()
_SOUNDS = read_words("spoken_numbers").numbers("digits by sound")
_GAP = 0.6  # cost of a word that is aligned to none
_ALIKE = 0.4  # share of letters that differ
_INAUDIBLE = re.compile(r"\[inaudible [\d:]+-[\d:]+\]")
_LABEL = re.compile(r"\[([^\[\]]+)\]")


@dataclass(frozen=True)
class Heard:
    """A word of a transcript: its turn, its place there, its letters that stand, whether any of
    it went and as what, and whether the second look shows it.
    """

    turn: int
    start: int
    end: int
    word: str
    standing: str
    went: str
    label: str
    shown: bool


@dataclass
class KindCounts:
    """Identifiers of a kind: planted, readable as said, as misheard, and of the latter shown."""

    planted: int = 0
    as_said: int = 0
    as_misheard: int = 0
    shown: int = 0

    def add(self, other: KindCounts) -> None:
        """Add what another one counted."""
        self.planted += other.planted
        self.as_said += other.as_said
        self.as_misheard += other.as_misheard
        self.shown += other.shown


@dataclass
class Counts:
    """What was counted in one or more transcripts."""

    words: int = 0
    kinds: dict[str, KindCounts] = field(default_factory=lambda: defaultdict(KindCounts))
    false_words: int = 0
    lost_words: int = 0  # of these, that no label says
    people: int = 0  # that have a label
    labels: int = 0  # of these
    false_labels: int = 0  # that stand for none of them
    shared_labels: int = 0  # that stand for several
    places: int = 0  # of the second look
    invented: int = 0
    misses: list[str] = field(default_factory=list)

    def add(self, other: Counts) -> None:
        """Add what another one counted."""
        self.words += other.words
        for kind, counts in other.kinds.items():
            self.kinds[kind].add(counts)
        self.false_words += other.false_words
        self.lost_words += other.lost_words
        self.people += other.people
        self.labels += other.labels
        self.false_labels += other.false_labels
        self.shared_labels += other.shared_labels
        self.places += other.places
        self.invented += other.invented
        self.misses += other.misses


def count(
    script: Script,
    texts: Sequence[str],
    result: EngineResult,
    lexicon: Lexicon,
    expected: Iterable[str] = (),
) -> Counts:
    """Count one transcript; `texts` are its turns before de-identification, `expected` the names
    that the speech model was given.
    """
    heard = list(_heard(texts, result))
    said = [word for line in script.lines for word in line.words]
    pairs = align([normal(w) for w in said], [normal(h.word) for h in heard])
    places = regions(len(said), pairs)
    found = Counts(words=len(heard), places=len(result.report.flags))
    labels: dict[str, set[str]] = defaultdict(set)
    inside: set[int] = set()
    said_at: set[tuple[int, str]] = set()
    base = 0
    for line in script.lines:
        for mark in line.marks:
            place = sorted({i for w in range(mark.first, mark.last) for i in places[base + w]})
            inside.update(place)
            said_at |= {(i, normal(w)) for i in place for w in line.words[mark.first : mark.last]}
            words = [normal(w) for w in line.words[mark.first : mark.last]]
            _count_mark(found, mark, words, [heard[i] for i in place])
            if mark.kind in PEOPLE:
                of = {heard[i].label for i in place if heard[i].went == "PERSON"}
                labels[mark.id] |= of - {""}
        base += len(line.words)
    _count_elsewhere(found, script, heard, inside, lexicon)
    names = {w for name in expected for w in map(normal, name.split())} - HARMLESS
    found.invented = sum(
        normal(h.word) in names and (i, normal(h.word)) not in said_at for i, h in enumerate(heard)
    )
    lost = [h for i, h in enumerate(heard) if i not in inside and h.went == "PERSON"]
    found.false_words = len(lost)
    telling = [h for h in lost if normal(h.word) not in HARMLESS]
    found.lost_words = len(telling)
    found.misses += [f"lost     {h.word} as {h.label}" for h in telling]
    true = [one for one in labels.values() if one]
    found.people = len(true)
    found.misses += [f"labels   {who}: {', '.join(sorted(one))}" for who, one in labels.items()
                     if len(one) > 1]  # fmt: skip
    found.labels = sum(len(one) for one in true)
    known = set().union(*true)
    for label in sorted(known):
        both = [who for who, one in labels.items() if label in one]
        if len(both) > 1:
            found.misses.append(f"shared   {label}: {', '.join(both)}")
    found.shared_labels = sum(sum(label in one for one in true) > 1 for label in known)
    every = {
        m for r in result.redactions if r.entity_type == "PERSON"
        for m in _LABEL.findall(r.replacement)
    }  # fmt: skip
    found.false_labels = len(every - known)
    return found


def _heard(texts: Sequence[str], result: EngineResult) -> Iterable[Heard]:
    maps = offset_maps(result.redactions)
    unchanged = OffsetMap(())
    for turn, text in enumerate(texts):
        redactions = [r for r in result.redactions if r.turn == turn]
        flags = [f for f in result.report.flags if f.turn == turn]
        marks = [mark.span() for mark in _INAUDIBLE.finditer(text)]  # nobody said their times
        for found in _WORD.finditer(text):
            start, end = found.span()
            if any(first <= start < last for first, last in marks):
                continue
            over = [r for r in redactions if r.start < end and start < r.end]
            standing = "".join(
                text[at] for at in range(start, end) if not any(r.start <= at < r.end for r in over)
            )
            moved = maps.get(turn, unchanged).new_range(start, end)
            shown = moved is not None and any(
                f.start < moved[1] and moved[0] < f.end for f in flags
            )
            label = "".join(_LABEL.findall(over[0].replacement)) if over else ""
            went = over[0].entity_type if over else ""
            for word in spelt(found[0]):
                left = word if not over else standing and normal(standing)
                yield Heard(turn, start, end, word, left, went, label, shown)


def spelt(word: str) -> list[str]:
    """Return a word, or the words that say its figures: two as a number, four that begin with 19
    or 20 as a year, others one by one.
    """
    if not word.isascii() or not word.isdecimal():
        parts = re.findall(r"\d+|\D+", word) if any(c.isdigit() for c in word) else [word]
        return [word] if len(parts) == 1 else [w for part in parts for w in spelt(part)]
    if len(word) == 2 and word[0] != "0":
        tens, unit = int(word[0]), int(word[1])
        if tens == 1:
            return [_TEENS[unit]]
        return [_TENS[tens]] + ([_DIGITS[unit]] if unit else [])
    if len(word) == 4 and word[:2] in ("19", "20") and word[2] != "0":
        return [*spelt(word[:2]), *spelt(word[2:])]
    return [_DIGITS[int(c)] for c in word]


@lru_cache(maxsize=1 << 18)
def _cost(left: str, right: str) -> float:
    if left == right:
        return 0.0
    return 0.3 + 0.85 * DamerauLevenshtein.normalized_distance(left, right)


def align(said: Sequence[str], heard: Sequence[str]) -> list[tuple[int | None, int | None]]:
    """Return pairs of indices, None where a word has no partner, in order."""
    rows, columns = len(said) + 1, len(heard) + 1
    cost = [[0.0] * columns for _ in range(rows)]
    for i in range(rows):
        for j in range(columns):
            if i or j:
                cost[i][j] = min(
                    cost[i - 1][j] + _GAP if i else float("inf"),
                    cost[i][j - 1] + _GAP if j else float("inf"),
                    cost[i - 1][j - 1] + _cost(said[i - 1], heard[j - 1])
                    if i and j
                    else float("inf"),
                )
    pairs: list[tuple[int | None, int | None]] = []
    i, j = rows - 1, columns - 1
    while i or j:
        if i and j and cost[i][j] == cost[i - 1][j - 1] + _cost(said[i - 1], heard[j - 1]):
            i, j = i - 1, j - 1
            pairs.append((i, j))
        elif i and cost[i][j] == cost[i - 1][j] + _GAP:
            i -= 1
            pairs.append((i, None))
        else:
            j -= 1
            pairs.append((None, j))
    return pairs[::-1]


def regions(size: int, pairs: Sequence[tuple[int | None, int | None]]) -> list[set[int]]:
    """Return for each word said the words heard in its place, with those beside it that have no
    partner.
    """
    found: list[set[int]] = [set() for _ in range(size)]
    for at, (said, heard) in enumerate(pairs):
        if said is None:
            continue
        if heard is not None:
            found[said].add(heard)
        for step in (-1, 1):
            beside = at + step
            while 0 <= beside < len(pairs) and pairs[beside][0] is None:
                extra = pairs[beside][1]
                assert extra is not None
                found[said].add(extra)
                beside += step
    return found


def _count_mark(found: Counts, mark: Mark, words: Sequence[str], heard: Sequence[Heard]) -> None:
    counts = found.kinds[mark.kind]
    counts.planted += 1
    standing = [h for h in heard if h.standing]
    telling = [w for w in words if w not in HARMLESS]
    if mark.kind in NUMBERS:
        told = read_number(words, [h.standing for h in standing])
        left = standing
    else:
        told, left = read_words_of(telling, standing)
    if told == "said":
        counts.as_said += 1
    elif told == "misheard":
        counts.as_misheard += 1
        counts.shown += any(h.shown for h in left)
    if told:
        shown = " (shown)" if any(h.shown for h in left) else ""
        heard_words = " ".join(h.word if not h.standing else h.word.upper() for h in heard)
        found.misses.append(f"{told:9}{mark.kind:8}{' '.join(words)} -> {heard_words}{shown}")


def _digits(words: Iterable[str]) -> str:
    known = {**_SOUNDS, **UNITS}
    repeat, digits = 1, ""
    for word in words:
        if word in ("double", "triple"):
            repeat = 2 if word == "double" else 3
            continue
        if word in known:
            digits += str(known[word]) * repeat
        elif word in _TEENS:
            digits += str(10 + _TEENS.index(word))
        elif word in _TENS:
            digits += str(_TENS.index(word))
        repeat = 1
    return digits


def read_number(said: Sequence[str], standing: Sequence[str]) -> str:
    """Return how a number can be read from words that stand: `said`, `misheard` or not at all."""
    true, left = _digits(said), _digits(standing)
    at = common = 0
    for digit in left:
        place = true.find(digit, at)
        if place >= 0:
            common, at = common + 1, place + 1
    if common == len(true):
        return "said"
    return "misheard" if common >= max(3, len(true) / 2) else ""


def read_words_of(telling: Sequence[str], standing: Sequence[Heard]) -> tuple[str, list[Heard]]:
    """Return how words can be read from those that stand, and from which of these."""
    exact = [h for h in standing if h.standing in telling]
    if exact:
        return "said", exact
    wanted = [*telling, "".join(telling)]
    for size in (3, 2, 1):
        for first in range(len(standing) - size + 1):
            row = standing[first : first + size]
            if all(h.standing in STOP or h.standing in HARMLESS for h in row):
                continue
            joined = "".join(h.standing for h in row)
            if any(near(word, joined) for word in wanted):
                return "misheard", row
    return "", []


def near(said: str, heard: str) -> bool:
    """Return whether somebody who knows a word can read it from another one."""
    if min(len(said), len(heard)) < 3:
        return False
    if DamerauLevenshtein.distance(said, heard) <= _ALIKE * max(len(said), len(heard)):
        return True
    return len(consonants(said)) > 1 and consonants(said) == consonants(heard)


_CLASSES = {
    letter: group[0]
    for group in ("bp", "dt", "fvw", "cgkqx", "szj", "m", "n", "l", "r")
    for letter in group
}


def consonants(word: str) -> str:
    """Return the classes of a word's consonants, each once where several are in a row."""
    found = ""
    for letter in word.replace("ph", "f"):
        kind = _CLASSES.get(letter, "")
        if kind and not found.endswith(kind):
            found += kind
    return found


def _count_elsewhere(
    found: Counts, script: Script, heard: Sequence[Heard], inside: set[int], lexicon: Lexicon
) -> None:
    """Count names that stand where nothing was planted: a repetition by the speech model."""
    names = {
        normal(word)
        for forms in script.people().values()
        for form in forms
        for word in form.split()
    }
    telling = {w for w in names - HARMLESS if len(w) > 3 and not lexicon.ordinary(w)}
    for index, word in enumerate(heard):
        if index not in inside and word.standing in telling:
            found.kinds["person"].as_said += 1
            found.misses.append(f"said     person  {word.word.upper()} where nobody said it")
