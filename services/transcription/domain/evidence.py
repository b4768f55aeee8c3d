# SPDX-License-Identifier: Apache-2.0
"""Evidence for and against a segment: measured numbers, and the doubts that follow from them.

A doubt never drops a segment: what was perhaps said is kept and sent to a person.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace

from services.transcription.domain.audio import SAMPLE_RATE, SampleRange, samples
from services.transcription.domain.phantoms import plain
from services.transcription.domain.ports import AsrSegment
from services.transcription.domain.transcript import Doubt, Evidence
from services.transcription.domain.words import repetition

# What Whisper models say into silence: endings of videos and subtitles that they were trained on.
_STOCK = re.compile(
    r"thank(s| you)( so much| very much)? for (watching|listening|your support)"
    r"|(like|please) (and )?subscribe|see you (in the )?next (video|time|episode)"
    r"|(subtitles|captions|transcri(bed|ption)|translat(ed|ion)) by|amara\.org"
    r"|terima kasih (kerana|sebab|telah) menonton|jumpa (lagi )?di video",
    re.IGNORECASE,
)


_SHORTEST_SECONDS = 0.02
"""Length of the shortest segment for its speed, so that nothing is divided by 0."""

_REPETITION_CHARACTERS = 24
"""Shorter texts may repeat: three words said twice are how people talk, more is how a decoder
loops."""

_STOCK_SHARE = 0.8
"""Share of the text from which a stock phrase is nearly all that was said."""

_UNSURE_NO_SPEECH_PROB, _UNSURE_AVG_LOGPROB = 0.3, -0.7
"""A stock phrase is doubtful from here: about half of the bounds that raise a doubt alone."""


@dataclass(frozen=True, slots=True)
class EvidenceOptions:
    """Bounds beyond which a measure raises a doubt; names and values are part of the run key.

    Those for log probability, silence and compression are the ones of Whisper's own fallback
    (Radford et al. 2022, section 4.5). `min_speech_share` and `max_repetition` are the half: most
    of the segment lies outside of speech, or repeats. Fast talk (200 words a minute) has about 20
    characters a second, and nobody speaks 30. Below `min_language_prob` another of the study's
    languages is about as likely. `phantoms` are what the model writes where nobody speaks, as
    `phantoms.plain` gives it.
    """

    min_avg_logprob: float = -1.0
    max_no_speech_prob: float = 0.6
    max_compression_ratio: float = 2.4
    min_speech_share: float = 0.5
    max_repetition: float = 0.5
    max_chars_per_second: float = 30.0
    min_language_prob: float = 0.5
    phantoms: tuple[str, ...] = ()


def measure_evidence(
    segment: AsrSegment,
    language_prob: float,
    span: SampleRange,
    surroundings: SampleRange,
    speech: Sequence[SampleRange],
    options: EvidenceOptions,
) -> Evidence:
    """Measure one segment at `span` of the recording against the regions of speech around it.

    `surroundings` reach from the end of the segment before to the start of the next. Speed is
    measured over them, since word times are often too tight, and invented text is too fast for
    them as well.
    """
    text = segment.text.strip()
    longest = max(len(span), surroundings.end - surroundings.start, samples(_SHORTEST_SECONDS))
    seconds = longest / SAMPLE_RATE
    measured = Evidence(
        avg_logprob=_round(segment.avg_logprob),
        no_speech_prob=_round(segment.no_speech_prob),
        compression_ratio=_round(segment.compression_ratio),
        speech_share=_round(sum(span.overlap(s) for s in speech) / max(len(span), 1)),
        repetition=_round(repetition(text)),
        chars_per_second=_round(len(text) / seconds),
        language_prob=_round(language_prob),
    )
    return _with_doubts(measured, text, options)


def _with_doubts(measured: Evidence, text: str, options: EvidenceOptions) -> Evidence:
    stock = max((found.end() - found.start() for found in _STOCK.finditer(text)), default=0)
    # People do thank each other for listening. A model that invents writes little else, or writes
    # it where there is hardly any speech.
    unsure = (
        measured.no_speech_prob > _UNSURE_NO_SPEECH_PROB
        or measured.avg_logprob < _UNSURE_AVG_LOGPROB
    )
    raised = {
        Doubt.LOW_PROBABILITY: measured.avg_logprob < options.min_avg_logprob,
        Doubt.LIKELY_SILENCE: measured.no_speech_prob > options.max_no_speech_prob,
        Doubt.COMPRESSIBLE: measured.compression_ratio > options.max_compression_ratio,
        Doubt.REPETITION: (
            measured.repetition > options.max_repetition and len(text) > _REPETITION_CHARACTERS
        ),
        Doubt.TOO_FAST: measured.chars_per_second > options.max_chars_per_second,
        Doubt.OUTSIDE_SPEECH: measured.speech_share < options.min_speech_share,
        Doubt.STOCK_PHRASE: (stock > 0 and (unsure or stock > _STOCK_SHARE * len(text)))
        or (unsure and plain(text) in options.phantoms),
        Doubt.LANGUAGE: measured.language_prob < options.min_language_prob,
    }
    doubts = tuple(doubt for doubt, is_raised in raised.items() if is_raised)
    return replace(measured, doubts=doubts)


def _round(value: float) -> float:
    """Round to four decimals: enough to judge by, few enough to be equal on every machine."""
    return round(float(value), 4)
