# SPDX-License-Identifier: Apache-2.0

from __future__ import annotations

import contextlib
import threading
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.common.errors import Erased, InvalidInput
from services.storage.domain import names
from services.storage.domain.approvals import Approval
from services.storage.domain.reviews import Review, Reviewed, Reviews, ReviewState
from services.storage.domain.transcripts import Summary, Transcripts
from services.storage.errors import DataCorrupted, GenerationMoved, ObjectMissing
from tests.support.storage_calls import RUN
from tests.support.storage_zone import P07, StorageZone, open_zone

REC = "rec-" + "a" * 26
OTHER = "f" * 32
EMPTY = bytes.fromhex("e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855")


@pytest.fixture
def zone(tmp_path: Path) -> StorageZone:
    """The research zone with two finished runs of a recording."""
    zone = open_zone(tmp_path / "zone", "research")
    for run in (RUN, OTHER):
        Transcripts(zone.store).commit(P07, REC, Summary(run, EMPTY, 0, 0, b""))
    return zone


def word(state: ReviewState = "approved", run: str = RUN, **more: object) -> Review:
    """A person's word on a run."""
    values = {
        "run": run,
        "state": state,
        "decided_by": "hana",
        "decided_at": "2026-11-25T16:00:00.000000+00:00",
        "residual_risk": 0.1,
        "threshold": 0.2,
        "reason": "",
        "corrections_generation": 0,
    }
    return Review.model_validate({**values, **more})


def approve_as_0_1(zone: StorageZone, approver: str, run: str = RUN) -> None:
    """Store an approval as version 0.1 did."""
    approval = Approval(run=run, approver=approver, time="2026-11-24T16:00:00.000000+00:00")
    zone.store.put(P07, names.approval(P07, REC, run), approval.encode(), "a/b")


def _put(store: Reviews, person: str, base: int, won: list[Reviewed]) -> None:
    with contextlib.suppress(GenerationMoved):
        won.append(store.put(P07, REC, word(decided_by=person), base))


class TestReview:
    """The stored record."""

    @given(
        st.floats(0, 1), st.floats(0, 1), st.text(max_size=500), st.integers(0, 99), st.booleans()
    )
    def test_round_trip(
        self, risk: float, threshold: float, reason: str, generation: int, approved: bool
    ) -> None:
        """What was decided reads back exactly, every number and every word of it."""
        review = word(
            "approved" if approved else "rejected",
            residual_risk=risk,
            threshold=threshold,
            reason=reason,
            corrections_generation=generation,
        )
        assert Review.decode(review.encode(), RUN) == review

    @given(st.data())
    def test_spoilt(self, data: st.DataObject) -> None:
        """A stored review with a byte changed, or cut off, is damage or another review."""
        stored = word().encode()
        at = data.draw(st.integers(0, len(stored) - 1))
        byte = data.draw(st.integers(0, 255))
        for spoilt in (stored[:at], stored[:at] + bytes([byte]) + stored[at + 1 :]):
            try:
                found = Review.decode(spoilt, RUN)
            except DataCorrupted:
                continue
            assert found.encode() == spoilt


class TestReviews:
    """The newest word on a run counts."""

    def test_compare_and_swap(self, zone: StorageZone) -> None:
        """Who did not read the newest word is sent back; each run has words of its own."""
        reviews = Reviews(zone.store)
        assert reviews.put(P07, REC, word("pending"), 0).generation == 1
        with pytest.raises(GenerationMoved):
            reviews.put(P07, REC, word("approved"), 0)
        approved = reviews.put(P07, REC, word("approved"), 1)
        other = reviews.put(P07, REC, word("rejected", OTHER, reason="the ward is named"), 0)
        assert reviews.all(P07, REC) == [approved, other]

    def test_refused(self, zone: StorageZone) -> None:
        """A rejection without a reason, and a run that is not finished, are refused."""
        reviews = Reviews(zone.store)
        with pytest.raises(InvalidInput):
            reviews.put(P07, REC, word("rejected"), 0)
        with pytest.raises(ObjectMissing):
            reviews.put(P07, REC, word("approved", "e" * 32), 0)
        assert reviews.all(P07, REC) == []

    def test_two_writers(self, zone: StorageZone) -> None:
        """Of writers at once on one generation exactly one wins, on two stores of one zone."""
        stores = [Reviews(zone.store), Reviews(open_zone(zone.root, "research").store)]
        for base in range(5):
            won: list[Reviewed] = []

            threads = [
                threading.Thread(target=_put, args=(store, f"p{number}", base, won))
                for number, store in enumerate(stores * 2)
            ]
            for thread in threads:
                thread.start()
            for thread in threads:
                thread.join()
            assert [one.generation for one in won] == [base + 1]
            assert stores[0].all(P07, REC) == won

    def test_approvals_of_version_0_1(self, zone: StorageZone) -> None:
        """A person's approval counts until somebody decides anew; a policy's counts as nothing."""
        reviews = Reviews(zone.store)
        approve_as_0_1(zone, "policy:research-default", OTHER)
        approve_as_0_1(zone, "dr.lim")
        [found] = reviews.all(P07, REC)
        assert (found.review.run_key, found.review.state) == (RUN, "approved")
        assert (found.review.decided_by, found.generation) == ("dr.lim", 0)
        stored = reviews.put(P07, REC, word("pending"), found.generation)
        assert reviews.all(P07, REC) == [stored]

    def test_erased(self, zone: StorageZone) -> None:
        """Nothing of an erased participant is read or written."""
        zone.keyring.destroy(P07, ())
        with pytest.raises(Erased):
            Reviews(zone.store).all(P07, REC)
        with pytest.raises(Erased):
            Reviews(zone.store).put(P07, REC, word(), 0)
