# SPDX-License-Identifier: Apache-2.0
"""Passages out of the tiers of annotation programs (ELAN, Praat, EXMARaLDA): one for each stretch.

A tier is a line of annotations on a recording. Some are what people say, one for each speaker;
others say it again by words or sounds, translate it or describe it, and are left out and counted.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import pairwise

from services.transcription.adapters.importing.text import squeeze
from services.transcription.domain.reading import Findings, Passage

_OTHER = frozenset(
    """
    word words token tokens phone phones phoneme phonemes phon phonetic mau kan maus syllable
    syllables syl morph morphs morpheme morphemes mb gloss glosses gls ge gn pos ps lemma
    translation translations translated english traduction übersetzung ft fte free gesture gestures
    gaze posture movement movements nonverbal nv comment comments note notes code codes coding topic
    topics theme themes pitch tone tones tobi intonation breaks noise music silence silences
    laughter pause pauses language lang section
    """.split()
)
"""Words in the names of tiers that are not what people say."""

_PLAIN = frozenset(
    """
    text txt tx transcript transcription transkript transkription trs utterance utterances utt
    speech sentence sentences phrase phrases orthography orthographic ort orth default lt tier
    segment segments verbatim turn turns ipu asr dialogue content caption captions interview v
    """.split()
)
"""Words in the names of tiers that are what people say, and are nobody's name."""

_PART = re.compile(r"[^\W_]{1,80}")
_IDENTIFIER = re.compile(r"[\w.-]{0,60}\d{1,8}")
_SILENCE = re.compile(r"[<({\[]?(?:sil|sp|spn|p:|usb|silence|silent|sounding|#|_)[>)}\]]?")

_MANY_WORDS = 20
_SHARE_OF_WORDS = 0.9
"""A tier of so many annotations, of which so many are a single word, is one of words."""

_SAME_TIMES = 0.8
"""A tier with so many of the times of another of its speaker says the same in other words."""

_LONGEST_PAUSE_MS = 1000
"""Words with shorter pauses between them are one stretch."""


@dataclass(slots=True)
class Annotation:
    """A stretch of text, with times in milliseconds, and its number in the source from 1."""

    text: str
    start_ms: int | None
    end_ms: int | None
    place: int


@dataclass(slots=True)
class Tier:
    """A tier, who the form says it is of, or "", and the tier that it is about, or "".

    `speech` is whether it is what people say, where the form says so.
    """

    name: str
    speaker: str = ""
    parent: str = ""
    speech: bool | None = None
    annotations: list[Annotation] = field(default_factory=list)


def passages(tiers: Sequence[Tier], findings: Findings) -> Iterator[Passage]:
    """Yield what people say in the order of its time; other tiers are counted."""
    filled = [one for one in tiers if any(a.text.strip() for a in one.annotations)]
    spoken = _spoken(filled)
    chosen = {id(one) for one in spoken}
    for one in filled:
        if id(one) not in chosen:
            findings.leave_out("tiers", " ".join(a.text for a in one.annotations))
    found: list[tuple[int, int, Passage]] = []
    for number, one in enumerate(spoken):
        speaker = _speaker(one, alone=len(spoken) == 1)
        at = 0
        for a in _stretches(one, findings):
            at = at if a.start_ms is None else a.start_ms
            said = Passage(a.text.strip(), speaker, a.start_ms, a.end_ms, place=a.place)
            found.append((at, number, said))
    # Sorting is stable, so that annotations without a time stay behind the one before them.
    found.sort(key=lambda one: one[:2])
    for _, _, passage in found:
        yield passage


def _spoken(tiers: list[Tier]) -> list[Tier]:
    """Return the tiers that are what people say: what the form says so of, or what seems to be."""
    stated = [one for one in tiers if one.speech] or [one for one in tiers if one.speech is None]
    candidates = stated or tiers
    names = {one.name for one in candidates}
    tops = [one for one in candidates if one.parent not in names or one.parent == one.name]
    below: dict[str, list[Tier]] = {}
    for one in candidates:
        below.setdefault(one.parent, []).append(one)
    found = [chosen for top in tops if (chosen := _of_tree(top, below))]
    named = [one for one in found if not _is_other(one)]
    unique: dict[str, Tier] = {}
    # Of two tiers with the same words the one with fewer annotations has whole sentences.
    for one in sorted(named or found or tops, key=lambda one: len(one.annotations)):
        words = " ".join(word for a in one.annotations for word in a.text.casefold().split())
        unique.setdefault(words, one)
    kept = {id(one) for one in unique.values()}
    return _without_versions([one for one in candidates if id(one) in kept])


def _without_versions(tiers: list[Tier]) -> list[Tier]:
    """Return the first of tiers that have the same speaker and times, such as a translation's."""
    spans: dict[str, set[tuple[int, int]]] = {}
    kept: list[Tier] = []
    for one in tiers:
        timed = {
            (a.start_ms, a.end_ms)
            for a in one.annotations
            if a.start_ms is not None and a.end_ms is not None
        }
        before = spans.setdefault(
            one.speaker.strip() or (one.parent and f" {one.parent}") or f" {id(one)}", set()
        )
        if not timed or len(timed & before) < _SAME_TIMES * len(timed):
            kept.append(one)
            before |= timed
    return kept


def _of_tree(top: Tier, below: dict[str, list[Tier]]) -> Tier | None:
    """Return a tier, or the first below it where it holds numbers of sentences alone."""
    ahead = [top]
    while ahead:
        one = ahead.pop()
        if one is top or not _is_other(one):
            if not _is_numbers(one):
                return one
            # Taking them away ends circles.
            ahead += reversed(below.pop(one.name, []))
    return None


def _is_numbers(tier: Tier) -> bool:
    texts = [a.text.strip() for a in tier.annotations if a.text.strip()]
    return all(_IDENTIFIER.fullmatch(text) for text in texts)


def _is_other(tier: Tier) -> bool:
    return any(part.casefold() in _OTHER for part in _PART.findall(tier.name))


def _speaker(tier: Tier, alone: bool) -> str | None:
    """Return who a tier is of, or None where its texts may name speakers themselves."""
    if tier.speaker.strip():
        return squeeze(tier.speaker)
    name = squeeze(tier.name)
    parts = list(_PART.finditer(name))
    while len(parts) > 1 and parts[-1][0].casefold() in _PLAIN | _OTHER:
        parts.pop()
    while len(parts) > 1 and parts[0][0].casefold() in _PLAIN | _OTHER:
        parts.pop(0)
    plain = not parts or parts[0][0].casefold() in _PLAIN or not name
    if plain or all(part[0].isdigit() for part in parts):
        return None if alone else name
    return name[parts[0].start() : parts[-1].end()]


def _stretches(tier: Tier, findings: Findings) -> Iterator[Annotation]:
    """Yield annotations; those of single words, and of parts of the same stretch, are joined."""
    by_words = _has_words(tier)
    before: Annotation | None = None
    for one in tier.annotations:
        text = one.text.strip()
        if not text or _SILENCE.fullmatch(text.casefold()):
            if text:
                findings.leave_out("markup", text)
            continue
        if before is not None and (_is_same(before, one) or (by_words and _follows(before, one))):
            before.text = f"{before.text} {text}"
            before.end_ms = one.end_ms
            continue
        if before is not None:
            yield before
        before = Annotation(text, one.start_ms, one.end_ms, one.place)
    if before is not None:
        yield before


def _has_words(tier: Tier) -> bool:
    texts = [a.text.strip() for a in tier.annotations if a.text.strip()]
    # Scripts without capitals do not always have spaces between words.
    single = sum(len(t) < 30 and len(t.split()) == 1 and t.lower() != t.upper() for t in texts)
    return len(texts) >= _MANY_WORDS and single >= _SHARE_OF_WORDS * len(texts)


def _is_same(before: Annotation, one: Annotation) -> bool:
    times = (before.start_ms, before.end_ms)
    return None not in times and times == (one.start_ms, one.end_ms)


def _follows(before: Annotation, one: Annotation) -> bool:
    if before.end_ms is None or one.start_ms is None:
        return True
    return one.start_ms - before.end_ms < _LONGEST_PAUSE_MS


def fill_times(times: Sequence[int | None]) -> list[int | None]:
    """Return points of a time line with those that are not known set evenly between others."""
    filled = list(times)
    known = [at for at, time in enumerate(filled) if time is not None]
    for first, last in pairwise(known):
        start, end = filled[first] or 0, filled[last] or 0
        for at in range(first + 1, last):
            filled[at] = start + (end - start) * (at - first) // (last - first)
    return filled
