# SPDX-License-Identifier: Apache-2.0
"""Evidence for and against a segment: measured numbers, and the doubts that follow from them.

A doubt never drops a segment: what was perhaps said is kept and sent to a human. The
thresholds for log probability, silence and compression are those of Whisper's own fallback
(Radford et al. 2022, section 4.5).
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace

from services.transcription.domain.audio import SAMPLE_RATE, Span
from services.transcription.domain.ports import Heard, Utterance
from services.transcription.domain.transcript import Doubt, Evidence

_WORD = re.compile(r"\w+(?:['’-]\w+)*", re.UNICODE)

# What Whisper models say into silence: endings of videos and subtitles that they were trained on.
_STOCK = re.compile(
    r"thank(s| you)( so much| very much)? for (watching|listening|your support)"
    r"|(like|please) (and )?subscribe|see you (in the )?next (video|time|episode)"
    r"|(subtitles|captions|transcri(bed|ption)|translat(ed|ion)) by|amara\.org"
    r"|terima kasih (kerana|sebab|telah) menonton|jumpa (lagi )?di video",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class EvidenceOptions:
    """Bounds beyond which a measure raises a doubt."""

    min_avg_logprob: float = -1.0
    max_no_speech_prob: float = 0.6
    max_compression_ratio: float = 2.4
    min_speech_share: float = 0.5
    max_repetition: float = 0.5
    max_chars_per_second: float = 30.0
    min_language_prob: float = 0.5


def weigh(
    utterance: Utterance,
    heard: Heard,
    span: Span,
    room: Span,
    speech: Sequence[Span],
    options: EvidenceOptions,
) -> Evidence:
    """Measure one utterance at `span` of the recording against the regions of speech around it.

    `room` reaches from the utterance before to the one behind. Speed is measured over it, since
    word times are often too tight, and invented text is too fast for its room as well.
    """
    text = utterance.text.strip()
    seconds = max(len(span), room.end - room.start, SAMPLE_RATE // 50) / SAMPLE_RATE
    measured = Evidence(
        avg_logprob=_round(utterance.avg_logprob),
        no_speech_prob=_round(utterance.no_speech_prob),
        compression_ratio=_round(utterance.compression_ratio),
        speech_share=_round(sum(span.overlap(s) for s in speech) / max(len(span), 1)),
        repetition=_round(repetition(text)),
        chars_per_second=_round(len(text) / seconds),
        min_word_probability=_round(min((w.probability for w in utterance.words), default=1.0)),
        language_prob=_round(heard.language_prob),
    )
    return _with_doubts(measured, text, options)


def repetition(text: str) -> float:
    """Return the share of words, in [0, 1], that belong to a phrase said just before.

    Finds the worst immediate repetition over phrases of one to eight words: "I see I see I see"
    gives 2/3. Whole words of any script, case ignored.
    """
    words = [word.lower() for word in _WORD.findall(text)]
    worst = 0
    for size in range(1, min(8, len(words) // 2) + 1):
        same = run = 0
        for here in range(size, len(words)):
            run = run + 1 if words[here] == words[here - size] else 0
            if run >= size:
                same = max(same, run)
        worst = max(worst, same)
    return worst / len(words) if words else 0.0


def _with_doubts(measured: Evidence, text: str, options: EvidenceOptions) -> Evidence:
    stock = max((found.end() - found.start() for found in _STOCK.finditer(text)), default=0)
    # People do thank each other for listening; a model that invents says little else, or does so
    # into what is hardly speech.
    unsure = measured.no_speech_prob > 0.3 or measured.avg_logprob < -0.7
    raised = {
        Doubt.LOW_PROBABILITY: measured.avg_logprob < options.min_avg_logprob,
        Doubt.LIKELY_SILENCE: measured.no_speech_prob > options.max_no_speech_prob,
        Doubt.COMPRESSIBLE: measured.compression_ratio > options.max_compression_ratio,
        # Three words said twice are how people talk; more is how a decoder loops.
        Doubt.REPETITION: measured.repetition > options.max_repetition and len(text) > 24,
        Doubt.TOO_FAST: measured.chars_per_second > options.max_chars_per_second,
        Doubt.OUTSIDE_SPEECH: measured.speech_share < options.min_speech_share,
        Doubt.STOCK_PHRASE: stock > 0 and (unsure or stock > 0.8 * len(text)),
        Doubt.LANGUAGE: measured.language_prob < options.min_language_prob,
    }
    doubts = tuple(doubt for doubt, is_raised in raised.items() if is_raised)
    return replace(measured, doubts=doubts)


def _round(value: float) -> float:
    """Four decimals: enough to judge by, few enough to be the same on every machine."""
    return round(float(value), 4)
