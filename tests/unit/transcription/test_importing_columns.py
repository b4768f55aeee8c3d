# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from services.transcription.adapters.importing import columns
from services.transcription.domain.reading import Findings, Passage

Said = tuple[str | None, str, int | None, int | None]


def said(*rows: tuple[str, ...]) -> list[Said]:
    """Speaker, text and times of the passages of a table."""
    return [
        (one.speaker, one.text, one.start_ms, one.end_ms)
        for one in columns.passages(rows, Findings())
    ]


def noted(*rows: tuple[str, ...]) -> tuple[dict[str, int], list[str]]:
    """What is left out of a table, and the warnings."""
    findings = Findings()
    list(columns.passages(rows, findings))
    return dict(findings.left_out), [one.kind for one in findings.warnings]


class TestNames:
    @pytest.mark.parametrize(
        "names",
        [
            ("Time", "Speaker", "Text"),
            ("Timestamp", "Name", "Utterance"),
            ("START TIME", "Who", "What was said"),
            ("Masa", "Penutur", "Transkripsi"),
            ("时间", "发言人", "内容"),
            ("நேரம்", "பேச்சாளர்", "உரை"),
            ("start_time", "speaker_label", "transcript"),
            ("Timespan", "Speaker", "Content"),
            ("Time (hh:mm:ss)", "Speaker name", "Spoken text"),
            ("Start (s)", "Speaker:", "Dialogue"),
        ],
    )
    def test_names_in_four_languages(self, names: tuple[str, ...]) -> None:
        """Columns are known by their names, in whatever order they stand."""
        rows = [("0:03", "Hanim", "So?"), ("0:09", "Wei", "Well.")]
        expected = [("Hanim", "So?", 3000, None), ("Wei", "Well.", 9000, None)]
        assert said(names, *rows) == expected
        assert said(names[::-1], *(row[::-1] for row in rows)) == expected

    def test_spans_of_time(self) -> None:
        """A span has a start and an end; seconds without a sign are seconds."""
        assert said(
            ("Timespan", "Content", "Speaker"), ("0:00.0 - 0:05.5", "Hello there", "Wei")
        ) == [("Wei", "Hello there", 0, 5500)]
        assert said(("start", "end", "text"), ("1.5", "2", "Hello there")) == [
            (None, "Hello there", 1500, 2000)
        ]
        assert said(("start_ms", "end_ms", "text"), ("1500", "2000", "Hello there")) == [
            (None, "Hello there", 1500, 2000)
        ]

    def test_whole_numbers_of_milliseconds(self) -> None:
        """Whisper writes milliseconds without saying so; turns do not last so many seconds."""
        rows = (("start", "end", "text"), ("1000", "4000", "a b"), ("4500", "9000", "c d"))
        assert [one[2:] for one in said(*rows)] == [(1000, 4000), (4500, 9000)]
        rows = (("start", "end", "text"), ("1", "4", "a b"), ("4", "9", "c d"))
        assert [one[2:] for one in said(*rows)] == [(1000, 4000), (4000, 9000)]

    def test_times_of_the_day_are_offsets(self) -> None:
        """A clock time counts from the first one."""
        found = said(
            ("Time", "Speaker", "Text"), ("10:15:20 AM", "I", "a b"), ("10:16:21 AM", "P", "c d")
        )
        assert [one[2] for one in found] == [0, 61_000]

    def test_translations_and_notes_are_left_out(self) -> None:
        """They are counted, told, and no speech."""
        rows = (
            ("Speaker", "Text", "Translation (English)", "Notes"),
            ("I", "Apa khabar?", "How are you?", ""),
            ("P", "Baik", "Fine", "smiles"),
        )
        assert [one[1] for one in said(*rows)] == ["Apa khabar?", "Baik"]
        assert noted(*rows) == ({"headings": 1, "table_columns": 2}, ["columns_left_out"])

    def test_columns_of_languages(self) -> None:
        """Of two languages the first is what was said."""
        rows = (("Who", "Malay", "English"), ("I", "Apa khabar?", "How are you?"))
        assert said(*rows) == [("I", "Apa khabar?", None, None)]

    def test_a_column_for_each_speaker(self) -> None:
        """Columns that are called after roles or speakers hold what these said, in order."""
        rows = (
            ("Time", "Interviewer", "Participant"),
            ("0:01", "So?", ""),
            ("0:02", "", "Well."),
            ("0:05", "And then?", "Then nothing."),
        )
        assert said(*rows) == [
            ("Interviewer", "So?", 1000, None),
            ("Participant", "Well.", 2000, None),
            ("Interviewer", "And then?", 5000, None),
            ("Participant", "Then nothing.", 5000, None),
        ]

    def test_questions_and_answers(self) -> None:
        """Columns that are called after what their speakers do get the letters for it."""
        assert said(("Question", "Answer"), ("How so?", "Just so.")) == [
            ("Q", "How so?", None, None), ("A", "Just so.", None, None),
        ]  # fmt: skip

    def test_names_are_repeated_on_each_page(self) -> None:
        """The header of a later page is no turn; a second table may go on without one."""
        names = ("Speaker", "Text")
        assert said(names, ("I", "a b"), names, ("P", "c d")) == [
            ("I", "a b", None, None), ("P", "c d", None, None),
        ]  # fmt: skip
        tables = columns.Tables(Findings())
        list(tables.passages([columns.Row(names), columns.Row(("I", "a b"))]))
        assert [one.speaker for one in tables.passages([columns.Row(("Wei", "c d"))])] == ["Wei"]

    def test_lines_above_the_names(self) -> None:
        """What stands above the header is read as lines."""
        assert said(("Meeting", "Peer group"), ("Speaker", "Text"), ("I", "a b")) == [
            (None, "Meeting: Peer group", None, None), ("I", "a b", None, None),
        ]  # fmt: skip

    def test_an_answer_is_no_header(self) -> None:
        """Words that could name a column are talk behind a label."""
        for answer in ("No", "Time", "Who?", "some words"):
            assert ("P", answer, None, None) in said(
                ("P", answer), ("I", "And so?"), ("P", "Yes, so."), ("I", "Fine.")
            )


class TestContent:
    def test_numbers_times_and_speakers_without_names(self) -> None:
        """Numbers that go up, stamps, values that come again, and the most text."""
        rows = tuple(
            (str(number), f"00:00:{number:02}", who, f"some words of {who}")
            for number, who in enumerate(["Hanim", "Wei", "Hanim", "Wei"], 1)
        )
        assert said(*rows) == [
            (who, text, 1000 * int(number), None) for number, _, who, text in rows
        ]
        assert noted(*rows) == ({"table_columns": 1}, ["columns_guessed"])

    def test_rows_go_on(self) -> None:
        """A row without a speaker goes on with the one before, and nobody writes a colon in."""
        found = said(("I", "a b", "c d"), ("P", "e f", "g h"), ("", "i j", "k l"), ("I", "m", "n"))
        assert [one[:2] for one in found] == [
            ("I", "a b\nc d"), ("P", "e f\ng h"), ("P", "i j\nk l"), ("I", "m\nn"),
        ]  # fmt: skip

    def test_two_columns_of_talk(self) -> None:
        """Where rows fill one of two columns, each is a speaker's, by the names on top or none."""
        rows = (("So?", ""), ("", "Well."), ("And?", ""), ("", "Nothing."), ("Ok.", ""), ("", "Ok"))
        assert [one[0] for one in said(*rows)] == ["Speaker 1", "Speaker 2"] * 3
        assert [one[0] for one in said(("Hanim", "Wei"), *rows)] == ["Hanim", "Wei"] * 3

    def test_keys_and_values_are_lines(self) -> None:
        """A cover page is no talk of people called Date and Place."""
        assert said(("Date:", "3 March"), ("Place", "Clinic A"), ("Interviewer", "Hanim")) == [
            (None, "Date: 3 March", None, None),
            (None, "Place: Clinic A", None, None),
            (None, "Interviewer: Hanim", None, None),
        ]

    def test_a_code_is_no_name_of_a_column(self) -> None:
        """Who took part stands on a cover page; the rows below are not said by them."""
        assert said(("Interviewer", "Hanim"), ("Participant", "P07"), ("Date", "3 March")) == [
            (None, "Interviewer: Hanim", None, None),
            (None, "Participant: P07", None, None),
            (None, "Date: 3 March", None, None),
        ]

    def test_a_time_in_a_row_of_its_own(self) -> None:
        """It is that of the row below."""
        rows = (("00:01:00", ""), ("Hanim", "so it goes"), ("Wei", "it does"), ("Hanim", "and on"))
        assert [one[2] for one in said(*rows)] == [60_000, None, None]

    def test_labels_in_the_text(self) -> None:
        """Where no column has speakers the text is left as it is, for its labels to be found."""
        assert said(("0:01", "I: So?"), ("0:04", "P: Well.")) == [
            (None, "I: So?", 1000, None), (None, "P: Well.", 4000, None),
        ]  # fmt: skip

    def test_speakers_with_their_time(self) -> None:
        """A time in the cell of a speaker is the row's."""
        rows = (("Hanim 0:03", "So?"), ("Wei 0:09", "Well."), ("Hanim 0:12", "Ah."))
        assert said(*rows) == [
            ("Hanim", "So?", 3000, None), ("Wei", "Well.", 9000, None),
            ("Hanim", "Ah.", 12000, None),
        ]  # fmt: skip

    def test_times_that_are_none(self) -> None:
        """What stands in a column of times and is none stays in the text."""
        found = said(
            ("Time", "Speaker", "Text"), ("later", "I", "a"), ("0:04", "P", "b"), ("0:05", "I", "c")
        )
        assert found[0] == ("I", "later\na", None, None)

    @example([["P", "I", "Text"], ["I"], ["I"]])
    @given(
        st.lists(
            st.lists(st.sampled_from(["", "I", "P", "a b", "c d e", "0:01", "7", "No", "Text"]),
                     max_size=5),
            max_size=8,
        )
    )  # fmt: skip
    def test_nothing_is_lost(self, rows: list[list[str]]) -> None:
        """Every word of a table is in a passage, a label, a time, or counted as left out."""
        findings = Findings()
        found = list(columns.passages(rows, findings))
        words = sum(len(cell.split()) for row in rows for cell in row)
        times = sum(cell == "0:01" for row in rows for cell in row)
        speakers = {one.speaker for one in found}
        labels = sum(len(cell.split()) for row in rows for cell in row if cell in speakers)
        read = sum(len(one.text.split()) for one in found)
        assert read + findings.words_left_out + times + labels >= words
        for one in found:
            assert isinstance(one, Passage)
            for word in one.text.split():
                assert word.rstrip(":") in " ".join(cell for row in rows for cell in row)


class TestMoreNames:
    def test_when_and_who(self) -> None:
        """Everyday words are names of columns, and so are those of German programs."""
        expected = [("Hanim", "So you came?", 3000, None), ("Wei", "I came.", 9000, None)]
        rows = [("So you came?", "Hanim", "0:03"), ("I came.", "Wei", "0:09")]
        assert said(("What was said", "Who", "When"), *rows) == expected
        assert said(("Inhalt", "Sprecher", "Zeit"), *rows) == expected

    def test_annotations_of_a_tier(self) -> None:
        """ELAN exports what was said as annotations, and who said it as their tier."""
        rows = [("3", "5", "Hanim", "So you came?"), ("9", "11", "Wei", "I came.")]
        assert said(("begin", "end", "tier", "annotation"), *rows) == [
            ("Hanim", "So you came?", 3000, 5000), ("Wei", "I came.", 9000, 11000),
        ]  # fmt: skip

    def test_names_that_are_not_known(self) -> None:
        """A first row without a time, where all others have one, has the names of the columns."""
        rows = [("0:03", "Hanim", "So you came?"), ("0:09", "Wei", "I came."),
                ("0:12", "Hanim", "And then?")]  # fmt: skip
        found = said(("Aika", "Puhuja", "Puhe"), *rows)
        assert [one[:2] for one in found] == [row[1:] for row in rows]
        assert noted(("Aika", "Puhuja", "Puhe"), *rows)[0] == {"headings": 1}

    def test_frames_with_semicolons(self) -> None:
        """Premiere writes times of video that drops frames with semicolons."""
        names = ("Speaker Name", "Start Time", "End Time", "Text")
        rows = ("Speaker 1", "00;00;03;00", "00;00;08;00", "So you came?")
        assert said(names, rows) == [("Speaker 1", "So you came?", 3000, 8000)]
