# SPDX-License-Identifier: Apache-2.0
"""Nobody deletes a recording early: the store works out what is due, whatever its caller says."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from pathlib import Path

import pytest

from services.common import errors
from services.storage.domain import clock
from services.storage.domain.retention import GRACE
from services.storage_client.catalog import CatalogClient
from sotto.audit.v1 import entry_pb2
from sotto.storage.v1 import (
    catalog_pb2,
    catalog_service_pb2_grpc,
    recording_pb2,
    recording_service_pb2_grpc,
)
from tests.support import storage_service
from tests.support.storage_calls import fetch, hold, ingest
from tests.support.storage_service import StorageServer, study

NOW = dt.datetime.now(dt.UTC)
RULE = "30_days_after_release"


@pytest.fixture
def clinical(tmp_path: Path) -> Iterator[StorageServer]:
    """The clinical zone, in which nothing was released yet."""
    service = storage_service.start(tmp_path / "home", "clinical")
    yield service
    service.stop()


def describe(service: StorageServer, days: int) -> None:
    """Let the study keep recordings for so many days, 0 for ever."""
    described = study()
    described.keep_recordings_days = days
    catalog_service_pb2_grpc.CatalogWriterServiceStub(service.channel("operator")).PutStudy(
        catalog_pb2.PutStudyRequest(study=described)
    )


def delete(
    service: StorageServer, ref: recording_pb2.RecordingRef, rule: str, client: str
) -> recording_pb2.DeleteContentResponse:
    """Ask for the deletion under a rule."""
    stub = recording_service_pb2_grpc.RetentionServiceStub(service.channel(client))
    return stub.DeleteContent(recording_pb2.DeleteContentRequest(ref=ref, rule=rule))


@pytest.mark.parametrize("client", ["flows", "operator"])
class TestDeletion:
    """Whoever may ask for deletions gets none that the study does not ask for."""

    @pytest.mark.parametrize(
        ("days", "rule", "released", "reason"),
        [
            (0, "because_i_want_to", 400, "no_rule"),
            (0, RULE, 400, "no_rule"),
            (30, "because_i_want_to", 400, "other_rule"),
            (30, "1_days_after_release", 400, "other_rule"),
            (30, RULE, None, "not_released"),
            (30, RULE, 29, "not_due"),
        ],
    )
    def test_refused(
        self,
        clinical: StorageServer,
        client: str,
        days: int,
        rule: str,
        released: int | None,
        reason: str,
    ) -> None:
        """A rule that the study does not have, or before its time, is refused, and in the log."""
        describe(clinical, days)
        ref = ingest(clinical, b"interview").ref
        if released is not None:
            clinical.released.times[ref.recording_id] = NOW - dt.timedelta(days=released)
        with pytest.raises(errors.PermissionDenied) as refused:
            delete(clinical, ref, rule, client)
        assert refused.value.reason == reason
        assert clinical.log.events[-1].name == "recording:content:deleted"
        assert clinical.log.events[-1].outcome == entry_pb2.OUTCOME_DENIED
        assert fetch(clinical, ref)[1] == b"interview"

    def test_due(self, clinical: StorageServer, client: str) -> None:
        """What is due goes, unless it is held."""
        describe(clinical, 30)
        ref = ingest(clinical, b"interview").ref
        clinical.released.times[ref.recording_id] = NOW - dt.timedelta(days=30)
        hold(clinical, ref, held=True)
        with pytest.raises(errors.PermissionDenied) as refused:
            delete(clinical, ref, RULE, client)
        assert refused.value.reason == "retained"
        hold(clinical, ref, held=False)
        assert not delete(clinical, ref, RULE, client).existed
        with pytest.raises(errors.NotFound, match="retention"):
            fetch(clinical, ref)


class TestShorterRule:
    """Who may write a study cannot have all of it deleted at once."""

    @pytest.fixture
    def old(self, clinical: StorageServer) -> recording_pb2.RecordingRef:
        """A recording that was released long ago, in a study that keeps it for a year more."""
        describe(clinical, 800)
        ref = ingest(clinical, b"interview").ref
        clinical.released.times[ref.recording_id] = NOW - dt.timedelta(days=400)
        return ref

    @pytest.mark.parametrize("changes", [(1,), (0, 1), (1, 800, 1), (1, 1)])
    def test_deletes_nothing_for_some_time(
        self, clinical: StorageServer, old: recording_pb2.RecordingRef, changes: tuple[int, ...]
    ) -> None:
        """Whatever the way to a shorter rule, its days count from the change, and 30 at least."""
        for days in changes:
            describe(clinical, days)
        with pytest.raises(errors.PermissionDenied) as refused:
            delete(clinical, old, "1_days_after_release", "operator")
        assert refused.value.reason == "not_due"
        assert refused.value.message.partition("kept until ")[2][:10] >= str((NOW + GRACE).date())
        assert fetch(clinical, old)[1] == b"interview"

    def test_is_in_force_after_it(
        self,
        clinical: StorageServer,
        old: recording_pb2.RecordingRef,
        monkeypatch: pytest.MonkeyPatch,
    ) -> None:
        """Nobody objected: what is due goes. A caller's own word of the change is not read."""
        past = (NOW - GRACE - dt.timedelta(minutes=1)).isoformat(timespec="microseconds")
        with monkeypatch.context() as patched:
            patched.setattr(clock, "now", lambda: past)
            describe(clinical, 1)
        channel = clinical.channel("operator")
        stored = CatalogClient(channel).study(old.study_id)
        stored.retention_shortened_at.FromDatetime(NOW)
        stored.title = "Another title"
        catalog_service_pb2_grpc.CatalogWriterServiceStub(channel).PutStudy(
            catalog_pb2.PutStudyRequest(study=stored)
        )
        assert not delete(clinical, old, "1_days_after_release", "operator").existed

    def test_forged_time(self, clinical: StorageServer, old: recording_pb2.RecordingRef) -> None:
        """Who shortens the rule cannot say that it was long ago."""
        described = study()
        described.keep_recordings_days = 1
        described.retention_shortened_at.FromDatetime(NOW - dt.timedelta(days=400))
        catalog_service_pb2_grpc.CatalogWriterServiceStub(clinical.channel("operator")).PutStudy(
            catalog_pb2.PutStudyRequest(study=described)
        )
        with pytest.raises(errors.PermissionDenied):
            delete(clinical, old, "1_days_after_release", "operator")
