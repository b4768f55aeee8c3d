# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.transcription.domain.audio import SAMPLE_RATE, SampleRange
from services.transcription.domain.evidence import EvidenceOptions, measure_evidence
from services.transcription.domain.ports import AsrSegment, AsrWord
from services.transcription.domain.transcript import Doubt, Evidence
from services.transcription.domain.words import repetition

SPAN = SampleRange(0, 4 * SAMPLE_RATE)
GOOD = AsrSegment(
    "I felt better after the meeting.", 0.0, 4.0, (AsrWord("I", 0, 1, 0.9),), -0.3, 0.05, 1.2
)


def judge(
    segment: AsrSegment, speech: tuple[SampleRange, ...] = (SPAN,), language_prob: float = 1.0
) -> Evidence:
    """Measure a segment that spans four seconds."""
    return measure_evidence(segment, language_prob, SPAN, SPAN, speech, EvidenceOptions())


class TestDoubts:
    def test_plain_speech_raises_none(self) -> None:
        """What was clearly said is not sent to anybody."""
        assert not judge(GOOD).doubtful

    @pytest.mark.parametrize(
        ("changes", "doubt"),
        [
            ({"avg_logprob": -1.2}, Doubt.LOW_PROBABILITY),
            ({"no_speech_prob": 0.8}, Doubt.LIKELY_SILENCE),
            ({"compression_ratio": 3.0}, Doubt.COMPRESSIBLE),
            ({"text": "I think so " * 6}, Doubt.REPETITION),
            ({"text": "word " * 40}, Doubt.TOO_FAST),
            ({"text": "Thanks for watching!"}, Doubt.STOCK_PHRASE),
        ],
    )
    def test_each_measure_raises_its_own(self, changes: dict[str, object], doubt: Doubt) -> None:
        """Each way in which an engine invents is recognised."""
        assert doubt in judge(replace(GOOD, **changes)).doubts  # type: ignore[arg-type]

    def test_text_where_nobody_speaks(self) -> None:
        """Text outside of what voice detection calls speech is doubtful."""
        assert Doubt.OUTSIDE_SPEECH in judge(GOOD, (SampleRange(0, SAMPLE_RATE),)).doubts

    def test_an_uncertain_language(self) -> None:
        """A guess of the language that is hardly better than chance is doubtful."""
        assert judge(GOOD, language_prob=0.3).doubts == (Doubt.LANGUAGE,)

    def test_thanks_inside_a_real_sentence(self) -> None:
        """A stock phrase inside a long, well recognised passage is speech."""
        said = "Then I said thank you for listening to me, and we all went home for dinner."
        assert not judge(replace(GOOD, text=said)).doubtful


class TestRepetition:
    @pytest.mark.parametrize(
        ("text", "share"),
        [("", 0.0), ("one two three", 0.0), ("I see I see I see", 4 / 6), ("no no no no", 3 / 4)],
    )
    def test_share(self, text: str, share: float) -> None:
        """The share counts the words that only repeat."""
        assert repetition(text) == pytest.approx(share)

    @given(st.text(max_size=200))
    def test_is_a_share(self, text: str) -> None:
        """It is a share of words for any text."""
        assert 0.0 <= repetition(text) < 1.0
