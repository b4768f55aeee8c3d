# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

import json
from pathlib import Path

from services.common.errors import InvalidInput
from services.intake.outcomes import IntakeState, IntakeWarning, Interview, Outcome
from services.intake.report import outcome_lines, outcome_record, summary, told
from services.registry.left_out import LEFT_OUT
from services.registry.reading_warnings import READING_WARNINGS
from sotto.storage.v1 import recording_pb2
from sotto.transcript.v1 import reading_pb2

READING = reading_pb2.Reading(
    form="docx",
    encoding="cp1252",
    encoding_guessed=True,
    turns=4,
    timed_turns=3,
    words=1,
    speaker_count=9,
    speakers=[
        reading_pb2.SpeakerShare(label=f"S{n}", turns=n, share=100 * n) for n in range(1, 10)
    ],
    left_out=dict.fromkeys(LEFT_OUT, 2),
    words_left_out=12,
)
REF = recording_pb2.RecordingRef(recording_id="rec-" + "a" * 26)


def _outcome(state: IntakeState = IntakeState.SEALED) -> Outcome:
    return Outcome(
        2,
        Interview(Path("/inbox/Siti Aminah.docx"), "P07", 3),
        state,
        "transcript",
        "docx",
        READING,
        [IntakeWarning("same_content", detail="P08 session 1")],
        REF,
    )


class TestTold:
    def test_every_fact(self) -> None:
        """Form, turns, times, words, speakers, and each kind of what was left out are told."""
        facts = "; ".join(told(READING))

        assert facts.startswith(
            "read as docx in cp1252 (found out); 4 turns, 75 % with times; 1 word"
        )
        assert "9 speakers: S1 10 % in 1 turn; S2 20 % in 2 turns" in facts
        assert "and 3 more" in facts
        assert all(f"{title} (2)" in facts for title in LEFT_OUT.values())
        assert "left out 12 words: " in facts

    def test_kinds_that_nobody_knows_yet(self) -> None:
        """A newer service may leave out a kind that this command does not know."""
        reading = reading_pb2.Reading(form="docx", left_out={"watermarks_of_old": 1})
        assert "watermarks of old (1)" in told(reading)[-1]


class TestOutcome:
    def test_record_has_no_content(self) -> None:
        """A record for programs bears neither name nor path of the file."""
        record = outcome_record(_outcome())

        assert "Siti" not in json.dumps(record)
        assert (record["number"], record["participant"], record["session"]) == (2, "P07", 3)
        assert (record["state"], record["existed"]) == ("sealed", False)
        [warning] = record["warnings"]  # type: ignore[misc] # JSON
        assert warning["message"].endswith("(P08 session 1)")  # type: ignore[index] # JSON

    def test_there_already_is_sealed_for_programs(self) -> None:
        """Programs that knew `existed` read on what they read before."""
        record = outcome_record(_outcome(IntakeState.EXISTED))
        assert (record["state"], record["existed"]) == ("sealed", True)

    def test_lines_for_people(self) -> None:
        """A file has a line with its name, its report below, and a mark before each warning."""
        lines = outcome_lines(_outcome(), "Siti.docx", brief=False)
        brief = outcome_lines(_outcome(), "Siti.docx", brief=True)

        assert lines[0] == f"{REF.recording_id}  Siti.docx, P07 session 3: sealed"
        assert len(lines) > len(brief) == 3
        assert brief[-1] == lines[-1] == (
            "    ! the same content is in the study already: check that it is the right file"
            " (P08 session 1)"
        )  # fmt: skip

    def test_refused(self) -> None:
        """A file that was refused has its reason on its line, and no report."""
        outcome = _outcome()
        outcome.refuse(InvalidInput("This is a PDF"))
        assert outcome_lines(outcome, "a.pdf", brief=False)[0].endswith("refused: This is a PDF")
        assert outcome_record(outcome)["message"] == "This is a PDF"

    def test_sum(self) -> None:
        """The last line says how many files went which way."""
        outcomes = [_outcome(), _outcome(IntakeState.EXISTED), _outcome(IntakeState.NOT_TRIED)]
        assert (
            summary(outcomes) == "3 files: 1 sealed, 1 there already, 1 not tried; 3 with warnings"
        )


def test_sentences_need_no_more_than_count_and_place() -> None:
    """Each warning makes a sentence of how often and where, and of nothing else."""
    for kind in READING_WARNINGS:
        assert "{" not in IntakeWarning(kind, 2, 7).sentence
        assert "{" not in IntakeWarning(kind, 1, 7).sentence


def test_sentences_of_one_and_of_several() -> None:
    """A warning says "one passage is", and "2 passages are"."""
    assert IntakeWarning("hidden_text", 1, 7).sentence.startswith("one passage that is hidden")
    assert IntakeWarning("hidden_text", 2, 7).sentence.startswith("2 passages that are hidden")
