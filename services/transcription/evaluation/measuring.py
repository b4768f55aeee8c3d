# SPDX-License-Identifier: Apache-2.0
"""Measures transcripts against their references, one or many recordings together."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from services.transcription.evaluation.intervals import Rate, rate
from services.transcription.evaluation.normalising import normaliser, rules_for
from services.transcription.evaluation.speaker_times import SpeakerTimes, speaker_times
from services.transcription.evaluation.utterances import BadComparison, Document, Utterance
from services.transcription.evaluation.word_errors import (
    Errors,
    Words,
    character_errors,
    speaker_errors,
    word_errors,
)

_UNKNOWN = "not stated"


@dataclass(frozen=True, slots=True)
class WordRate:
    """A rate of errors of words or characters, and the counts behind it."""

    rate: Rate
    errors: Errors


@dataclass(frozen=True, slots=True)
class TimeRate:
    """A diarization error rate, and the seconds behind it."""

    rate: Rate
    parts: SpeakerTimes


@dataclass(frozen=True, slots=True)
class DoubtRates:
    """How good the doubts of a transcript are.

    `right`: of the doubtful segments, those with an error. `found`: of the segments with an error,
    those that are doubtful. None where there are none to judge by.
    """

    segments: int
    doubtful: int
    right: Rate | None
    found: Rate | None


@dataclass(slots=True)
class Figures:
    """What was measured; `missing` says by name why something was not."""

    files: int
    rules: str
    over: str
    wer: WordRate | None = None
    cer: WordRate | None = None
    cpwer: WordRate | None = None
    der: TimeRate | None = None
    by_speaker: dict[str, WordRate] = field(default_factory=dict)
    by_language: dict[str, WordRate] = field(default_factory=dict)
    doubts: DoubtRates | None = None
    missing: dict[str, str] = field(default_factory=dict)


@dataclass(slots=True)
class _Counted:
    """What was counted in one recording, by unit."""

    words: list[Errors] = field(default_factory=list)
    characters: list[Errors] = field(default_factory=list)
    speakers: list[Errors] = field(default_factory=list)
    times: list[SpeakerTimes] = field(default_factory=list)
    by_speaker: dict[str, list[Errors]] = field(default_factory=dict)
    by_language: dict[str, list[Errors]] = field(default_factory=dict)
    doubts: list[tuple[bool, bool]] = field(default_factory=list)
    """Of each segment of the transcript, whether it is doubtful, and whether it has an error."""


def measure(
    pairs: Sequence[tuple[Document, Document]], *, language: str = "", collar: float = 0.0
) -> Figures:
    """Return the figures of pairs of a reference and a transcript, of one recording each.

    `language` is that of references which state none. Raises BadComparison where nothing can be
    compared.
    """
    said = [one for reference, _ in pairs for one in reference.utterances]
    rules = rules_for(said, language)
    figures = Figures(len(pairs), rules, "files" if len(pairs) > 1 else "segments")
    figures.missing = _missing(pairs)
    if {"wer", "der"} <= figures.missing.keys():
        raise BadComparison(
            "there is nothing to compare: "
            + "; ".join(dict.fromkeys((figures.missing["wer"], figures.missing["der"])))
        )
    counted = [
        _count(reference, heard, rules, language, collar, figures.missing)
        for reference, heard in pairs
    ]
    if "wer" not in figures.missing and not sum(e.length for one in counted for e in one.words):
        raise BadComparison("the reference has no word that counts; look at the file")
    figures.wer = _word_rate([one.words for one in counted])
    figures.cer = _word_rate([one.characters for one in counted])
    figures.cpwer = _word_rate([one.speakers for one in counted])
    figures.der = _time_rate([one.times for one in counted])
    figures.by_speaker = _grouped(one.by_speaker for one in counted)
    figures.by_language = _grouped(one.by_language for one in counted)
    figures.doubts = _doubt_rates([one.doubts for one in counted])
    return figures


def _missing(pairs: Sequence[tuple[Document, Document]]) -> dict[str, str]:
    every = [one for pair in pairs for one in pair]
    missing = {}
    if not all(one.has_text for one in every):
        missing = dict.fromkeys(("wer", "cer", "cpwer", "doubts"), "RTTM has no words")
    if not all(one.has_speakers for one in every):
        missing.setdefault("cpwer", "one of both names no speakers")
        missing["der"] = "one of both names no speakers"
    if not all(one.has_times for one in every):
        missing["der"] = "one of both has no times"
    if not all(heard.has_doubts for _, heard in pairs):
        missing.setdefault("doubts", "the transcript states none")
    return missing


def _count(
    reference: Document,
    heard: Document,
    rules: str,
    language: str,
    collar: float,
    missing: Mapping[str, str],
) -> _Counted:
    made = _Counted()
    if "der" not in missing:
        made.times = speaker_times(reference.utterances, heard.utterances, collar)
    if "wer" in missing:
        return made
    words = normaliser(rules)
    said = [words(one.text) for one in reference.utterances]
    got = [words(one.text) for one in heard.utterances]
    compared = word_errors(said, got)
    made.words = compared.by_reference
    made.characters = character_errors(said, got)
    for one, errors in zip(reference.utterances, compared.by_reference, strict=True):
        made.by_language.setdefault(one.language or language or _UNKNOWN, []).append(errors)
        if reference.has_speakers:
            made.by_speaker.setdefault(one.speaker or _UNKNOWN, []).append(errors)
    if "cpwer" not in missing:
        made.speakers = speaker_errors(
            _by_speaker(reference.utterances, said), _by_speaker(heard.utterances, got)
        )
    if "doubts" not in missing:
        doubtful = [one.doubtful for one in heard.utterances]
        made.doubts = list(zip(doubtful, compared.wrong, strict=True))
    return made


def _by_speaker(utterances: Sequence[Utterance], words: Words) -> dict[str, list[Sequence[str]]]:
    found: dict[str, list[Sequence[str]]] = {}
    for one, part in zip(utterances, words, strict=True):
        found.setdefault(one.speaker or _UNKNOWN, []).append(part)
    return found


def _sum(errors: Iterable[Errors]) -> Errors:
    total = Errors()
    for one in errors:
        total.add(one)
    return total


def _word_rate(files: Sequence[Sequence[Errors]]) -> WordRate | None:
    units = [_sum(one) for one in files] if len(files) > 1 else list(files[0])
    found = rate([one.count for one in units], [one.length for one in units])
    return WordRate(found, _sum(units)) if found else None


def _grouped(files: Iterable[Mapping[str, Sequence[Errors]]]) -> dict[str, WordRate]:
    groups: dict[str, list[Sequence[Errors]]] = {}
    for one in files:
        for name, errors in one.items():
            groups.setdefault(name, []).append(errors)
    made = {name: _word_rate(units) for name, units in sorted(groups.items())}
    return {name: one for name, one in made.items() if one is not None}


def _time_rate(files: Sequence[Sequence[SpeakerTimes]]) -> TimeRate | None:
    units = [_sum_times(one) for one in files] if len(files) > 1 else list(files[0])
    found = rate(
        [one.missed + one.false_alarm + one.confusion for one in units],
        [one.speech for one in units],
    )
    return TimeRate(found, _sum_times(units)) if found else None


def _sum_times(times: Sequence[SpeakerTimes]) -> SpeakerTimes:
    return SpeakerTimes(
        sum(one.speech for one in times),
        sum(one.missed for one in times),
        sum(one.false_alarm for one in times),
        sum(one.confusion for one in times),
    )


def _doubt_rates(files: Sequence[Sequence[tuple[bool, bool]]]) -> DoubtRates | None:
    segments = [one for file in files for one in file]
    if not segments:
        return None
    units = files if len(files) > 1 else [[one] for one in files[0]]
    both = [sum(doubtful and wrong for doubtful, wrong in unit) for unit in units]
    doubtful = [sum(one for one, _ in unit) for unit in units]
    wrong = [sum(one for _, one in unit) for unit in units]
    return DoubtRates(len(segments), sum(doubtful), rate(both, doubtful), rate(both, wrong))
