# SPDX-License-Identifier: Apache-2.0

from __future__ import annotations

import datetime as dt
import hashlib
from collections.abc import Iterator
from pathlib import Path

import pytest

from flows import retention
from services.audit_client.calendar import calendar, put_hold
from services.common import identity
from services.common.client import Peers
from services.common.errors import NotFound
from services.registry.identities import RESEARCH
from services.storage.adapters.research_zone import ResearchZoneClient
from services.storage.domain import clock
from services.storage.domain.bundles import BundleFile, Bundles
from services.storage.domain.voices import VoiceStore
from sotto.storage.v1 import catalog_pb2, catalog_service_pb2_grpc, recording_pb2
from tests.support import storage_service
from tests.support.storage_calls import hold, ingest, release
from tests.support.storage_service import StorageServer, study

DAY = dt.timedelta(days=1)


@pytest.fixture
def zones(tmp_path: Path) -> Iterator[tuple[StorageServer, StorageServer]]:
    """Both zones, with a study that keeps recordings for 30 days after their release."""
    home = tmp_path / "home"
    research = storage_service.start(home, "research")
    asking = Peers(
        identity.load(home / "pki/storage-clinical"), {RESEARCH: f"127.0.0.1:{research.port}"}
    )
    released = ResearchZoneClient(asking.channel(RESEARCH))
    clinical = storage_service.start(home, "clinical", released=released)
    described = study()
    described.keep_recordings_days = 30
    for service in (clinical, research):
        catalog_service_pb2_grpc.CatalogWriterServiceStub(service.channel("operator")).PutStudy(
            catalog_pb2.PutStudyRequest(study=described)
        )
    yield clinical, research
    asking.close()
    for service in (clinical, research):
        service.stop()


@pytest.fixture
def peers(zones: tuple[StorageServer, StorageServer]) -> Iterator[Peers]:
    """Channels of the flows' client, to the clinical zone alone: it asks no other."""
    clinical = zones[0]
    made = Peers(
        identity.load(clinical.home / "pki/flows"), {clinical.name: f"127.0.0.1:{clinical.port}"}
    )
    yield made
    made.close()


def released_ago(
    monkeypatch: pytest.MonkeyPatch,
    research: StorageServer,
    ref: recording_pb2.RecordingRef,
    ago: dt.timedelta,
) -> None:
    """Release a recording some time ago."""
    moment = (dt.datetime.now(dt.UTC) - ago).isoformat(timespec="microseconds")
    with monkeypatch.context() as patched:
        patched.setattr(clock, "now", lambda: moment)
        release(research, ref)


class TestRules:
    """A study's rule, from its release to the deletion."""

    def test_not_released(self, zones: tuple[StorageServer, StorageServer], peers: Peers) -> None:
        """What was not released is under no rule."""
        ingest(zones[0], b"never released", participant="P08")
        assert retention.plan(peers) == []

    def test_calendar(
        self, zones: tuple[StorageServer, StorageServer], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """An officer sees every recording, released or not, when it is due, and what is held."""
        clinical, research = zones
        ref = ingest(clinical, b"interview", participant="P07").ref
        other = ingest(clinical, b"never released", participant="P08").ref
        released_ago(monkeypatch, research, ref, 31 * DAY)
        channel = clinical.channel("compliance")
        first, second = calendar(channel, ["peer-2026"])  # type: ignore[arg-type]
        assert (first.ref, first.state, first.keep_days, first.is_held) == (ref, "due", 30, False)
        assert first.due is not None
        assert first.released is not None
        assert first.due - first.released == 30 * DAY
        assert (second.ref, second.state, second.due) == (other, "", None)
        assert not put_hold(channel, [first, second], ref.recording_id, held=True)  # type: ignore[arg-type]
        [held, _] = calendar(channel, ["peer-2026"])  # type: ignore[arg-type]
        assert (held.state, held.is_held) == ("held", True)
        with pytest.raises(NotFound):
            put_hold(channel, [first], "rec-" + "z" * 26, held=True)  # type: ignore[arg-type]

    @pytest.mark.parametrize(("days", "state"), [(29, "waiting"), (31, "due")])
    def test_the_whole_way(
        self,
        zones: tuple[StorageServer, StorageServer],
        peers: Peers,
        monkeypatch: pytest.MonkeyPatch,
        days: int,
        state: str,
    ) -> None:
        """Nothing is deleted before its day; then it is, once, with its sound in releases."""
        clinical, research = zones
        ref = ingest(clinical, b"interview", participant="P07").ref
        path = f"audio/{ref.recording_id}_{'0' * 16}.flac"
        sound = BundleFile(path, hashlib.sha256(b"a").digest(), 1, "P07")
        Bundles(research.zone.store).put_file("peer-2026", "rel-" + "a" * 26, sound, [b"a"])
        released_ago(monkeypatch, research, ref, days * DAY)
        planned = retention.plan(peers)
        assert [(one.ref, one.state) for one in planned] == [(ref, state)]
        done = [one.state for one in retention.apply(peers, planned)]
        there = [
            clinical.zone.store.exists(f"peer-2026/P07/{ref.recording_id}/source"),
            research.zone.store.exists(f"peer-2026/P07/bundle/rel-{'a' * 26}/{path}"),
        ]
        if state == "waiting":
            assert (done, there) == (["waiting"], [True, True])
            return
        assert (done, there) == (["deleted"], [False, False])
        assert research.log.names()[-1] == "bundle:audio:deleted"
        assert [one.state for one in retention.plan(peers)] == ["deleted"]
        assert clinical.log.names()[-1] == "recording:content:deleted"
        assert clinical.log.events[-2].attributes["retention"] == "30_days_after_release"

    @pytest.mark.parametrize("others", [0, 1])
    def test_voices_go_with_the_last_content(
        self,
        zones: tuple[StorageServer, StorageServer],
        peers: Peers,
        monkeypatch: pytest.MonkeyPatch,
        others: int,
    ) -> None:
        """While another recording has its content, enrolled voices stay; else they go with it."""
        clinical, research = zones
        voices = VoiceStore(clinical.zone.store)
        voices.put("peer-2026", "siti", b"clip", 12_000)
        ref = ingest(clinical, b"interview", participant="P07").ref
        for number in range(others):
            ingest(clinical, b"another %d" % number, participant="P08")
        released_ago(monkeypatch, research, ref, 31 * DAY)
        list(retention.apply(peers, retention.plan(peers)))
        assert len(voices.of("peer-2026")) == others
        assert len(list(clinical.zone.store.list("peer-2026/_study/voice-clip/"))) == others
        assert ("voice:clip:erased" in clinical.log.names()) == (not others)

    def test_hold(
        self,
        zones: tuple[StorageServer, StorageServer],
        peers: Peers,
        monkeypatch: pytest.MonkeyPatch,
    ) -> None:
        """A hold wins, also one that was set after the plan was made."""
        clinical, research = zones
        ref = ingest(clinical, b"interview", participant="P07").ref
        released_ago(monkeypatch, research, ref, 31 * DAY)
        planned = retention.plan(peers)
        hold(clinical, ref, held=True)
        assert [one.state for one in retention.apply(peers, planned)] == ["held"]
        assert [one.state for one in retention.plan(peers)] == ["held"]
        assert clinical.zone.store.exists(f"peer-2026/P07/{ref.recording_id}/source")
