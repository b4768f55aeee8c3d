# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

from pathlib import Path

import pytest

from services.common.errors import InvalidInput, WrongUse
from services.intake.days import interview_days
from services.intake.name_pattern import NamePattern
from services.intake.planning import Given, plan_files, plan_list
from services.intake.reading_options import reading_options

PATTERN = "{participant}_{session}"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder with interviews of two participants."""
    for name in ("P07_1.txt", "P07_2.txt", "P08_1.txt"):
        (tmp_path / name).write_text("I: Hello.\n", "utf-8")
    return tmp_path


class TestFiles:
    def test_sessions_in_their_order(self, folder: Path) -> None:
        """Files that are named one by one are sessions N, N+1, ..., each with its day."""
        files = [folder / "P07_2.txt", folder / "P07_1.txt"]
        given = Given("P07", 4, ["2026-03-20", "2026-03-27"])

        plan = plan_files(files, None, given)

        assert [(one.path, one.session, one.date) for one in plan.interviews] == [
            (files[0], 4, "2026-03-20"),
            (files[1], 5, "2026-03-27"),
        ]
        assert plan.names == ["P07_2.txt", "P07_1.txt"]

    def test_by_their_names(self, folder: Path) -> None:
        """A pattern tells whose the files of a folder are; what it does not tell, options do."""
        plan = plan_files([folder], NamePattern(PATTERN), Given())
        one = plan_files(
            [folder / "P07_1.txt"], NamePattern("*_{session}"), Given(participant="P09")
        )

        assert [(i.participant, i.session) for i in plan.interviews] == [
            ("P07", 1), ("P07", 2), ("P08", 1),
        ]  # fmt: skip
        assert [(i.participant, i.session) for i in one.interviews] == [("P09", 1)]

    def test_names_that_do_not_fit_are_listed(self, folder: Path) -> None:
        """One name that does not fit stops all: the pattern may be the wrong one."""
        (folder / "notes of Siti.txt").write_text("x", "utf-8")
        with pytest.raises(
            InvalidInput, match=r"1 name does not fit .*: notes of Siti\.txt; nothing was sealed"
        ):
            plan_files([folder], NamePattern(PATTERN), Given())

    def test_days_by_names_are_checked(self, folder: Path) -> None:
        """A date of a name that is no day is told."""
        path = folder / "P07_2026-13-20.txt"
        path.write_text("x", "utf-8")
        with pytest.raises(InvalidInput, match="YYYY-MM-DD"):
            plan_files([path], NamePattern("{participant}_{date}"), Given())

    def test_several_files_and_no_session(self, folder: Path) -> None:
        """Which of several files is which interview is not guessed."""
        with pytest.raises(InvalidInput, match=r"several files of P07: put \{session\}"):
            plan_files([folder], NamePattern("{participant}_*"), Given())

    @pytest.mark.parametrize(
        ("pattern", "given", "says"),
        [
            (None, Given("P07"), "--name-pattern"),
            (None, Given(), "--name-pattern"),
            (PATTERN, Given("P07"), "do not give --participant"),
            (PATTERN, Given(session=2), "do not give --session"),
            (PATTERN, Given(dates=["2026-03-20"]), "put {date} in the pattern"),
            ("*_{session}", Given(), "give --participant"),
        ],
    )
    def test_what_does_not_say_enough(
        self, folder: Path, pattern: str | None, given: Given, says: str
    ) -> None:
        """A folder needs a pattern, and a pattern and an option must not say the same."""
        with pytest.raises(WrongUse, match=says):
            plan_files([folder], NamePattern(pattern) if pattern else None, given)

    def test_file_without_participant(self, folder: Path) -> None:
        """Nothing is sealed of nobody."""
        with pytest.raises(WrongUse, match="--participant CODE"):
            plan_files([folder / "P07_1.txt"], None, Given())

    def test_looking_needs_nothing(self, folder: Path) -> None:
        """A folder can be looked at before anybody knows whose its files are."""
        plan = plan_files([folder], None, Given(looks_only=True))
        assert [one.participant for one in plan.interviews] == ["", "", ""]


class TestList:
    def _list(self, folder: Path, rows: str) -> Path:
        path = folder / "list.csv"
        path.write_text(f"file,participant,session,encoding\n{rows}", "utf-8")
        return path

    def test_rows_before_options(self, folder: Path) -> None:
        """A row says whose its file is, and options what it leaves open."""
        path = self._list(folder, "P07_1.txt,P07,3,\nP08_1.txt,,,utf-16\n")
        options = reading_options("windows-1252", notes=True, speakers=["s1=Interviewer"])

        plan = plan_list(path, Given("P09", reading=options))

        first, second = plan.interviews
        assert (first.participant, first.session, second.participant) == ("P07", 3, "P09")
        assert (first.reading.encoding, second.reading.encoding) == ("cp1252", "utf-16")
        assert dict(second.reading.roles) == {"S1": "interviewer"}
        assert second.reading.append_notes
        assert plan.names == ["P07_1.txt", "P08_1.txt"]

    def test_speakers_of_rows_before_the_option(self, folder: Path) -> None:
        """How many people speak is said for each, or for all that say nothing."""
        path = folder / "list.csv"
        path.write_text("file,participant,speakers\nP07_1.txt,P07,3\nP08_1.txt,P08,\n", "utf-8")
        listed = plan_list(path, Given(speakers=2))
        named = plan_files([folder / "P07_1.txt"], None, Given("P07", speakers=2))

        assert [one.speakers for one in listed.interviews + named.interviews] == [3, 2, 2]

    def test_rows_that_do_not_say_enough(self, folder: Path) -> None:
        """Lines without a participant, or with one of several interviews of a person, are told."""
        path = self._list(folder, "a.txt,,1,\nb.txt,P07,,\nc.txt,P07,2,\n")
        with pytest.raises(
            InvalidInput, match=r"line 2: it names no participant; line 3: P07 .*no session"
        ):
            plan_list(path, Given())
        assert len(plan_list(path, Given(looks_only=True)).interviews) == 3

    def test_options_that_are_columns(self, folder: Path) -> None:
        """A session number for all rows would be wrong for all but one."""
        with pytest.raises(WrongUse, match="columns of the list"):
            plan_list(self._list(folder, "a.txt,P07,1,\n"), Given(session=2))


class TestReadingOptions:
    @pytest.mark.parametrize(
        ("given", "name"),
        [("", ""), ("windows-1252", "cp1252"), ("UTF8", "utf-8"), ("GBK", "gbk")],
    )
    def test_encodings(self, given: str, name: str) -> None:
        """Spellings of an encoding are one name: they read a file the same way."""
        assert reading_options(given, notes=False, speakers=[]).encoding == name

    @pytest.mark.parametrize("given", ["klingon", "zip", "rot13", "x" * 50, "utf\0", " "])
    def test_what_is_no_encoding(self, given: str) -> None:
        """What is no encoding of text is refused with examples."""
        with pytest.raises(InvalidInput, match="windows-1252"):
            reading_options(given, notes=False, speakers=[])

    @pytest.mark.parametrize("given", ["S1", "S0=interviewer", "Siti=interviewer", "S12345=x", "="])
    def test_what_is_no_speaker(self, given: str) -> None:
        """A name is no label: the report says S1, S2, and so does the option."""
        with pytest.raises(InvalidInput, match="S1=interviewer"):
            reading_options("", notes=False, speakers=[given])

    def test_role_with_its_nearest(self) -> None:
        """A role that is mistyped is told with the one that is meant."""
        with pytest.raises(InvalidInput, match="is participant meant"):
            reading_options("", notes=False, speakers=["S2=particpant"])


class TestInterviewDays:
    def test_one_for_each_file_or_none(self) -> None:
        """Each file has its own day, or nobody says any."""
        assert interview_days(["2026-03-04", "2026-03-11"], 2) == [
            "2026-03-04",
            "2026-03-11",
        ]
        assert interview_days([], 2) == ["", ""]
        with pytest.raises(InvalidInput, match="2 files and 1 date were"):
            interview_days(["2026-03-04"], 2)

    def test_not_tomorrow(self) -> None:
        """A wrong year is refused before anything is sealed."""
        with pytest.raises(InvalidInput, match="future"):
            interview_days(["2126-03-04"], 1)

    @pytest.mark.parametrize("day", ["20-03-2026", "2026-02-30", "yesterday", ""])
    def test_no_day(self, day: str) -> None:
        """What is no day is refused with the form that a day has."""
        with pytest.raises(InvalidInput, match="YYYY-MM-DD"):
            interview_days([day], 1)
