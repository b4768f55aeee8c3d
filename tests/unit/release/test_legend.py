# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

import csv
import re
from dataclasses import replace

import pytest

from services.corrections.model import Correction, CorrectionKind, Replacement
from services.release.domain.approved import approved_text
from services.release.domain.legend import Legend
from services.release.domain.transcript import Segment, Transcript
from tests.support.release_builders import approved, transcript

WIDE = ("places", "staff")


def said(
    participant: str, *texts: str, study_wide: tuple[str, ...] = WIDE, number: int = 0
) -> Transcript:
    """Return a transcript of turns by two speakers, in which `{TYPE:label}` is a replacement."""
    segments = []
    for index, marked in enumerate(texts):
        text, places = "", []
        for words, kind, label in re.findall(r"([^{]*)(?:\{(\w+):([^}]*)\})?", marked):
            text += words
            if kind:
                places.append(Replacement(len(text), len(text) + len(label) + 2, kind))
                text += f"[{label}]"
        speaker = "S2" if index % 2 else "S1"
        segments.append(Segment(speaker, "", text, replacements=tuple(places)))
    made = transcript(participant, 1, number, tuple(segments))
    return replace(made, summary=replace(made.summary, study_wide=study_wide))


def rows(*transcripts: Transcript) -> list[list[str]]:
    """Return the rows of a legend without its heading."""
    legend = Legend()
    for one in transcripts:
        legend.add(f"{one.summary.participant}_S1", one)
    data = b"".join(part.data for part in legend.parts()).decode()
    return list(csv.reader(data.splitlines()))[1:]


class TestScope:
    """Which labels are one."""

    def test_labels_of_the_whole_study_have_one_row(self) -> None:
        """A nurse and a hospital are the same in all interviews."""
        found = rows(
            said("P07", "Hello.", "{PERSON:Nurse 1} of {FACILITY:Hospital 2}", "{PERSON:Nurse 1}"),
            said("P08", "{PERSON:Nurse 1} and {PERSON:Nurse 10}, {PERSON:Nurse 2}", number=1),
        )
        assert found == [
            ["Hospital 2", "FACILITY", "study", "1", "P07_S1", "P07_S1", "2"],
            ["Nurse 1", "PERSON", "study", "3", "P07_S1 P08_S1", "P07_S1", "2"],
            ["Nurse 2", "PERSON", "study", "1", "P08_S1", "P08_S1", "1"],
            ["Nurse 10", "PERSON", "study", "1", "P08_S1", "P08_S1", "1"],
        ]

    def test_people_of_two_participants_are_two(self) -> None:
        """What is called Person 1 by both is not one person."""
        found = rows(said("P07", "{PERSON:Person 1}"), said("P08", "{PERSON:Person 1}", number=1))
        assert [row[:4] for row in found] == [
            ["Person 1", "PERSON", "P07", "1"],
            ["Person 1", "PERSON", "P08", "1"],
        ]

    def test_a_policy_that_shares_nothing(self) -> None:
        """Where nurses and places are numbered by participant, their rows are too."""
        apart = [
            said(code, "{PERSON:Nurse 1} {FACILITY:Clinic 1}", study_wide=(), number=number)
            for number, code in enumerate(("P07", "P08"))
        ]
        assert [row[2] for row in rows(*apart)] == ["P07", "P07", "P08", "P08"]

    def test_several_interviews_of_a_participant_are_one_row(self) -> None:
        """A brother is the same in the first and in the second interview."""
        one, other = said("P07", "{PERSON:P07's brother}"), said("P07", "{PERSON:P07's brother}")
        legend = Legend()
        legend.add("P07_S1", one)
        legend.add("P07_S2", other)
        [_, own] = legend.parts()
        assert own.participant == "P07"
        assert own.data == b"P07's brother,PERSON,P07,2,P07_S1 P07_S2,P07_S1,1\n"


class TestLabels:
    """What is a pseudonym."""

    @pytest.mark.parametrize(
        "label", ["Person 1", "Peer worker 12", "P07", "P07's friend 3", "P07's child-in-law"]
    )
    def test_pseudonyms(self, label: str) -> None:
        """Numbered labels, the participant, and the participant's people are."""
        assert [row[0] for row in rows(said("P07", f"so {{PERSON:{label}}} came"))] == [label]

    @pytest.mark.parametrize(
        ("kind", "label"),
        [
            *(("PHONE_NUMBER", "PHONE_NUMBER"), ("PERSON", "redacted"), ("LOCATION", "Johor")),
            *(("AGE", "aged 30-39"), ("AGE", "aged 90+"), ("DATE_TIME", "2019")),
            *(("DATE_TIME", "day -17"), ("DATE_TIME", "March 2019"), ("PERSON", "Siti Nur")),
            *(("DATE_TIME", "3 March 2019"), ("PERSON", "P08's brother"), ("PERSON", "=cmd 1")),
        ],
    )
    def test_what_names_nobody_is_none(self, kind: str, label: str) -> None:
        """Tags, masks, coarser values, and what has not the form of a label of ours."""
        assert rows(said("P07", f"so {{{kind}:{label}}} came")) == []

    def test_a_policy_may_number_dates(self) -> None:
        """A pseudonym of a date is told from a date."""
        assert [row[0] for row in rows(said("P07", "{DATE_TIME:Date time 3}"))] == ["Date time 3"]

    def test_a_correction_counts_as_it_was_approved(self) -> None:
        """What a reviewer restored is no label any more, and what was redacted is one."""
        run = said("P07", "{PERSON:Person 1} and Siti")
        changed = (
            Correction(CorrectionKind.RESTORE, 0, 0, 10, "", "Monday", "dr.lim"),
            Correction(CorrectionKind.REDACT, 0, 15, 19, "PERSON", "[Person 2]", "dr.lim"),
        )
        text = approved_text(approved(run, changed), run.segments)
        assert [row[0] for row in rows(text.transcript)] == ["Person 2"]

    def test_turns_are_those_of_the_files(self) -> None:
        """A segment without words is no turn; the turns of one speaker in a row are one."""
        one = said("P07", "Hello.", " ", "And?", "{PERSON:Person 1}")
        assert rows(one)[0][-2:] == ["P07_S1", "2"]
