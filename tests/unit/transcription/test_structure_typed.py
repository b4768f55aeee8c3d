# SPDX-License-Identifier: Apache-2.0
"""Labels as people type them: signs, capitals, numbers, questions and answers, pronouns."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.transcription.domain.transcript import Role
from tests.support.reading import read_all, turns_of

SAID = ("How was the week?", "Not so good lah.", "What happened?", "My son fell ill.")


def of(text: str, name: str = "a.txt") -> list[tuple[str, str]]:
    """Speaker and text of each turn."""
    return [(turn.speaker, turn.text) for turn in turns_of(text.encode(), name)]


def expected(left: str, right: str) -> list[tuple[str, str]]:
    """The four turns of two speakers."""
    return [((left, right)[number % 2], said) for number, said in enumerate(SAID)]


def written(shape: str, left: str, right: str) -> str:
    """Four turns of two speakers in a shape with {name}, {said}, {time} and {number}."""
    return "".join(
        shape.format(name=name, said=said, time=f"00:0{n}:10", short=f"0:{n}5", number=n)
        for n, (name, said) in enumerate(expected(left, right), 1)
    )


class TestSigns:
    @pytest.mark.parametrize("labels", [("I", "P"), ("Farah", "Kumar Veloo"), ("INT", "P07")])
    @pytest.mark.parametrize("sign", ["; ", "> ", ">> ", "/ ", "| ", "=> ", ">", "|", ". "])
    def test_what_parts_label_and_text(self, sign: str, labels: tuple[str, str]) -> None:
        """Any sign that stands behind the labels of most lines parts them from the text."""
        assert of(written("{name}" + sign + "{said}\n", *labels)) == expected(*labels)

    def test_letters_with_a_hyphen(self) -> None:
        """A hyphen without spaces parts letters from the text."""
        assert of(written("{name}-{said}\n", "I", "P")) == expected("I", "P")

    @pytest.mark.parametrize("labels", [("INTERVIEWER", "MOTHER"), ("FARAH D", "P07"), ("I", "P")])
    def test_capitals_need_no_sign(self, labels: tuple[str, str]) -> None:
        """Labels in capitals that begin the lines are labels."""
        assert of(written("{name} {said}\n", *labels)) == expected(*labels)

    def test_lines_that_begin_with_capitals_are_talk(self) -> None:
        """Where words in capitals do not come again, or all is in capitals, nothing is a label."""
        for text in (
            "I was ill.\nA nurse came.\nI slept.\nA nurse went.\n",
            "CLINIC days are long.\nHOME is better.\nTHE bus is late.\nWORK is far.\n",
            "WE WENT HOME\nNO MONEY LEFT\nWE WENT BACK\nNO FOOD\n",
        ):
            assert {speaker for speaker, _ in of(text)} == {""}

    @pytest.mark.parametrize("labels", [("me", "Kumar"), ("Me", "Him"), ("Ah Hock", "Ah Moi")])
    def test_pronouns_and_names_that_begin_like_them(self, labels: tuple[str, str]) -> None:
        """Pronouns that come again before a colon are labels."""
        assert of(written("{name}: {said}\n", *labels)) == expected(*labels)

    @pytest.mark.parametrize("labels", [("PM", "PS"), ("Int", "Meal"), ("Farah", "Tea")])
    def test_two_that_take_turns(self, labels: tuple[str, str]) -> None:
        """Two labels that take turns in the whole file are speakers, whatever the words mean."""
        assert of(written("{name}: {said}\n", *labels)) == expected(*labels)

    def test_a_slip_of_the_pen(self) -> None:
        """A role with a wrong letter begins a turn."""
        text = "Interviewer: hello\nParticipant: hi\nInterviewer: well\nParticpant: good\n"
        assert of(text)[-1] == ("Particpant", "good")

    def test_everybody_speaks_once(self) -> None:
        """Names beside roles are speakers where each line begins with another one."""
        text = "Interviewer: shall we begin\nMother: yes please\nPatient: okay\n"
        assert [speaker for speaker, _ in of(text)] == ["Interviewer", "Mother", "Patient"]


class TestNumbers:
    @pytest.mark.parametrize(
        "shape", ["{number}. {name}: {said}\n", "{number}) {name}: {said}\n",
                  "[{number}] {name}: {said}\n"]
    )  # fmt: skip
    def test_numbers_of_turns(self, shape: str) -> None:
        """The number of a turn is no part of its label."""
        for labels in (("INTERVIEWER", "MOTHER"), ("Farah", "Kumar Veloo")):
            assert of(written(shape, *labels)) == expected(*labels)

    @pytest.mark.parametrize(
        "words", [("Q", "A"), ("Question ", "Answer "), ("Soalan ", "Jawapan "), ("问题", "回答")]
    )
    def test_questions_that_are_counted(self, words: tuple[str, str]) -> None:
        """Numbers of questions and answers are no voices."""
        ask, answer = words
        text = "".join(f"{ask}{n}: what is it\n{answer}{n}: nothing much\n" for n in range(1, 4))
        turns = turns_of(text.encode(), "a.txt")
        assert [turn.role for turn in turns] == [Role.INTERVIEWER, Role.PARTICIPANT] * 3
        assert {turn.speaker for turn in turns} == {"Q", "A"}

    def test_voices_that_are_counted(self) -> None:
        """Numbers that come again are voices."""
        text = "Q1: what\nA: it\nQ2: why\nA: because\nQ1: when\nA: then\n"
        assert {speaker for speaker, _ in of(text)} == {"Q1", "A", "Q2"}


class TestOneLine:
    def test_answers_behind_questions(self) -> None:
        """A role behind the end of a sentence begins a turn, where the file has it as a role."""
        text = "Q: How was it? A: Fine.\nQ: And now? A: Better: much. Really.\n"
        assert of(text) == [
            ("Q", "How was it?"), ("A", "Fine."), ("Q", "And now?"), ("A", "Better: much. Really."),
        ]  # fmt: skip

    def test_what_is_quoted_stays(self) -> None:
        """One such place, or a label that nobody has, is what somebody says."""
        text = "I: what did he say?\nP: He shouted. Father: go! I ran. Ali: stay! I: no.\nI: okay\n"
        assert len(of(text)) == 3

    @given(st.lists(st.sampled_from(["Q: a b?", "A: c.", "d e", "P: f!", "I: g", "\n"])))
    def test_no_word_goes(self, parts: list[str]) -> None:
        """However labels stand, each word is in a turn, a label or counted."""
        text = " ".join(parts) + "\nlast word\n"
        turns, reading = read_all(text.encode(), "a.txt")
        found = "".join(turn.speaker + turn.text for turn in turns)
        if not reading.words_left_out:
            assert {c for c in text if c.isalpha()} <= set(found)


class TestTimes:
    @pytest.mark.parametrize(
        "shape", ["{name} @ {time}: {said}\n", "{name}, {time}: {said}\n",
                  "{name} [min {time}]: {said}\n", "{time};{name};{said}\n",
                  "{time}|{name}|{said}\n", "{name} {short}\n{said}\n\n",
                  "{short} {name}\n{said}\n", "{name}, [20 Mar 2026 at {time} AM]:\n{said}\n\n",
                  "[Mar 20, 2026 {time}] {name}: {said}\n"]
    )  # fmt: skip
    @pytest.mark.parametrize("labels", [("Farah", "Kumar Veloo"), ("farah d", "kumar")])
    def test_times_beside_labels(self, shape: str, labels: tuple[str, str]) -> None:
        """A time is read in whatever way it stands beside a label, in capitals or not."""
        turns = turns_of(written(shape, *labels).encode(), "a.txt")
        assert [(turn.speaker, turn.text) for turn in turns] == expected(*labels)
        times = [turn.start_ms for turn in turns]
        assert None not in times
        assert times == sorted(times, key=lambda time: time or 0)
