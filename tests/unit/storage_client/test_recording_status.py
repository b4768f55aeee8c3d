# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

import itertools
from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.storage_client.recording_status import (
    status_label,
    status_name,
    status_of,
)
from sotto.storage.v1 import catalog_pb2, review_pb2
from sotto.storage.v1.catalog_pb2 import RecordingState, RecordingStatus, TranscriptState

SEALED = RecordingStatus.RECORDING_STATUS_SEALED
TRANSCRIBING = RecordingStatus.RECORDING_STATUS_TRANSCRIBING
TRANSCRIBED = RecordingStatus.RECORDING_STATUS_TRANSCRIBED
DEIDENTIFIED = RecordingStatus.RECORDING_STATUS_DEIDENTIFIED
NEEDS_REVIEW = RecordingStatus.RECORDING_STATUS_NEEDS_REVIEW
APPROVED = RecordingStatus.RECORDING_STATUS_APPROVED
REJECTED = RecordingStatus.RECORDING_STATUS_REJECTED
RELEASED = RecordingStatus.RECORDING_STATUS_RELEASED
FAILED = RecordingStatus.RECORDING_STATUS_FAILED
ERASED = RecordingStatus.RECORDING_STATUS_ERASED

UNDECIDED = None
PENDING = review_pb2.REVIEW_STATE_PENDING
APPROVE = review_pb2.REVIEW_STATE_APPROVED
REJECT = review_pb2.REVIEW_STATE_REJECTED

ReviewState = review_pb2.ReviewState | None

# What the clinical zone holds, where the research zone holds nothing: whether a run is in progress,
# and whether one is finished.
CLINICAL = {
    (False, False): SEALED,
    (True, False): TRANSCRIBING,
    (False, True): TRANSCRIBED,
    (True, True): TRANSCRIBED,
}

# The newest run of the research zone: its review, and whether it is in a release.
RESEARCH = {
    (UNDECIDED, False): DEIDENTIFIED,
    (PENDING, False): NEEDS_REVIEW,
    (APPROVE, False): APPROVED,
    (REJECT, False): REJECTED,
    # Released by version 0.1, whose approvals by policy are no reviews.
    (UNDECIDED, True): RELEASED,
    (APPROVE, True): RELEASED,
    # Corrected, or rejected, after a release.
    (PENDING, True): NEEDS_REVIEW,
    (REJECT, True): REJECTED,
}


def run(committed: int = 0, review: ReviewState = None, released: bool = False) -> TranscriptState:
    """Return a finished run; times are in seconds."""
    state = TranscriptState()
    state.committed_at.FromSeconds(committed)
    if review is not None:
        state.review.state = review
    if released:
        state.released_at.FromSeconds(committed + 1)
    return state


def clinical(
    runs: Sequence[TranscriptState] = (),
    *,
    erased: bool = False,
    in_progress: bool = False,
    failed_at: int | None = None,
) -> RecordingState:
    """Return what the clinical zone holds."""
    state = RecordingState(transcripts=runs, erased=erased, run_in_progress=in_progress)
    if failed_at is not None:
        state.failure.time.FromSeconds(failed_at)
    return state


def research(*runs: TranscriptState, erased: bool = False) -> RecordingState:
    """Return what the research zone holds."""
    return RecordingState(transcripts=runs, erased=erased)


class TestEveryCombination:
    @pytest.mark.parametrize(("facts", "status"), CLINICAL.items())
    @pytest.mark.parametrize("held", [None, RecordingState(), RecordingState(run_in_progress=True)])
    def test_before_deidentification(
        self,
        facts: tuple[bool, bool],
        status: RecordingStatus,
        held: RecordingState | None,
    ) -> None:
        """The clinical zone alone decides, also while a de-identified run is being made."""
        in_progress, finished = facts
        runs = [run()] if finished else []

        assert status_of(clinical(runs, in_progress=in_progress), held) == status

    @pytest.mark.parametrize(("facts", "status"), RESEARCH.items())
    @pytest.mark.parametrize("in_progress", [False, True])
    def test_after_deidentification(
        self,
        facts: tuple[ReviewState, bool],
        status: RecordingStatus,
        in_progress: bool,
    ) -> None:
        """The newest de-identified run decides, also while a transcript is being made again."""
        review, released = facts
        held = research(run(2, review, released))

        assert status_of(clinical([run(1)], in_progress=in_progress), held) == status

    @pytest.mark.parametrize("newest", RESEARCH)
    @pytest.mark.parametrize("older", RESEARCH)
    def test_older_runs_say_nothing(
        self, newest: tuple[ReviewState, bool], older: tuple[ReviewState, bool]
    ) -> None:
        """An approval, a rejection or a release of an earlier run does not pass to the next."""
        held = research(run(2, *older), run(3, *newest))

        assert status_of(clinical([run(1)]), held) == RESEARCH[newest]

    @pytest.mark.parametrize("zones", [(True, False), (False, True), (True, True)])
    @pytest.mark.parametrize("failed_at", [None, 9])
    @pytest.mark.parametrize("facts", RESEARCH)
    def test_erased(
        self,
        zones: tuple[bool, bool],
        failed_at: int | None,
        facts: tuple[ReviewState, bool],
    ) -> None:
        """Whoever is erased in one zone stays so, whatever else there is."""
        in_clinical, in_research = zones

        assert (
            status_of(
                clinical([run(1)], erased=in_clinical, failed_at=failed_at),
                research(run(2, *facts), erased=in_research),
            )
            == ERASED
        )


class TestFailure:
    @pytest.mark.parametrize("runs", [[], [run(1)], [run(1), run(2)]])
    @pytest.mark.parametrize(
        "held", [None, research(), *(research(run(2, *facts)) for facts in RESEARCH)]
    )
    def test_newer_than_all_runs(
        self, runs: list[TranscriptState], held: RecordingState | None
    ) -> None:
        """A recording whose last try failed is failed, also where an earlier one was released."""
        assert status_of(clinical(runs, failed_at=3), held) == FAILED

    @pytest.mark.parametrize("facts", RESEARCH)
    def test_older_than_a_deidentified_run(self, facts: tuple[ReviewState, bool]) -> None:
        """A failure that a later run made good is over."""
        held = research(run(4, *facts))

        assert status_of(clinical([run(1)], failed_at=3), held) == RESEARCH[facts]

    def test_older_than_a_transcript(self) -> None:
        """A transcript that was finished after it gives de-identification another try."""
        assert status_of(clinical([run(4)], failed_at=3), None) == TRANSCRIBED


MOMENTS = st.integers(0, 20)
RUNS = st.lists(
    st.builds(run, MOMENTS, st.sampled_from([None, PENDING, APPROVE, REJECT]), st.booleans()),
    max_size=3,
).map(lambda runs: sorted(runs, key=lambda one: one.committed_at.seconds))
CLINICAL_STATES = st.builds(
    clinical,
    st.lists(st.builds(run, MOMENTS), max_size=3),
    erased=st.booleans(),
    in_progress=st.booleans(),
    failed_at=st.none() | MOMENTS,
)
RESEARCH_STATES = st.none() | st.builds(
    lambda runs, erased: research(*runs, erased=erased), RUNS, st.booleans()
)


class TestAnything:
    @given(CLINICAL_STATES, RESEARCH_STATES)
    def test_one_status_that_the_zones_bear_out(
        self, one: RecordingState, other: RecordingState | None
    ) -> None:
        """Whatever the zones hold, there is one status, and what it says is there."""
        status = status_of(one, other)

        newest = other.transcripts[-1] if other and other.transcripts else None
        assert status in RecordingStatus.values()[1:]
        assert (status == ERASED) == (one.erased or (other is not None and other.erased))
        if status == FAILED:
            assert one.HasField("failure")
            assert all(
                run.committed_at.seconds <= one.failure.time.seconds for run in one.transcripts
            )
        if status == RELEASED:
            assert newest is not None
            assert newest.HasField("released_at")
        if status == REJECTED:
            assert newest is not None
            assert newest.review.state == REJECT
        if newest is None:
            assert status in {SEALED, TRANSCRIBING, TRANSCRIBED, FAILED, ERASED}

    @given(CLINICAL_STATES, RESEARCH_STATES, MOMENTS)
    def test_a_newer_run_takes_the_state_of_nothing_before(
        self, one: RecordingState, other: RecordingState | None, later: int
    ) -> None:
        """A run that is finished after all else waits for its own review, whatever was before."""
        held = RecordingState()
        held.CopyFrom(other or RecordingState())
        held.transcripts.append(run(21 + later, PENDING))

        assert status_of(one, held) == (ERASED if one.erased or held.erased else NEEDS_REVIEW)


class TestNames:
    def test_of_every_status(self) -> None:
        """Programs read these names from the command line's JSON."""
        assert [status_name(status) for status in RecordingStatus.values()[1:]] == [
            "sealed", "transcribing", "transcribed", "deidentified", "needs_review", "approved",
            "rejected", "released", "failed", "erased",
        ]  # fmt: skip

    def test_for_people(self) -> None:
        """People read words without underscores."""
        assert status_label(NEEDS_REVIEW) == "needs review"
        labels = [status_label(status) for status in RecordingStatus.values()]
        assert len(set(labels)) == len(labels)


def test_tables_are_complete() -> None:
    """Each combination of facts has its row."""
    reviews = [None, *review_pb2.ReviewState.values()[1:]]
    assert set(CLINICAL) == set(itertools.product([False, True], repeat=2))
    assert set(RESEARCH) == set(itertools.product(reviews, [False, True]))
    assert {*CLINICAL.values(), *RESEARCH.values(), FAILED, ERASED} == set(
        catalog_pb2.RecordingStatus.values()[1:]
    )
