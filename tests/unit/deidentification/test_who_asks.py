# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

import re
from pathlib import Path

import pytest

from services.deidentification.domain.transcript import Turn
from services.deidentification.domain.who_asks import with_roles

INTERVIEWS = Path(__file__).parents[3] / "benchmarks" / "deid_by_hand"
_LINE = re.compile(r"(?P<who>[A-Z][0-9]?): (?P<said>.*)")


def turns(*said: tuple[str, str], times: int = 5) -> list[Turn]:
    """Return turns of speakers, so many times over."""
    return [Turn(text, speaker) for speaker, text in said * times]


def roles(said: list[Turn]) -> dict[str, str]:
    """Return the role of each speaker."""
    return {turn.speaker: turn.role for turn in with_roles(said)[0]}


ASKS, TELLS = ("S2", "And what was that like?"), ("S1", "It was hard. Nobody came, you know?")


class TestRoles:
    def test_one_of_two_asks(self) -> None:
        """Whoever asks is the interviewer, and the other one the participant."""
        answer = ("S1", "It was hard. Nobody came. I stayed alone, for weeks.")
        assert roles(turns(ASKS, answer)) == {"S2": "interviewer", "S1": "participant"}

    def test_of_three_the_others_are_not_told(self) -> None:
        """A patient and a relative may answer."""
        said = turns(ASKS, ("S1", "It was hard."), ("S3", "Yes lah."))
        assert roles(said) == {"S2": "interviewer", "S1": "", "S3": ""}

    @pytest.mark.parametrize(
        "said",
        [
            turns(ASKS, TELLS),  # both ask
            turns(ASKS, ("S1", "It was hard."), times=4),  # too few questions
            turns(("S2", "and what was that like"), ("S1", "it was hard")),  # no punctuation
            turns(ASKS),  # one voice
            [*turns(ASKS, ("S1", "It was hard.")), Turn("Hello.", "S1", "participant")],
            [],
        ],
    )
    def test_what_is_not_clear_is_left(self, said: list[Turn]) -> None:
        """No margin, too little of it, or a role that is known from elsewhere."""
        found, given = with_roles(said)
        assert not given
        assert found == tuple(said)


def test_who_asks_goes_before_who_talks_most() -> None:
    """A guess by talk is believed where nobody clearly asks, and what was told always."""
    guessed = [
        Turn("And what was that like?", "S1", "participant"),
        Turn("Fine.", "S2", "interviewer"),
    ] * 5
    found, taken = with_roles(guessed, are_guessed=True)
    assert (found[0].role, found[1].role, taken) == ("interviewer", "participant", True)
    assert with_roles(guessed) == (tuple(guessed), False)
    assert with_roles(guessed[:4], are_guessed=True) == (tuple(guessed[:4]), False)


@pytest.mark.parametrize("split", ["dev", "test", "train"])
def test_written_interviews(split: str) -> None:
    """In interviews of many hands nobody but who asks is taken for the interviewer."""
    told = 0
    for file in sorted((INTERVIEWS / split).glob("*.txt")):
        lines = filter(None, map(_LINE.match, file.read_text("utf-8").splitlines()))
        found = roles([Turn(line["said"], line["who"]) for line in lines])
        asking = {who for who, role in found.items() if role == "interviewer"}
        assert asking <= {"I"}, file.name
        told += len(asking)
    assert told
