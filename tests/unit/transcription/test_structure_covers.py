# SPDX-License-Identifier: Apache-2.0
"""What stands before and behind the talk: covers, titles, notes of programs, ends, pages."""

from __future__ import annotations

import pytest

from tests.support.reading import read_all, turns_of

LETTERS = "I: How was it?\nP: Fine lah.\nI: And the week?\nP: Long.\n"
NAMES = LETTERS.replace("I:", "Farah:").replace("P:", "Kumar:")


def said(text: str, name: str = "a.txt") -> list[str]:
    """Text of each turn."""
    return [turn.text for turn in turns_of(text.encode(), name)]


COVERS = [
    "Participant ID: P12\nDate: 3/4/2026\nInterviewer: Farah\n\n",
    "Participant ID = P12\nDate = 3/4/2026\nInterviewer = Farah\n\n",
    "Participant ID\tP12\nDate\t3/4/2026\nInterviewer\tFarah\n\n",
    "Participant ID - P12\nDate – 3/4/2026\nInterviewer - Farah\n\n",
    "Age: 41\nSex: F\nDiagnosis: depression\nMedication: sertraline 50 mg\nOccupation: cook\n\n",
    "Project: Voices\nPI: Dr Farah Lim\nMoney from: nobody\nTranscriber: Siti\n\n",
    "访谈记录\n访谈日期：2026年4月3日\n地点：诊所\n参与者编号：P12\n\n",
    "Transcription conventions\nI: Interviewer\nP: Participant\n(.) short pause\n[ ] overlap\n\n",
    "Meeting Recording\nApril 3, 2026, 2:15AM\n12m 40s\n\nFarah Lim started transcription\n\n",
    "Interview 4\n\nSUMMARY KEYWORDS\nclinic, sister\n\nSPEAKERS\nFarah Lim, Kumar Veloo\n\n",
    "Attendees\nFarah Lim, Kumar Veloo\n\nTranscript\n00:00:00\n\n",
    "[music]\n\n",
    "Speaker\tText\n",
]

ENDS = [
    "End of interview", "[Recording stops]", "(Interview ends)", "--- END ---", "END",
    "*** END OF TRANSCRIPT ***", "[00:12:40] End of audio", "Tamat temubual", "访谈结束",
    "Transcribed by https://otter.example", "Checked by Farah Lim",
]  # fmt: skip


@pytest.mark.parametrize("talk", [LETTERS, NAMES], ids=["letters", "names"])
@pytest.mark.parametrize("cover", COVERS, ids=lambda text: text.split("\n")[0])
def test_what_stands_before_the_talk_is_nobodys(cover: str, talk: str) -> None:
    """Nothing of a cover is in a turn, and all of it is counted."""
    turns, reading = read_all((cover + talk).encode(), "a.txt")
    assert [turn.text for turn in turns] == said(talk)
    assert reading.left_out == {"cover_lines": sum(map(bool, cover.split("\n")))}


@pytest.mark.parametrize("end", ENDS)
def test_what_stands_behind_the_talk_is_nobodys(end: str) -> None:
    """What says that the talk ended, or who wrote it down, is counted and in no turn."""
    turns, reading = read_all(f"{LETTERS}\n{end}\n".encode(), "a.txt")
    assert [turn.text for turn in turns] == said(LETTERS)
    assert reading.left_out == {"cover_lines": 1}


@pytest.mark.parametrize(
    "text",
    [
        "ID 07: How are you?\nRA: Fine.\nID 07: And work?\nRA: None.\n",
        "Interviewer: Name?\nPatient: Kumar\nInterviewer: Age?\nPatient: 41\n",
        "Patient: My name: a long story\nDoctor: and the date: when\nPatient: Date: 1990\n",
        "Can you hear me? We start now.\n\n" + LETTERS,
        "good to see you\n" + LETTERS,
        LETTERS + "The recording is long\nand the end of it all\n",
        LETTERS + "end\n",
    ],
)
def test_talk_is_no_cover(text: str) -> None:
    """What may be talk is kept, every word of it."""
    turns, reading = read_all(text.encode(), "a.txt")
    assert reading.words_left_out == 0
    found = " ".join(f"{turn.speaker}: {turn.text}" for turn in turns)
    assert set(text.split()) <= set(found.split())


@pytest.mark.parametrize("cover", ["", COVERS[0], COVERS[4]], ids=["none", "study", "person"])
@pytest.mark.parametrize(
    ("talk", "first"),
    [
        ("{Moderator} The note: I was tired\n{P1} oh\n{Moderator} so\n{P1} ya\n", "The note: I"),
        ("Moderator | My age: old\nP1 | oh\nModerator | so\nP1 | ya\n", "My age: old"),
        ("Interviewer: And #00:00:03-1#\nP: no #00:00:05-1#\nInterviewer: ok #00:00:09#\n", "And"),
        ("Interviewer: [00:00:03] Day 1\nP12: [00:00:09] so\nInterviewer: [00:00:19] y\n", "Day 1"),
        ("Interviewer 00:00:03\nGood\n\nP12 00:00:08\nhi\n\nInterviewer 00:00:19\nok\n", "Go"),
        ("INTERVIEWER | Cook\nMOTHER | Sometimes\nINTERVIEWER | Why\nMOTHER | Because\n", "Cook"),
        ("访谈者\n\nMother.\n\nP12\n\nwell\n\n访谈者\n\nso\n\nP12\n\nya\n", "Mother."),
        ("farah\nhello there\n\nkumar\nhi\n\nfarah\nhow is it\n\nkumar\nso so\n", "hello there"),
    ],
)  # fmt: skip
def test_the_first_turn_is_no_cover(cover: str, talk: str, first: str) -> None:
    """However the first turn looks, it stays, behind a cover and without one."""
    turns, reading = read_all((cover + talk).encode(), "a.txt")
    assert turns[0].text.startswith(first)
    assert turns[0].speaker
    assert set(reading.left_out) <= {"cover_lines"}
    assert reading.left_out.get("cover_lines", 0) == sum(map(bool, cover.split("\n")))


def test_headers_of_pages_in_the_middle_of_a_turn() -> None:
    """A title that comes again beside page numbers is left out wherever it stands."""
    text = (
        "P12 talk\n\nI: What now?\nP: So\nPage 1 of 2\nP12 talk\nit goes.\nI: Good.\nPage 2 of 2\n"
    )
    assert said(text) == ["What now?", "So it goes.", "Good."]


def test_lines_that_are_numbered_in_fives() -> None:
    """Numbers that say at every fifth line how many there are do not stay in the text."""
    lines = ["I: one", "P: two", "I: three", "P: four", "I: five", "P: six", "seven", "eight"]
    lines += ["I: nine", "P: ten"]
    text = "\n".join(f"{n} {one}" if n % 5 == 0 else one for n, one in enumerate(lines, 1))
    assert said(text)[4:] == ["five", "six seven eight", "nine", "ten"]


def test_questions_and_answers_that_go_on() -> None:
    """Letters with a full stop begin turns of several lines where one asks and one answers."""
    text = "Q.  Where do\nyou live?\nA.  In a house\nnear the\nriver.\nQ.  Since when?\nA.  Long.\n"
    assert said(text) == [
        "Where do you live?",
        "In a house near the river.",
        "Since when?",
        "Long.",
    ]
