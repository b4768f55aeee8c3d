# SPDX-License-Identifier: Apache-2.0
"""Roles of speakers by a reviewer, and who is the same speaker in the next run."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.corrections.model import RoleCorrection, SegmentText
from services.corrections.roles import carry_roles, engine_roles, role_of
from tests.support.corrections import NOON, segments

RUN = "a" * 32
ASKS = RoleCorrection("interviewer", "dr.lim", NOON)
TELLS = RoleCorrection("participant", "dr.lim", NOON)
TALK = (
    ("S1", "Good morning, how did you sleep?"),
    ("S2", "Not at all, the whole ward was loud."),
    ("S1", "And the days before?"),
    ("S2", "Better, since my sister came along."),
)


def carried(
    old: tuple[tuple[str, str], ...],
    roles: dict[str, RoleCorrection],
    new: tuple[tuple[str, str], ...],
    by_itself: str = "",
) -> tuple[dict[str, str], list[str]]:
    """The roles of the new run by label, and the labels of those that are lost."""
    kept, lost = carry_roles(
        [SegmentText(text) for _, text in old],
        [speaker for speaker, _ in old],
        roles,
        [SegmentText(text) for _, text in new],
        [(speaker, by_itself) for speaker, _ in new],
        RUN,
    )
    return {speaker: one.role for speaker, one in kept.items()}, sorted(lost)


class TestRoleOf:
    """Who says the role of a speaker."""

    def test_the_reviewer_before_the_engine(self) -> None:
        """And the engine of whoever the reviewer said nothing."""
        assert role_of("S1", "participant", {"S1": ASKS}) == "interviewer"
        assert role_of("S2", "participant", {"S1": ASKS}) == "participant"

    def test_a_speaker_of_two_roles_has_none(self) -> None:
        """Speakers stand in the order of their appearance."""
        found = engine_roles([("S2", "participant"), ("S1", "interviewer"), ("S1", "")])
        assert list(found.items()) == [("S2", "participant"), ("S1", "")]


class TestCarryRoles:
    """A role goes to the speaker who says the same words."""

    @given(
        st.lists(st.tuples(st.sampled_from(["S1", "S2", "S3"]), segments()), min_size=1),
        st.permutations(["S1", "S2", "S3"]),
    )
    def test_the_same_words_carry_all(
        self, parts: list[tuple[str, SegmentText]], labels: list[str]
    ) -> None:
        """Whatever label the speaker has there; each names the run and the person."""
        texts = [text for _, text in parts]
        there = dict(zip(["S1", "S2", "S3"], labels, strict=True))
        given_ = {speaker: TELLS for speaker, _ in parts}
        kept, lost = carry_roles(
            *(texts, [one for one, _ in parts], given_),
            *(texts, [(there[one], "") for one, _ in parts], RUN),
        )
        assert lost == {}
        assert set(kept) == {there[speaker] for speaker in given_}
        assert set(kept.values()) == {RoleCorrection("participant", "dr.lim", NOON, RUN)}

    def test_labels_that_changed(self) -> None:
        """A greeting that is heard now makes the other one the first speaker."""
        new = (("S1", "Hello?"), *(("S2" if who == "S1" else "S1", said) for who, said in TALK))
        assert carried(TALK, {"S1": ASKS, "S2": TELLS}, new) == (
            {"S2": "interviewer", "S1": "participant"},
            [],
        )

    @pytest.mark.parametrize(
        "new",
        [
            (("S1", "Something else was recorded."),),
            tuple(("S1", said) for _, said in TALK),
            (("S1", "Good morning, how did"), ("S2", "you sleep?"), ("S3", "And the days before?")),
        ],
        ids=["other words", "voices joined", "voices parted"],
    )
    def test_who_is_not_the_same_is_lost(self, new: tuple[tuple[str, str], ...]) -> None:
        """Who says half of the words or less, or among whose words half are another's."""
        assert carried(TALK, {"S1": ASKS}, new) == ({}, ["S1"])

    def test_what_the_new_run_says_by_itself(self) -> None:
        """It needs no reviewer any more."""
        assert carried(TALK, {"S1": ASKS}, TALK, "interviewer") == ({}, [])

    def test_carried_twice(self) -> None:
        """It names the run that it was made on, and not the one in between."""
        texts, speakers = [SegmentText("Yes.")], ["S1"]
        first, _ = carry_roles(texts, speakers, {"S1": TELLS}, texts, [("S1", "")], RUN)
        again, _ = carry_roles(texts, speakers, first, texts, [("S1", "")], "b" * 32)
        assert again == first
