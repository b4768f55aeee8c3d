# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

import pytest

from flows import review_output
from services.common.errors import Conflict, WrongUse
from services.corrections import convert
from services.release_client import review_places
from services.release_client.review_places import reviewed
from services.release_client.reviewing import Reading, Seen, same_run
from sotto.release.v1 import review_pb2
from sotto.storage.v1 import recording_pb2
from sotto.storage.v1 import review_pb2 as stored_pb2
from sotto.transcript.v1 import transcript_pb2
from tests.unit.release_client.test_review_places import MESSAGE

RUN = "0123456789abcdef" * 2
RECORDING = "rec-" + "a" * 26
IDENTIFIED = (transcript_pb2.Segment(text="Siti met Ahmad, and Ahmad left."),)


def reading(**fields: object) -> Reading:
    """A transcript of one segment that was read."""
    item = review_pb2.ReviewItem(
        ref=recording_pb2.RecordingRef(study_id="peers", participant="P07", recording_id=RECORDING),
        run_key=RUN,
        session=1,
        review=stored_pb2.Review(
            run_key=RUN,
            state=stored_pb2.REVIEW_STATE_PENDING,
            decided_by="policy:research-default",
            generation=3,
        ),
        residual_risk=0.12,
        threshold=0.05,
        segments=1,
        words=6,
        **fields,
    )
    return Reading(item, stored_pb2.Corrections(generation=2), reviewed([MESSAGE], ()))


class TestSeen:
    """What a decision names."""

    def test_is_what_was_read(self) -> None:
        """Run, corrections and state of the review, in one word that a person copies."""
        assert str(reading().seen) == f"{RUN}:2:3"
        assert Seen.parse(f"{RUN}:2:3", RECORDING) == reading().seen

    @pytest.mark.parametrize("text", ["", RUN, f"{RUN}:1", "newest", f"{RUN}:1:x"])
    def test_anything_else_is_refused_with_the_command(self, text: str) -> None:
        """Nobody decides without having been shown something."""
        with pytest.raises(WrongUse, match=f"sotto review show {RECORDING}"):
            Seen.parse(text, RECORDING)

    def test_another_run_is_not_corrected(self) -> None:
        """Where a person names a run, its places are meant."""
        same_run(reading(), "")
        same_run(reading(), RUN)
        same_run(reading(), f"{RUN}:0:1")
        with pytest.raises(Conflict, match="made anew"):
            same_run(reading(), "f" * 32)


class TestOutput:
    """What a reviewer sees."""

    def test_doubts_come_by_weight_with_reason_and_context(self) -> None:
        """The heaviest first, each in its segment, and only its own mark in it."""
        lines = list(review_output.doubt_lines(reading(), None))
        assert lines[0] == "2 doubtful places, the heaviest first:"
        assert lines[2].startswith("0:2  weight 0.40: looks like a name")
        assert lines[3] == "    participant 0:00: [Person 1] met {2? Ahmad}, and Ahmad left."
        assert lines[5].startswith("0:1  weight 0.35")

    def test_a_long_segment_is_cut_around_the_place(self) -> None:
        """The place stands in the middle of what is shown, with its words whole."""
        words = "lah kan dan " * 200
        long = transcript_pb2.Segment(
            text=f"{words}Ahmad {words}",
            start_ms=-1,
            doubts=[
                transcript_pb2.Doubt(
                    start=len(words), end=len(words) + 5, reason="name_like", weight=0.4
                )
            ],
        )
        shown = Reading(reading().item, stored_pb2.Corrections(), reviewed([long], ()))
        line = list(review_output.doubt_lines(shown, None))[-1].strip()
        before, after = line.split("{1? Ahmad}")
        assert (before[:4], after[-4:]) == ("... ", " ...")
        assert (len(before), len(after)) == (164, 164)

    def test_identified_words_stand_beside(self) -> None:
        """For who may see them, and only when they are asked for."""
        lines = list(review_output.transcript_lines(reading(), IDENTIFIED))
        assert lines[-1] == "    identified: Siti met Ahmad, and Ahmad left."

    def test_summary_says_where_it_stands(self) -> None:
        """State, by whom, risk against the threshold, and an earlier approval."""
        text = "\n".join(review_output.summary_lines(reading(approved_before="e" * 32)))
        assert "pending: left to a person by policy:research-default" in text
        assert "residual risk 0.1200, not below the policy's threshold 0.0500" in text
        assert f"An earlier run was approved, which says nothing about this: {'e' * 32}" in text

    def test_summary_says_who_the_speakers_are(self) -> None:
        """By the engine or by a reviewer; roles that were lost are told as well."""
        role = stored_pb2.RoleCorrection(role="interviewer", corrected_by="dr.lim")
        message = stored_pb2.Corrections(roles={"S2": role}, lost_roles={"S1": role})
        made = convert.run_corrections(message)
        engine = reading()
        shown = Reading(engine.item, message, reviewed([MESSAGE], (), made.roles))
        assert "speakers: S2 participant" in list(review_output.summary_lines(engine))
        lines = list(review_output.summary_lines(shown))
        assert "speakers: S2 interviewer (by dr.lim)" in lines
        assert lines[-2:] == [
            "1 correction of an earlier run has no place in this one; look for it:",
            "  S1 was interviewer there",
        ]
        assert (
            next(iter(review_output.doubt_lines(shown, None)))
            == "2 doubtful places, the heaviest first:"
        )
        assert "    interviewer 0:00: " in "\n".join(review_output.doubt_lines(shown, None))
        record = review_output.reading_record(shown, shown.segments, None)
        given = {"role": "interviewer", "corrected_by": "dr.lim", "carried_from": ""}
        assert (record["roles"], record["lost_roles"]) == ({"S2": given}, {"S1": given})
        [segment] = record["transcript"]  # type: ignore[misc]
        assert (segment["speaker"], segment["role"]) == ("S2", "interviewer")

    def test_summary_says_why_a_low_risk_waits(self) -> None:
        """A risk below the threshold that the rule leaves to a person is explained."""
        low, high = reading(), reading()
        low.item.residual_risk = 0.01

        assert "review: required" in "\n".join(review_output.summary_lines(low))
        assert "review: required" not in "\n".join(review_output.summary_lines(high))

    def test_record_names_what_a_decision_needs(self) -> None:
        """The same as JSON."""
        record = review_output.reading_record(reading(), reading().segments, None)
        assert record["run"] == f"{RUN}:2:3"
        [segment] = record["transcript"]  # type: ignore[misc]
        assert [one["place"] for one in segment["places"]] == ["0:1", "0:2"]
        assert "identified" not in segment

    def test_original_words(self) -> None:
        """Found in the identified segment, or said to be unknown."""
        segment = reading().segments[0]
        place = segment.places[0]
        assert review_places.original_words(segment, place, IDENTIFIED) == "Siti"
        assert review_places.original_words(segment, place, ()) is None

    def test_a_terminal_obeys_no_transcript(self) -> None:
        """Control characters and changes of direction are shown as unknown characters."""
        assert review_output.printable("a\x1b[2Jb\u202ec") == "a\ufffd[2Jb\ufffdc"
        assert review_output.printable("அம்மா 朋友\u200d") == "அம்மா 朋友\u200d"
        assert review_output.printable_name("a\nsealed\x1b") == "a\ufffdsealed\ufffd"
