# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

import json
from itertools import groupby

import pytest
from hypothesis import given
from hypothesis import strategies as st

from flows.due import DueRecording, batches

recordings = st.builds(
    DueRecording,
    st.sampled_from(["s1", "s2"]),
    st.integers(1, 60).map("P{:02}".format),
    st.integers(1, 9),
    st.integers(0, 99).map("rec-{:026}".format),
    st.integers(0, 2**64 - 1),
)


class TestDueRecording:
    @given(recordings)
    def test_travels_through_prefect(self, due: DueRecording) -> None:
        """What a run is given is what it reads, after JSON and readers that round large numbers."""
        stored = json.loads(json.dumps(due.parameter()), parse_int=lambda text: int(float(text)))

        assert DueRecording.read(stored) == due


class TestBatches:
    @given(st.sets(recordings), st.integers(1, 4))
    def test_all_of_a_participant_in_order_in_one_run(
        self, due: set[DueRecording], places: int
    ) -> None:
        """No recording is lost or doubled, and no participant is in two runs."""
        runs = batches(due, places)

        assert sorted(one for run in runs for one in run) == sorted(due)
        assert all(list(run) == sorted(run) for run in runs)
        owners = [owner for run in runs for owner, _ in groupby(run, lambda one: one.owner)]
        assert len(owners) == len(set(owners))

    @pytest.mark.parametrize(
        ("participants", "places", "runs"), [(1, 2, 1), (4, 2, 4), (8, 2, 8), (100, 2, 13)]
    )
    def test_size(self, participants: int, places: int, runs: int) -> None:
        """Little work is divided so that all places have some; much is not in endless runs."""
        due = [DueRecording("s1", f"P{number:03}", 1, "rec", 1) for number in range(participants)]

        assert len(batches(due, places)) == runs
