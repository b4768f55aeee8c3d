# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.common.errors import InvalidInput
from services.corrections.model import RunCorrections
from services.release.domain.review_list import ReviewLister
from services.release.domain.reviews import Review, ReviewMode, ReviewState
from services.release.domain.transcript import RecordingName, Transcript
from tests.support.memory_zone import MemoryZone
from tests.support.release_builders import STUDY, recording_id, transcript


def zone(*risks: float) -> MemoryZone:
    """A zone with a transcript of each risk."""
    return MemoryZone([transcript(number=number, risk=risk) for number, risk in enumerate(risks)])


def decided(made: MemoryZone, number: int, state: ReviewState) -> None:
    """Decide on a transcript."""
    run = made.transcripts[number].summary
    made.put_review(STUDY, run, Review(run.run_key, state, "dr.lim"))


def names(made: MemoryZone, size: int = 0, state: ReviewState | None = None) -> list[str]:
    """The recordings of all pages, in order."""
    found, token = list[str](), ""
    while True:
        page = ReviewLister(made, made).page([STUDY], state, size, token)
        assert len(page.items) <= (size or 100)
        found += [one.summary.recording_id for one in page.items]
        token = page.next_token
        if not token:
            return found


class TestPage:
    """What reviewers see first."""

    def test_what_waits_first_by_risk(self) -> None:
        """Then what was rejected, and last what was approved."""
        made = zone(0.1, 0.9, 0.5, 0.7)
        decided(made, 1, ReviewState.APPROVED)
        decided(made, 3, ReviewState.REJECTED)
        assert names(made) == [recording_id(number) for number in (2, 0, 3, 1)]
        assert names(made, state=ReviewState.PENDING) == [recording_id(2), recording_id(0)]

    @given(st.lists(st.sampled_from([0.1, 0.2, 0.3]), max_size=12), st.integers(1, 5))
    def test_pages_hold_everything_once(self, risks: list[float], size: int) -> None:
        """Whatever the size, the pages together are the list."""
        made = zone(*risks)
        assert names(made, size) == names(made)
        assert len(names(made)) == len(risks)

    @pytest.mark.parametrize("token", ["x", "!!!", "W10=", "WzEsMl0=", "bnVsbA=="])
    def test_a_token_of_another_list(self, token: str) -> None:
        """Is refused."""
        made = zone(0.1)
        with pytest.raises(InvalidInput):
            ReviewLister(made, made).page([STUDY], None, 0, token)

    def test_tells_of_corrections_and_earlier_approvals(self) -> None:
        """An approval with corrections that nobody read counts as none."""
        made = zone(0.1)
        made.approve_all()
        run = made.transcripts[0].summary
        again = replace(run, run_key="0" * 32)
        made.transcripts.append(Transcript(again, made.transcripts[0].segments))
        [item] = ReviewLister(made, made).page([STUDY], None, 0, "").items
        assert (item.review.state, item.approved_before) == (ReviewState.PENDING, run.run_key)
        made.corrected["0" * 32] = RunCorrections((), (), 2)
        made.put_review(
            STUDY,
            again,
            Review("0" * 32, ReviewState.APPROVED, "dr.lim", corrections_generation=1),
        )
        [item] = ReviewLister(made, made).page([STUDY], None, 0, "").items
        assert item.review.state is ReviewState.PENDING

    def test_a_rule_counts_while_the_study_lets_it(self) -> None:
        """Whoever lists or reads sees that a study which asks for persons now has it waiting."""
        made = zone(0.1)
        made.mode = ReviewMode.AUTOMATIC
        made.approve_all("policy:research-default")
        lister, name = ReviewLister(made, made), RecordingName(STUDY, "P07", recording_id(0))
        assert lister.page([STUDY], ReviewState.APPROVED, 0, "").items
        made.mode = ReviewMode.REQUIRED
        [item] = lister.page([STUDY], None, 0, "").items
        assert item.review.state is ReviewState.PENDING
        assert lister.read(name, "").item.review.state is ReviewState.PENDING


class TestRead:
    """Reading one."""

    def test_the_newest_by_default(self) -> None:
        """With its reason, its corrections and its encoded segments."""
        made = zone(0.1)
        run = made.transcripts[0].summary
        made.put_review(
            STUDY, run, Review(run.run_key, ReviewState.REJECTED, "dr.lim", reason="a name")
        )
        name = RecordingName(STUDY, "P07", recording_id(0))
        read = ReviewLister(made, made).read(name, "")
        item, corrections, windows = read.item, read.corrections, read.windows
        assert (item.summary, item.review.reason) == (run, "a name")
        assert corrections == RunCorrections()
        assert len(windows[0]) == len(made.transcripts[0].segments)
