# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

import random
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.corrections.model import (
    Correction,
    CorrectionKind,
    CorrectionMalformed,
    Doubt,
    Replacement,
    SegmentText,
)
from services.corrections.replay import apply, by_segment, check
from tests.support.corrections import corrected, pieces

TEXT = "I met [Person 3] at Pudu with Ahmad Tan."
MARK = Replacement(6, 16, "PERSON")
DOUBTS = (Doubt(6, 16, "doubtful", 0.3), Doubt(20, 24, "place_like", 0.3))


def redact(start: int, end: int, text: str = "[Person 9]") -> Correction:
    """A redaction of a name."""
    return Correction(CorrectionKind.REDACT, 0, start, end, "PERSON", text)


class TestApply:
    """The approved text, and where everything is in it."""

    def test_all_kinds(self) -> None:
        """Words are redacted, words put back, and a mark given another type."""
        made = apply(
            TEXT,
            [MARK],
            DOUBTS,
            [
                redact(30, 39),
                Correction(CorrectionKind.RESTORE, 0, 6, 16, "", "my nurse"),
            ],
        )
        assert made.text == "I met my nurse at Pudu with [Person 9]."
        assert made.replacements == (Replacement(28, 38, "PERSON"),)
        assert made.doubts == (Doubt(18, 22, "place_like", 0.3),)
        again = apply(
            TEXT, [MARK], (), [Correction(CorrectionKind.RETYPE, 0, 6, 16, "PLACE", "[Place 1]")]
        )
        assert again.text == "I met [Place 1] at Pudu with Ahmad Tan."
        assert again.replacements == (Replacement(6, 15, "PLACE"),)

    def test_a_redaction_swallows_whole_replacements(self) -> None:
        """What is redacted with a mark inside becomes one mark."""
        made = apply(TEXT, [MARK], DOUBTS, [redact(2, 16, "[x]")])
        assert made.text == "I [x] at Pudu with Ahmad Tan."
        assert made.replacements == (Replacement(2, 5, "PERSON"),)

    def test_a_doubt_that_reaches_beyond_stays(self) -> None:
        """Only what a correction covers is answered by it."""
        made = apply(TEXT, [], [Doubt(30, 39, "name_like", 0.4)], [redact(30, 35, "[x]")])
        assert made.doubts == (Doubt(30, 37, "name_like", 0.4),)
        assert made.text[30:37] == "[x] Tan"

    @given(corrected())
    def test_nothing_applied_is_identity(self, made: tuple[SegmentText, list[Correction]]) -> None:
        """Without corrections everything stays as the engine wrote it."""
        segment, _ = made
        same = apply(segment.text, segment.replacements, segment.doubts, ())
        assert (same.text, same.replacements, same.doubts) == (
            segment.text,
            segment.replacements,
            segment.doubts,
        )

    @given(corrected(), st.randoms(use_true_random=False))
    def test_order_does_not_matter(
        self, made: tuple[SegmentText, list[Correction]], chance: random.Random
    ) -> None:
        """The same corrections give the same text, in whatever order they came."""
        segment, corrections = made
        expected = apply(segment.text, segment.replacements, segment.doubts, corrections)
        chance.shuffle(corrections)
        assert apply(segment.text, segment.replacements, segment.doubts, corrections) == expected

    @given(corrected())
    def test_offsets_are_consistent(self, made: tuple[SegmentText, list[Correction]]) -> None:
        """Each word, mark, doubt and correction is found where the result says that it is."""
        segment, corrections = made
        result = apply(segment.text, segment.replacements, segment.doubts, corrections)
        changed = {(one.start, one.end): one for one in corrections}
        expected = []
        for start, end, replacement in pieces(segment):
            new_start, new_end = result.place_of(start, end)
            change = changed.get((start, end))
            assert result.text[new_start:new_end] == (
                change.text if change else segment.text[start:end]
            )
            if change is None and replacement is not None:
                expected.append(replace(replacement, start=new_start, end=new_end))
            if change is not None and change.kind is not CorrectionKind.RESTORE:
                expected.append(Replacement(new_start, new_end, change.entity_type))
        assert list(result.replacements) == expected
        assert [result.text[one.start : one.end] for one in result.doubts] == [
            segment.text[one.start : one.end]
            for one in segment.doubts
            if (one.start, one.end) not in changed
        ]


class TestMalformed:
    """What does not fit is refused, with the place."""

    @pytest.mark.parametrize(
        ("wrong", "why"),
        [
            (redact(30, 41), "no such place"),
            (redact(-1, 4), "no such place"),
            (redact(5, 5), "no such place"),
            (redact(8, 20), "cuts a replacement"),
            (redact(30, 35, ""), "must say"),
            (replace(redact(30, 35), entity_type=""), "entity type"),
            (Correction(CorrectionKind.RESTORE, 0, 6, 16, "PERSON", "x"), "entity type"),
            (Correction(CorrectionKind.RESTORE, 0, 6, 15, "", "x"), "whole replacement"),
            (Correction(CorrectionKind.RESTORE, 0, 20, 24, "", "x"), "whole replacement"),
            (Correction(CorrectionKind.RETYPE, 0, 2, 16, "PERSON", "x"), "whole replacement"),
        ],
    )
    def test_is_refused(self, wrong: Correction, why: str) -> None:
        """The message names segment and place, and never the words."""
        with pytest.raises(CorrectionMalformed, match=why) as caught:
            apply(TEXT, [MARK], DOUBTS, [wrong])
        assert "segment 0" in caught.value.message
        assert "Ahmad" not in caught.value.message

    @given(corrected(), st.data())
    def test_overlapping_is_refused(
        self, made: tuple[SegmentText, list[Correction]], data: st.DataObject
    ) -> None:
        """Two corrections never share a place."""
        segment, corrections = made
        if corrections:
            twice = data.draw(st.sampled_from(corrections))
            with pytest.raises(CorrectionMalformed, match="another correction"):
                apply(segment.text, segment.replacements, segment.doubts, [*corrections, twice])

    def test_a_segment_that_is_not_there(self) -> None:
        """A correction of another transcript is not dropped in silence."""
        with pytest.raises(CorrectionMalformed, match="segment 3"):
            by_segment([replace(redact(0, 1), segment=3)], 3)
        with pytest.raises(CorrectionMalformed):
            check([SegmentText("abc")], [redact(0, 9)])
        check([SegmentText(TEXT, (MARK,))], [redact(30, 39)])
