# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

import csv
import io

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.transcription.adapters.importing import delimited
from services.transcription.domain.turns import Turn
from services.transcription.errors import BadTranscript, TooLarge
from tests.support.reading import read_all, turns_of

TURNS = [Turn("Hanim", "So, well; and?", 3000), Turn("Wei", "Nothing.", 9000)]


class TestCells:
    @pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
    def test_delimiters(self, delimiter: str) -> None:
        """What separates the cells is found out, with commas and semicolons in the talk."""
        target = io.StringIO()
        writer = csv.writer(target, delimiter=delimiter)
        writer.writerows(
            [
                ["Time", "Speaker", "Text"],
                ["0:03", "Hanim", "So, well; and?"],
                ["0:09", "Wei", "Nothing."],
            ]
        )
        assert turns_of(target.getvalue().encode(), "a.csv") == TURNS

    def test_a_line_that_says_so(self) -> None:
        """Excel names its separator in a line of its own."""
        text = "sep=;\nSpeaker;Text\nI;one, two, three\nP;four, five\n"
        assert [one.text for one in turns_of(text.encode("utf-16"), "a.csv")] == [
            "one, two, three", "four, five",
        ]  # fmt: skip

    def test_cells_of_several_lines(self) -> None:
        """A quoted cell may have lines, and quotation marks in it."""
        text = 'Speaker,Text\nI,"one\ntwo ""three"" four"\nP,five six\n'
        assert [one.text for one in turns_of(text.encode(), "a.csv")] == [
            'one two "three" four', "five six",
        ]  # fmt: skip

    def test_a_quotation_mark_that_is_never_closed(self) -> None:
        """It costs nothing but itself."""
        text = 'Speaker,Text\nI,"so she said\n' + "P,yes I see\nI,and then\n" * 200
        found = turns_of(text.encode(), "a.csv")
        assert len(found) == 401
        assert (found[1].speaker, found[1].text) == ("P", "yes I see")

    def test_no_header(self) -> None:
        """Without names of columns their content tells."""
        rows = "".join(f"{at},0:0{at},{who},words of {who}\n" for at, who in enumerate("ABAB", 1))
        assert [(one.speaker, one.start_ms) for one in turns_of(rows.encode(), "a.csv")] == [
            ("A", 1000), ("B", 2000), ("A", 3000), ("B", 4000),
        ]  # fmt: skip

    @given(
        st.lists(
            st.text(st.sampled_from('ab ,;"|\n'), min_size=1).map(str.strip).filter(str.split),
            min_size=1, max_size=5,
        )
    )  # fmt: skip
    def test_what_was_written_is_read(self, said: list[str]) -> None:
        """Any text survives in its cell."""
        target = io.StringIO()
        writer = csv.writer(target)
        writer.writerow(["Speaker", "Text"])
        writer.writerows((f"Speaker {at % 2}", f"word {text}") for at, text in enumerate(said))
        found = turns_of(target.getvalue().encode(), "a.csv")
        assert " ".join(one.text for one in found).split() == [
            word for text in said for word in ["word", *text.split()]
        ]


class TestRefusals:
    @pytest.mark.parametrize(
        "text",
        ["id,age,score\n1,34,5\n2,41,9\n", "1,2,3\n4,5,6\n", "code,sex\nP01,F\nP02,M\nP03,F\n"],
    )
    def test_a_table_without_speech(self, text: str) -> None:
        """A table of figures is refused by name."""
        with pytest.raises(BadTranscript, match="table without speech"):
            turns_of(text.encode(), "a.csv")

    def test_limits(self) -> None:
        """Rows and columns are bounded before they fill the memory."""
        with pytest.raises(TooLarge, match="rows"):
            turns_of(b"Speaker,Text\n" + b"I,a b\n" * 200_001, "a.csv")
        with pytest.raises(BadTranscript, match="columns"):
            turns_of(b"Speaker,Text\n" + b"," * 2_000_000, "a.csv")


class TestRecognition:
    def test_names_of_columns(self) -> None:
        """A text whose first lines name columns is a table, whatever its suffix; talk is none."""
        data = b"Time\tSpeaker\tText\n0:01\tI\tSo?\n0:02\tP\tWell.\n"
        assert read_all(data, "a.txt")[1].form == "tsv"
        assert read_all(data.replace(b"\t", b","), "a.txt")[1].form == "csv"

    @pytest.mark.parametrize(
        "text",
        [
            "I: Well, yes, no.\nP: Time, text, no?\n",
            "I\tHello\nP\tNo\n",
            "00:00:04\tI\ta.\n00:00:09\tP\ta.\n",
            "I\tA.\nP\tQ.\n",
            "Speaker, time, text\n\nI: These are the words of the next task.\nP: Yes.\n",
        ],
    )
    def test_talk_is_no_table(self, text: str) -> None:
        """Commas and tabs in talk make no table of it."""
        assert delimited.looks_like(text) == ""


def test_a_survey_is_no_talk() -> None:
    """A column that is called after the participant, with codes in it, is no speech."""
    with pytest.raises(BadTranscript, match="a table without speech"):
        read_all(b"Respondent,Q1,Q2\nP1,Yes,No\nP2,No,No\n", "survey.csv")
