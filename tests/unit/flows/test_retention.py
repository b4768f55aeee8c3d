# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

import datetime as dt
import itertools

import pytest

from flows import retention
from flows.retention import RetentionState, retention_state
from services.common.errors import PermissionDenied, Unavailable
from sotto.storage.v1 import catalog_pb2
from sotto.study.v1 import study_pb2
from tests.unit.flows.fake_services import FakeServices, recording_id, recording_ref

NOW = dt.datetime(2026, 5, 1, tzinfo=dt.UTC)
DAY = dt.timedelta(days=1)
W, DUE, H, DEL = RetentionState  # the states in the order of their declaration

# Whether the content is deleted, whether it is held, whether its days are over; and its state.
TABLE = {
    (False, False, False): W,
    (False, False, True): DUE,
    (False, True, False): W,
    (False, True, True): H,
    (True, False, False): DEL,
    (True, False, True): DEL,
    (True, True, False): DEL,
    (True, True, True): DEL,
}


def release(
    services: FakeServices,
    number: int,
    days_ago: int | None,
    *,
    deleted: bool = False,
    held: bool = False,
    erased: bool = False,
    study: str = "s1",
) -> None:
    """Put a recording into both zones, released some days ago or never."""
    ref = recording_ref(number)
    ref.study_id = study
    clinical = catalog_pb2.RecordingState(ref=ref, held=held, erased=erased)
    if deleted:
        clinical.content_deleted_at.FromDatetime(NOW)
    research = catalog_pb2.RecordingState(ref=ref)
    if days_ago is not None:
        research.released_at.FromDatetime(NOW - days_ago * DAY)
    services.clinical.recordings.append(clinical)
    services.research.recordings.append(research)


class TestStateOf:
    @pytest.mark.parametrize("facts", list(itertools.product([False, True], repeat=3)))
    def test_every_combination(self, facts: tuple[bool, bool, bool]) -> None:
        """What was deleted stays so; what is due and held is kept."""
        deleted, held, over = facts
        due_at = NOW - DAY if over else NOW + DAY

        assert retention_state(deleted=deleted, held=held, due_at=due_at, now=NOW) is TABLE[facts]

    def test_on_the_very_moment(self) -> None:
        """A recording is due at the moment itself."""
        assert retention_state(deleted=False, held=False, due_at=NOW, now=NOW) is DUE


class TestPlan:
    @pytest.fixture(autouse=True)
    def _studies(self, services: FakeServices) -> None:
        services.clinical.studies = {
            "s1": study_pb2.Study(id="s1", keep_recordings_days=30),
            "s2": study_pb2.Study(id="s2", keep_recordings_days=10),
            "s3": study_pb2.Study(id="s3"),
        }

    def _states(self, services: FakeServices, study_id: str = "") -> dict[str, RetentionState]:
        planned = retention.plan(services.peers, NOW, study_id)
        return {entry.ref.recording_id: entry.state for entry in planned}

    def test_by_the_days_since_the_first_release(self, services: FakeServices) -> None:
        """A rule counts from the release; what was not released, or was erased, has no entry."""
        release(services, 0, 31)
        release(services, 1, 29)
        release(services, 2, None)
        release(services, 3, 31, held=True)
        release(services, 4, 31, deleted=True)
        release(services, 5, 31, erased=True)

        assert self._states(services) == {
            recording_id(0): DUE, recording_id(1): W, recording_id(3): H, recording_id(4): DEL,
        }  # fmt: skip

    def test_each_study_has_its_own_rule(self, services: FakeServices) -> None:
        """A study keeps by its own days, or for ever."""
        for number, study in enumerate(("s1", "s2", "s3")):
            release(services, number, 20, study=study)

        assert self._states(services) == {recording_id(0): W, recording_id(1): DUE}
        assert self._states(services, "s2") == {recording_id(1): DUE}

    def test_line_of_output(self, services: FakeServices) -> None:
        """An entry is written with ids, times and states."""
        release(services, 0, 31)
        [entry] = retention.plan(services.peers, NOW)

        assert entry.record() == {
            "study_id": "s1",
            "participant": "P07",
            "recording_id": recording_id(0),
            "due_at": "2026-04-30T00:00:00+00:00",
            "rule": "30_days_after_release",
            "state": "due",
        }


class TestApply:
    @pytest.fixture(autouse=True)
    def _study(self, services: FakeServices) -> None:
        services.clinical.studies["s1"] = study_pb2.Study(id="s1", keep_recordings_days=30)

    def test_deletes_what_is_due_alone(self, services: FakeServices) -> None:
        """Only due recordings are deleted, by the rule that asks for it."""
        release(services, 0, 31)
        release(services, 1, 1)
        release(services, 2, 31, held=True)
        planned = retention.plan(services.peers, NOW)

        after = [entry.state for entry in retention.apply(services.peers, planned)]

        assert after == [DEL, W, H]
        [request] = services.clinical.deletions
        assert request.ref.recording_id == recording_id(0)
        assert request.rule == "30_days_after_release"

    def test_hold_that_came_in_between(self, services: FakeServices) -> None:
        """A hold that was set after the plan was made wins, and the others go on."""
        release(services, 0, 31)
        release(services, 1, 31)
        services.clinical.delete_errors[recording_id(0)] = PermissionDenied("it is held")
        planned = retention.plan(services.peers, NOW)

        after = [entry.state for entry in retention.apply(services.peers, planned)]

        assert after == [H, DEL]

    def test_store_that_fails(self, services: FakeServices) -> None:
        """Another error ends the deletion and is told."""
        release(services, 0, 31)
        services.clinical.delete_errors[recording_id(0)] = Unavailable("no store", reason="store")
        planned = retention.plan(services.peers, NOW)

        with pytest.raises(Unavailable):
            list(retention.apply(services.peers, planned))
