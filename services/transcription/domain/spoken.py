# SPDX-License-Identifier: Apache-2.0
"""Which language is spoken in a region: decided by what its words are like in each.

The model's own guess of the language takes Malaysian English for Malay; in the wrong language its
words are unlikely, or a loop.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from services.transcription.domain.audio import SampleRange, samples
from services.transcription.domain.transcript import Segment
from services.transcription.domain.words import count_words, repetition

_RELATIVES = {"ms": "id"}
"""Languages so close that a model calls one by the other's name, where that one is not allowed."""

_MOST_TRIALS = 2
"""Languages that are tried: a third one was never the right one where two are likelier."""

_LEAST_SHARE = 0.01
"""Share, of what allowed languages hold, from which a second one is worth a trial."""

_MOST_COMPRESSION, _MOST_REPETITION = 2.4, 0.5
"""A trial beyond either is a loop, in which each word is likely; as in `EvidenceOptions`."""

_USUAL_WEIGHT = 0.15
"""What the language of all other words is worth, in mean log probability of a token: it decides
between equals."""

_USUAL_WORDS = 20
"""Words that are heard before it has half of that weight."""

_TEMPERATURE = 0.2
"""Difference of mean log probabilities at which one language is e times as likely as another."""

_SHORT_SECONDS = 2.0
"""A region with its padding, below which it holds a word or two, of which no language is sure."""

_KNOWN, _KNOWN_SECONDS = 0.5, 3.0
"""Probability of all allowed languages together, below which none of them is spoken, and the length
of a region from which a model knows that."""


@dataclass(frozen=True, slots=True)
class Trial:
    """What a model wrote of the first words of a region in a language.

    `avg_logprob` is the mean natural log probability of its tokens.
    """

    language: str
    text: str
    avg_logprob: float
    compression_ratio: float

    @property
    def has_words(self) -> bool:
        """Whether there is more than digits, which say nothing of the language."""
        return any(map(str.isalpha, self.text))

    @property
    def is_loop(self) -> bool:
        """Whether the same is written again and again."""
        return (
            self.compression_ratio > _MOST_COMPRESSION or repetition(self.text) > _MOST_REPETITION
        )


@dataclass(frozen=True, slots=True)
class Language:
    """The language of a region and its certainty, in [0, 1]; `sure`: without any trial.

    `told`: whether words tell it; else it is the usual one. `known` is the probability that the
    model gives to all allowed languages together.
    """

    code: str
    certainty: float
    sure: bool = False
    told: bool = True
    known: float = 1.0


class UsualLanguages:
    """Counts the words of a recording by language, in its windows so far."""

    def __init__(self) -> None:
        self._words: Counter[str] = Counter()

    def add(self, segments: Sequence[Segment]) -> None:
        """Count the words of a window that was transcribed, now or before a restart."""
        for segment in segments:
            if segment.language:
                self._words[segment.language] += count_words(segment.text)

    def shares(self) -> dict[str, float]:
        """Return a share of all words for each language; they sum to less than 1, more so where
        there are few.
        """
        total = self._words.total() + _USUAL_WORDS
        return {language: count / total for language, count in sorted(self._words.items())}


def allowed_shares(probabilities: Mapping[str, float], allowed: Sequence[str]) -> dict[str, float]:
    """Return the probability of each allowed language, with that of a relative."""
    return {
        code: probabilities.get(code, 0.0)
        + (probabilities.get(relative, 0.0) if relative and relative not in allowed else 0.0)
        for code in allowed
        for relative in (_RELATIVES.get(code),)
    }


def sure_language(shares: Mapping[str, float], floor: float) -> Language | None:
    """Return the likeliest language, where it holds at least `floor` of what all of them hold."""
    total = sum(shares.values())
    best = max(shares, key=lambda code: shares[code])
    if total <= 0 or shares[best] < floor * total:
        return None
    return Language(best, shares[best] / total, sure=True, known=total)


def candidates(shares: Mapping[str, float], usual: Mapping[str, float]) -> list[str]:
    """Return the languages to be tried, likeliest first; equals by what is usual, then in order."""
    total = sum(shares.values())
    ranked = sorted(shares, key=lambda code: (-shares[code], -usual.get(code, 0.0)))
    return [
        code
        for place, code in enumerate(ranked[:_MOST_TRIALS])
        if not place or shares[code] >= _LEAST_SHARE * total
    ]


def choose(
    trials: Sequence[Trial], shares: Mapping[str, float], usual: Mapping[str, float]
) -> Language:
    """Return the language whose words are likelier; loops lose, and what is usual decides between
    equals. Where all loop or have no words it is the usual one, or the first of the study.
    """
    known = sum(shares.values())
    whole = [trial for trial in trials if not trial.is_loop]
    if not any(trial.has_words for trial in whole):
        return Language(usual_language(shares, usual), 0.5, told=False, known=known)
    scores = {
        trial.language: trial.avg_logprob + _USUAL_WEIGHT * usual.get(trial.language, 0.0)
        for trial in whole
    }
    best = max(scores, key=lambda code: scores[code])
    odds = sum(math.exp((score - scores[best]) / _TEMPERATURE) for score in scores.values())
    return Language(best, 1 / odds, known=known)


def usual_language(allowed: Iterable[str], usual: Mapping[str, float]) -> str:
    """Return the allowed language with most words so far; the first one of equals."""
    return max(allowed, key=lambda code: usual.get(code, 0.0))


def by_language(
    regions: Sequence[SampleRange], languages: Sequence[Language]
) -> list[tuple[Language, tuple[SampleRange, ...]]]:
    """Group regions that follow each other in one language, as certain as in the longest of them.

    A short region goes with the one before it, the first with the next, unless its language was
    sure; so does one whose words tell none.
    """
    codes = [language.code for language in languages]
    firm = [
        language.told and (language.sure or len(region) >= samples(_SHORT_SECONDS))
        for region, language in zip(regions, languages, strict=True)
    ]
    if not any(firm):
        longest = max(range(len(codes)), key=lambda place: len(regions[place]))
        codes = [codes[longest]] * len(codes)
    for place in range(1, len(codes)):
        if not firm[place] and firm[place - 1]:
            codes[place], firm[place] = codes[place - 1], True
    for place in range(len(codes) - 2, -1, -1):
        if not firm[place]:
            codes[place], firm[place] = codes[place + 1], True
    groups: list[tuple[str, list[tuple[SampleRange, Language]]]] = []
    for region, code, language in zip(regions, codes, languages, strict=True):
        if not groups or groups[-1][0] != code:
            groups.append((code, []))
        groups[-1][1].append((region, language))
    return [
        (_of_group(group, code), tuple(region for region, _ in group)) for code, group in groups
    ]


def _of_group(group: Sequence[tuple[SampleRange, Language]], code: str) -> Language:
    """Return a language as certain as it is in the longest region that is in it by itself.

    Where another language than those allowed is likelier than all of them, it is that uncertain;
    of a few words no model can say that.
    """
    own = [one for one in group if one[1].code == code]
    region, language = max(own, key=lambda one: len(one[0]))
    if len(region) >= samples(_KNOWN_SECONDS) and language.known < _KNOWN:
        return replace(language, certainty=min(language.certainty, language.known))
    return language
