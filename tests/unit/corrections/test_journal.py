# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.corrections import convert, journal
from services.corrections.decided import Decisions, position, undecided
from services.corrections.journal import NoSuchStep, StepBuiltUpon
from services.corrections.model import (
    Correction,
    CorrectionKind,
    Doubt,
    MarkedPlace,
    RoleCorrection,
    RunCorrections,
    SegmentText,
    Step,
    StepKind,
)
from tests.support.corrections import NOON

TEXTS = [
    SegmentText("Ahmad met Siti", (), (Doubt(0, 5, "name_like", 0.4), Doubt(10, 14, "tagged", 0.2)))
]


def redaction(segment: int, start: int, person: str = "dr.lim") -> Correction:
    """A redaction of two characters."""
    return Correction(
        CorrectionKind.REDACT, segment, start, start + 2, "PERSON", f"[P {start}]", person, NOON
    )


class Reviewers:
    """A run that several people correct, and a record of what they may not do."""

    def __init__(self) -> None:
        self.now = RunCorrections()
        self.at = NOON

    def _next(self) -> None:
        self.at += timedelta(seconds=1)

    def add(self, person: str, segment: int, start: int) -> None:
        """Redact a place, unless it is corrected."""
        self._next()
        one = redaction(segment, start, person)
        if not self.now.touch(*one.place):
            step = journal.next_step(self.now, StepKind.CORRECT, person, self.at, added=[one])
            self.now = journal.take(self.now, step)

    def remove(self, person: str, choice: int) -> None:
        """Take a correction back, where there is one."""
        self._next()
        if self.now.corrections:
            gone = self.now.corrections[choice % len(self.now.corrections)]
            step = journal.next_step(self.now, StepKind.REMOVE, person, self.at, removed=[gone])
            self.now = journal.take(self.now, step)

    def role(self, person: str, role: str) -> None:
        """Give a speaker a role, or the engine's back."""
        self._next()
        step = Step(
            len(self.now.journal) + 1,
            StepKind.ROLES,
            person,
            self.at,
            removed_roles=dict(self.now.roles),
            added_roles={"S1": RoleCorrection(role, person, self.at)} if role else {},
        )
        self.now = journal.take(self.now, step)

    def undo(self, person: str, number: int = 0) -> bool:
        """Undo; False where it is refused."""
        self._next()
        try:
            self.now = journal.take(self.now, journal.undo(self.now, person, self.at, number))
        except (NoSuchStep, StepBuiltUpon):
            return False
        return True

    def redo(self, person: str) -> bool:
        """Do again; False where it is refused."""
        self._next()
        try:
            self.now = journal.take(self.now, journal.redo(self.now, person, self.at))
        except (NoSuchStep, StepBuiltUpon):
            return False
        return True


PEOPLE = st.sampled_from(["dr.lim", "dr.tan"])
ACTS = st.lists(
    st.one_of(
        st.tuples(st.just("add"), PEOPLE, st.integers(0, 1), st.integers(0, 5)),
        st.tuples(st.just("remove"), PEOPLE, st.integers(0, 5)),
        st.tuples(st.just("role"), PEOPLE, st.sampled_from(["interviewer", "participant", ""])),
        st.tuples(st.just("undo"), PEOPLE, st.integers(0, 12)),
        st.tuples(st.just("undo"), PEOPLE),
        st.tuples(st.just("redo"), PEOPLE),
    ),
    max_size=25,
)


def said(one: RunCorrections) -> tuple[object, ...]:
    """What corrections say, without their moments, which are those of the last time."""
    return (
        [(part.kind, part.place, part.text, part.corrected_by) for part in one.corrections],
        {speaker: role.role for speaker, role in one.roles.items()},
    )


class TestReplay:
    """The journal alone tells what is applied."""

    @given(ACTS)
    def test_surviving_steps_make_what_stands(self, acts: list[tuple[str, ...]]) -> None:
        """Any steps, undone and done again by two people, leave what the steps that count make."""
        reviewers = Reviewers()
        for name, *arguments in acts:
            getattr(reviewers, name)(*arguments)
        made = RunCorrections()
        for one in journal.standing(reviewers.now.journal):
            made = journal.take(made, one.done)
        assert said(made) == said(reviewers.now)
        numbers = [step.number for step in reviewers.now.journal]
        assert numbers == list(range(1, len(numbers) + 1))

    @given(ACTS)
    def test_it_survives_being_written(self, acts: list[tuple[str, ...]]) -> None:
        """As a message and back it is the same."""
        reviewers = Reviewers()
        for name, *arguments in acts:
            getattr(reviewers, name)(*arguments)
        message = convert.corrections_message("0" * 32, b"x" * 32, reviewers.now)
        assert convert.run_corrections(message) == reviewers.now


class TestUndo:
    """What may be undone and done again."""

    def test_the_newest_own_step_goes_first(self) -> None:
        """Another person's step stays."""
        reviewers = Reviewers()
        reviewers.add("dr.lim", 0, 0)
        reviewers.add("dr.tan", 0, 10)
        assert reviewers.undo("dr.lim")
        assert [one.start for one in reviewers.now.corrections] == [10]
        assert not reviewers.undo("dr.lim")

    def test_what_others_built_on_stays(self) -> None:
        """The answer names the step and the person."""
        reviewers = Reviewers()
        reviewers.add("dr.lim", 0, 0)
        reviewers.remove("dr.tan", 0)
        with pytest.raises(StepBuiltUpon, match=r"step 1 .* before step 2, by dr\.tan"):
            journal.undo(reviewers.now, "dr.lim", NOON)
        assert reviewers.undo("dr.tan")
        assert reviewers.undo("dr.lim")

    def test_a_new_step_ends_doing_again(self) -> None:
        """As everywhere."""
        reviewers = Reviewers()
        reviewers.add("dr.lim", 0, 0)
        assert reviewers.undo("dr.lim")
        assert reviewers.redo("dr.lim")
        assert reviewers.undo("dr.lim")
        reviewers.add("dr.lim", 0, 4)
        assert not reviewers.redo("dr.lim")

    def test_what_comes_back_is_of_now(self) -> None:
        """Whether it is carried to another run is told by its moment."""
        reviewers = Reviewers()
        reviewers.add("dr.lim", 0, 0)
        reviewers.remove("dr.lim", 0)
        assert reviewers.undo("dr.lim")
        assert reviewers.now.corrections[0].corrected_at == reviewers.at


def marked(kind: StepKind, *places: MarkedPlace) -> RunCorrections:
    """Corrections after one step about places."""
    step = Step(1, kind, "dr.lim", NOON, places=places)
    return journal.take(RunCorrections(), step)


class TestDecided:
    """Which doubtful places are decided."""

    def test_accepting_decides_one(self) -> None:
        """That place, and not the other."""
        now = marked(StepKind.ACCEPT, MarkedPlace(0, 0, 5))
        assert [one.start for _, one in undecided(TEXTS, now)] == [10]
        assert Decisions(now.journal).accepts(0, 0, 5)
        assert position(now.journal, "dr.lim") == 0

    def test_a_clear_turn_decides_all_in_it(self) -> None:
        """Skipping decides none."""
        assert not undecided(TEXTS, marked(StepKind.NOTHING_HERE, MarkedPlace(0)))
        assert len(undecided(TEXTS, marked(StepKind.SKIP, MarkedPlace(0, 0, 5)))) == 2

    def test_undoing_opens_it_again(self) -> None:
        """It is to be decided."""
        now = marked(StepKind.ACCEPT, MarkedPlace(0, 0, 5))
        now = journal.take(now, journal.undo(now, "dr.lim", NOON))
        assert len(undecided(TEXTS, now)) == 2

    def test_a_doubtful_wording_is_one_more(self) -> None:
        """Until it is accepted as it stands; what was accepted before it says nothing of it."""
        wording = Correction(
            CorrectionKind.WORDING, 0, 6, 9, "", "saw", "dr.lim", NOON,
            doubts=(Doubt(0, 3, "unknown_word", 0.3),),
        )  # fmt: skip
        now = marked(StepKind.NOTHING_HERE, MarkedPlace(0))
        step = journal.next_step(now, StepKind.CORRECT, "dr.lim", NOON, added=[wording])
        now = journal.take(now, step)
        assert [one.reason for _, one in undecided(TEXTS, now)] == ["unknown_word"]
        accepted = Step(3, StepKind.ACCEPT, "dr.lim", NOON, places=(MarkedPlace(0, 6, 9),))
        assert not undecided(TEXTS, journal.take(now, accepted))
