# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

import re

import pytest
from hypothesis import given

from services.common.errors import InvalidInput, NotFound
from services.corrections import journal
from services.corrections.convert import segment_text
from services.corrections.model import (
    Correction,
    CorrectionKind,
    MarkedPlace,
    RunCorrections,
    SegmentText,
    Step,
    StepKind,
)
from services.deidentification.domain.review_flags import Reason
from services.release_client import review_places
from services.release_client.review_places import ReviewedSegment, reviewed, reviewed_after
from sotto.transcript.v1 import transcript_pb2
from tests.support.corrections import NOON, transcripts

MESSAGE = transcript_pb2.Segment(
    index=0,
    speaker="S2",
    role="participant",
    text="[Person 1] met Ahmad, and Ahmad left.",
    replacements=[transcript_pb2.Replacement(start=0, end=10, entity_type="PERSON")],
    doubts=[
        transcript_pb2.Doubt(start=0, end=10, reason="doubtful", weight=0.35),
        transcript_pb2.Doubt(start=15, end=20, reason="name_like", weight=0.4),
        transcript_pb2.Doubt(start=15, end=20, reason="misheard", weight=0.1),
    ],
)
REDACTION = Correction(CorrectionKind.REDACT, 0, 26, 31, "PERSON", "[Person 2]", "dr.lim", NOON)


def message(index: int, text: SegmentText) -> transcript_pb2.Segment:
    """A stored segment."""
    return transcript_pb2.Segment(
        index=index,
        text=text.text,
        replacements=[
            transcript_pb2.Replacement(start=one.start, end=one.end, entity_type=one.entity_type)
            for one in text.replacements
        ],
        doubts=[
            transcript_pb2.Doubt(start=one.start, end=one.end, reason=one.reason)
            for one in text.doubts
        ],
    )


def one(*corrections: Correction) -> ReviewedSegment:
    """The segment with corrections."""
    return reviewed([MESSAGE], corrections)[0]


class TestPlaces:
    """Places are named by numbers that stay."""

    def test_numbers_and_reasons(self) -> None:
        """In the order of the text; doubts of one place are one place with all reasons."""
        first, second = one().places
        assert (first.name, first.replacement is not None, len(first.doubts)) == ("0:1", True, 1)
        assert (second.name, second.replacement) == ("0:2", None)
        assert second.weight == pytest.approx(0.4)
        assert second.reasons == [
            review_places.REASONS["name_like"],
            review_places.REASONS["misheard"],
        ]

    def test_a_correction_renames_no_other(self) -> None:
        """A place that only a correction made comes behind the others."""
        before, after = one().places, one(REDACTION).places
        assert [(place.name, place.start) for place in after] == [
            *((place.name, place.start) for place in before),
            ("0:3", 26),
        ]

    def test_marks(self) -> None:
        """Replaced, doubtful and corrected places look apart without colour."""
        assert one().marked() == "{1? [Person 1]} met {2? Ahmad}, and Ahmad left."
        assert one(REDACTION).marked() == (
            "{1? [Person 1]} met {2? Ahmad}, and {3* [Person 2]} left."
        )
        assert one().marked([2]) == "[Person 1] met {2? Ahmad}, and Ahmad left."

    def test_words_that_may_be_misheard(self) -> None:
        """They are marked inside of places too, until a correction changes any part of them, or of
        what is written together with them.
        """
        heard = transcript_pb2.Segment()
        heard.CopyFrom(MESSAGE)
        heard.doubtful_words.add(start=11, end=14)
        heard.doubtful_words.add(start=15, end=20)
        (segment,) = reviewed([heard], ())
        assert segment.marked() == "{1? [Person 1]} ~met~ {2? ~Ahmad~}, and Ahmad left."
        assert segment.marked([2]) == "[Person 1] met {2? Ahmad}, and Ahmad left."
        comma = Correction(CorrectionKind.REDACT, 0, 20, 21, "PERSON", "[x]", "dr.lim", NOON)
        (segment,) = reviewed([heard], [comma])
        words = [segment.corrected.text[slice(*word)] for word in segment.doubtful_words]
        assert words == ["met"]

    def test_what_a_correction_answered_is_open_no_more(self) -> None:
        """The heaviest places are those that nobody looked at."""
        answer = Correction(CorrectionKind.REDACT, 0, 15, 20, "PERSON", "[x]", "dr.lim", NOON)
        assert [place.name for place in one().open_places] == ["0:1", "0:2"]
        assert [place.name for place in one(answer).open_places] == ["0:1"]

    def test_every_reason_has_words(self) -> None:
        """Whatever the engine says, a reviewer reads a sentence."""
        assert set(review_places.REASONS) == {*Reason, "doubtful"}

    def test_doubtful_replacements_may_be_restored(self) -> None:
        """What was replaced with little certainty is no doubtful place, and goes once answered."""
        segment = transcript_pb2.Segment(
            text="[Person 1] met [Person 2].",
            replacements=[
                transcript_pb2.Replacement(start=0, end=10, entity_type="PERSON", doubtful=True),
                transcript_pb2.Replacement(start=15, end=25, entity_type="PERSON"),
            ],
        )
        (made,) = reviewed([segment], ())
        assert [place.name for place in made.restorable] == ["0:1"]
        assert not made.open_places
        restored = Correction(CorrectionKind.RESTORE, 0, 0, 10, "", "Bread", "dr.lim", NOON)
        assert not reviewed([segment], [restored])[0].restorable

    @given(transcripts())
    def test_marks_hold_the_corrected_text(
        self, made: tuple[list[SegmentText], list[Correction]]
    ) -> None:
        """Without its marks the shown text is the text that is approved."""
        parts, corrections = made
        messages = [message(index, part) for index, part in enumerate(parts)]
        for segment, stored in zip(reviewed(messages, corrections), messages, strict=True):
            bare = re.sub(r"\{\d+[?*]? |\}", "", segment.marked())
            assert bare == segment.corrected.text
            assert segment.text == segment_text(stored)
            names = [place.name for place in segment.places]
            assert len(set(names)) == len(names)
            for place in segment.places:
                assert review_places.find([segment] * (segment.index + 1), place.name) == place


class TestFind:
    """What a person types."""

    @pytest.mark.parametrize("name", ["", "1", "a:b", "1:2:3", "0:-1", "0:1 "])
    def test_no_place(self, name: str) -> None:
        """The message says what a place looks like."""
        with pytest.raises(InvalidInput, match="12:3"):
            review_places.find([one()], name)

    @pytest.mark.parametrize(("name", "told"), [("1:1", "last one is 0"), ("0:3", "places 1 to 2")])
    def test_not_there(self, name: str, told: str) -> None:
        """The message says what there is."""
        with pytest.raises(NotFound, match=told):
            review_places.find([one()], name)

    def test_words_behind_a_letter_that_grows_in_lower_case(self) -> None:
        """Places are those of the text as it stands, not of the text in lower case."""
        (segment,) = reviewed([message(0, SegmentText("İİ met Ahmad."))], [])
        assert review_places.find_words(segment, "AHMAD", 0) == (7, 12)

    def test_words(self) -> None:
        """Words are found, also in other case; several places are asked about."""
        assert review_places.find_words(one(), "left", 0) == (32, 36)
        assert review_places.find_words(one(), "LEFT", 0) == (32, 36)
        assert review_places.find_words(one(), "Ahmad", 2) == (26, 31)
        with pytest.raises(InvalidInput, match=r"2 times.*--occurrence 1 to 2"):
            review_places.find_words(one(), "Ahmad", 0)
        with pytest.raises(InvalidInput):
            review_places.find_words(one(), "Ahmad", 3)
        text = "İ Malik, ALI and 阿牛哥"
        odd = review_places.reviewed([transcript_pb2.Segment(text=text)], ())[0]
        for words, found in (("Ali", "ALI"), ("mali", "Mali"), ("牛", "牛")):
            start, end = review_places.find_words(odd, words, 0)
            assert text[start:end] == found
        for words in ("", "Siti"):
            with pytest.raises(NotFound) as caught:
                review_places.find_words(one(), words, 0)
            assert "Siti" not in caught.value.message


class TestAfterAStep:
    """A step looks at what it touched, and comes to the same."""

    @given(transcripts())
    def test_the_same_as_all_anew(self, made: tuple[list[SegmentText], list[Correction]]) -> None:
        """Corrections that come and go, marks and roles: nothing of the rest is out of date."""
        texts, corrections = made
        messages = [message(index, text) for index, text in enumerate(texts)]
        steps = (
            Step(1, StepKind.CORRECT, "dr.lim", NOON, added=tuple(corrections)),
            Step(2, StepKind.ACCEPT, "dr.lim", NOON, places=(MarkedPlace(0, 0, 1),)),
            Step(3, StepKind.NOTHING_HERE, "dr.lim", NOON, places=(MarkedPlace(0, 0, 0),)),
            Step(4, StepKind.UNDO, "dr.lim", NOON, of=1, removed=tuple(corrections)),
        )
        segments = reviewed(messages, ())
        there = RunCorrections()
        for step in steps:
            there = journal.take(there, step)
            segments = reviewed_after(segments, there.corrections, there.roles, there.journal)
            anew = reviewed(messages, there.corrections, there.roles, there.journal)
            assert [seen(one) for one in segments] == [seen(one) for one in anew]


def seen(segment: ReviewedSegment) -> tuple[object, ...]:
    """What a page shows of a segment."""
    return (
        segment.corrected,
        segment.places,
        segment.role,
        segment.open_places,
        segment.decisions.clears(segment.index),
    )
