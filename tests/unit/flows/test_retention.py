# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

import datetime as dt

import pytest

from flows import retention
from flows.retention import RetentionState
from services.common.errors import PermissionDenied, Unavailable
from sotto.storage.v1 import recording_pb2
from sotto.study.v1 import study_pb2
from tests.unit.flows.fake_services import FakeServices, recording_id, recording_ref

DUE_AT = dt.datetime(2026, 4, 30, tzinfo=dt.UTC)
WAITING, DUE, HELD, DELETED = RetentionState  # in the order of their declaration


def entry(
    services: FakeServices, number: int, state: recording_pb2.RetentionState, study: str = "s1"
) -> None:
    """Let the store say something about a recording."""
    ref = recording_ref(number)
    ref.study_id = study
    said = recording_pb2.RetentionEntry(ref=ref, rule="30_days_after_release", state=state)
    said.due_at.FromDatetime(DUE_AT)
    services.clinical.studies.setdefault(study, study_pb2.Study(id=study))
    services.clinical.retention.setdefault(study, []).append(said)


class TestPlan:
    """What the store says."""

    def test_each_study(self, services: FakeServices) -> None:
        """Every study is asked for, or the one that is named."""
        entry(services, 0, recording_pb2.RETENTION_STATE_WAITING)
        entry(services, 1, recording_pb2.RETENTION_STATE_DUE, "s2")
        planned = retention.plan(services.peers)
        assert [one.state for one in planned] == [WAITING, DUE]
        assert [one.state for one in retention.plan(services.peers, "s2")] == [DUE]

    def test_line_of_output(self, services: FakeServices) -> None:
        """An entry is written with ids, times and states."""
        entry(services, 0, recording_pb2.RETENTION_STATE_DUE)
        [one] = retention.plan(services.peers)
        assert one.record() == {
            "study_id": "s1",
            "participant": "P07",
            "recording_id": recording_id(0),
            "due_at": "2026-04-30T00:00:00+00:00",
            "rule": "30_days_after_release",
            "state": "due",
        }


class TestApply:
    """Asking for deletions."""

    def test_deletes_what_is_due_alone(self, services: FakeServices) -> None:
        """Only due recordings are asked for, by the rule that the store named."""
        entry(services, 0, recording_pb2.RETENTION_STATE_DUE)
        entry(services, 1, recording_pb2.RETENTION_STATE_WAITING)
        entry(services, 2, recording_pb2.RETENTION_STATE_HELD)
        after = retention.apply(services.peers, retention.plan(services.peers))
        assert [one.state for one in after] == [DELETED, WAITING, HELD]
        [request] = services.clinical.deletions
        assert request.ref.recording_id == recording_id(0)
        assert request.rule == "30_days_after_release"

    @pytest.mark.parametrize(("reason", "state"), [("retained", HELD), ("not_due", WAITING)])
    def test_change_that_came_in_between(
        self, services: FakeServices, reason: str, state: RetentionState
    ) -> None:
        """A hold or a longer rule that was set after the plan was made wins; the others go on."""
        for number in (0, 1):
            entry(services, number, recording_pb2.RETENTION_STATE_DUE)
        services.clinical.delete_errors[recording_id(0)] = PermissionDenied("no", reason=reason)
        after = retention.apply(services.peers, retention.plan(services.peers))
        assert [one.state for one in after] == [state, DELETED]

    def test_store_that_fails(self, services: FakeServices) -> None:
        """Another error ends the deletion and is told."""
        entry(services, 0, recording_pb2.RETENTION_STATE_DUE)
        services.clinical.delete_errors[recording_id(0)] = Unavailable("no store", reason="store")
        with pytest.raises(Unavailable):
            list(retention.apply(services.peers, retention.plan(services.peers)))
