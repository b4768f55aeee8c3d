# SPDX-License-Identifier: Apache-2.0

from __future__ import annotations

import contextlib
import os
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from services.common import errors
from services.registry.identities import AUDIT, CLINICAL
from services.storage.backends import open_backend
from services.storage.domain.key_store import names
from services.storage.settings import StorageSettings
from sotto.storage.v1 import (
    admin_pb2,
    admin_service_pb2_grpc,
    catalog_pb2,
    catalog_service_pb2_grpc,
    recording_pb2,
    recording_service_pb2_grpc,
)
from tests.support import replicas, s3
from tests.support.deployment import Deployment, wait_until
from tests.support.replicas import Replica
from tests.support.storage_service import study, upload
from tests.support.tools import missing

CODES = tuple(f"P{number:02}" for number in range(1, 31))


@pytest.fixture(scope="module")
def gateway(tmp_path_factory: pytest.TempPathFactory) -> Iterator[s3.S3Server]:
    """An S3 server."""
    try:
        with s3.running("versitygw", tmp_path_factory.mktemp("versitygw")) as server:
            yield server
    except s3.NotInstalled as error:
        missing(error)


class Zone:
    """A clinical zone that two processes serve."""

    def __init__(self, deployment: Deployment, environment: dict[str, str]) -> None:
        self.deployment = deployment
        self.environment = environment
        self.a = Replica(deployment, CLINICAL, 1, environment)
        self.b = Replica(deployment, CLINICAL, 2, environment)

    @property
    def settings(self) -> StorageSettings:
        """Its settings, as its processes read them."""
        given = {name.removeprefix("SOTTO_").lower(): v for name, v in self.environment.items()}
        return StorageSettings.load(
            home=self.deployment.root, service=CLINICAL, zone="clinical", **given
        )

    def records(self, kind: Any, prefix: str = "") -> list[str]:
        """Names in one of its stores."""
        return list(names(open_backend(self.settings, kind), prefix))


@pytest.fixture(params=["directory", "s3"])
def zone(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Zone]:
    """Two processes that started at once, on an empty store, with a study."""
    environment: dict[str, str] = {}
    if request.param == "s3":
        server: s3.S3Server = request.getfixturevalue("gateway")
        environment = {
            "SOTTO_STORAGE": "s3",
            "SOTTO_S3_ENDPOINT": server.endpoint,
            "SOTTO_S3_BUCKET": server.zone_bucket(),
            "SOTTO_S3_CREDENTIALS": str(server.credentials()),
        }
    with Deployment(tmp_path / "home").start(AUDIT) as deployment:
        made = Zone(deployment, environment)
        try:
            for replica in (made.a, made.b):
                replica.launch()
            for replica in (made.a, made.b):
                replica.wait()
            put_study(made.a, CODES)
            yield made
        finally:
            made.a.kill()
            made.b.kill()


def put_study(replica: Replica, participants: tuple[str, ...]) -> None:
    """Write the study's description."""
    with replica.peers("operator") as peers:
        catalog_service_pb2_grpc.CatalogWriterServiceStub(peers.channel(CLINICAL)).PutStudy(
            catalog_pb2.PutStudyRequest(study=study(participants))
        )


def ingest(replica: Replica, participant: str, content: bytes = b"interview") -> Any:
    """Send a recording in; its reference."""
    with replica.peers("operator") as peers:
        stub = recording_service_pb2_grpc.RecordingWriterServiceStub(peers.channel(CLINICAL))
        return stub.PutRecording(upload(content, participant)).ref


def fetch(replica: Replica, ref: Any) -> bytes:
    """Read a recording."""
    with replica.peers("transcription") as peers:
        stub = recording_service_pb2_grpc.RecordingReaderServiceStub(peers.channel(CLINICAL))
        request = recording_pb2.GetRecordingRequest(ref=ref)
        return b"".join(part.chunk for part in stub.GetRecording(request))


def erase(replica: Replica, participant: str) -> admin_pb2.ErasureReceipt:
    """Erase a participant."""
    with replica.peers("compliance") as peers:
        stub = admin_service_pb2_grpc.ErasureServiceStub(peers.channel(CLINICAL))
        return stub.EraseParticipant(
            admin_pb2.EraseParticipantRequest(study_id="peer-2026", participant=participant)
        ).receipt


def rotate(replica: Replica) -> str:
    """Rotate the zone key; the new one's id."""
    with replica.peers("operator") as peers:
        stub = admin_service_pb2_grpc.StoreAdminServiceStub(peers.channel(CLINICAL))
        return str(stub.RotateZoneKey(admin_pb2.RotateZoneKeyRequest()).key_id)


def zone_key(replica: Replica) -> str:
    """Id of the zone key."""
    with replica.peers("operator") as peers:
        stub = admin_service_pb2_grpc.StoreAdminServiceStub(peers.channel(CLINICAL))
        return str(stub.DescribeStore(admin_pb2.DescribeStoreRequest()).zone_key_id)


@contextlib.contextmanager
def killed_when(
    replica: Replica, call: Callable[[Replica], object], seen: Callable[[], bool]
) -> Iterator[None]:
    """Make a call and kill its process as soon as something is seen; then the block runs."""

    def attempt() -> None:
        with contextlib.suppress(errors.SottoError):
            call(replica)

    caller = threading.Thread(target=attempt)
    caller.start()
    wait_until(seen, seconds=60, what="the moment to kill it", every=0.0)
    replica.kill()
    caller.join()
    yield


class TestTwoProcesses:
    """One zone, two processes."""

    def test_erasure(self, zone: Zone) -> None:
        """What one erases the other refuses at its next call, though it had the key in memory."""
        ref = ingest(zone.b, "P07")
        other = ingest(zone.a, "P08")
        assert fetch(zone.b, ref) == b"interview"
        assert erase(zone.a, "P07").verified_unreadable
        for call in (lambda: fetch(zone.b, ref), lambda: ingest(zone.b, "P07", b"again")):
            with pytest.raises(errors.Erased):
                call()
        assert fetch(zone.b, other) == fetch(zone.a, other) == b"interview"
        assert zone.records("keys", "peer-2026/P07/") == []
        assert zone.records("objects", "peer-2026/P07/") == []

    def test_study(self, zone: Zone) -> None:
        """Whom one takes out of a study the other does not admit any more; and the other way."""
        ingest(zone.b, "P07")
        put_study(zone.a, ("P08",))
        with pytest.raises(errors.InvalidInput, match="no participant P07"):
            ingest(zone.b, "P07", b"another")
        put_study(zone.b, ("P07", "P08"))
        ingest(zone.a, "P07", b"another")

    def test_first_writes(self, zone: Zone) -> None:
        """First recordings of new participants at both at once: one key for each, all readable."""
        wanted = [(code, replica) for code in CODES[:6] for replica in (zone.a, zone.b) * 2]

        def send(number: int) -> Any:
            code, replica = wanted[number]
            return ingest(replica, code, b"%04d" % number)

        with ThreadPoolExecutor(8) as threads:
            refs = list(threads.map(send, range(len(wanted))))
        for code in CODES[:6]:
            assert len(zone.records("keys", f"peer-2026/{code}/")) == 1
        for number, ref in enumerate(refs):
            other = zone.a if wanted[number][1] is zone.b else zone.b
            assert fetch(other, ref) == b"%04d" % number

    def test_rotations(self, zone: Zone) -> None:
        """Rotations at both at once, while both take recordings: one zone key, all opens."""
        refs = [ingest(zone.a, code) for code in CODES[:10]]
        with ThreadPoolExecutor(8) as threads:
            rotations = [threads.submit(rotate, one) for one in (zone.a, zone.b) * 2]
            new = [threads.submit(ingest, zone.b, code) for code in CODES[10:14]]
        assert {one.result() for one in rotations} >= {zone_key(zone.a)}
        assert zone_key(zone.a) == zone_key(zone.b)
        for ref in [*refs, *(one.result() for one in new)]:
            assert fetch(zone.a, ref) == fetch(zone.b, ref) == b"interview"
        zone.a.kill()
        zone.a.launch().wait()
        assert all(fetch(zone.a, ref) == b"interview" for ref in refs)

    def test_start_beside_a_writer(self, zone: Zone) -> None:
        """A process that starts, sweeps and tests the store disturbs no upload of the other."""
        zone.b.kill()
        content = os.urandom(24 << 20)
        with ThreadPoolExecutor(4) as threads:
            refs = [threads.submit(ingest, zone.a, code, content) for code in CODES[:4]]
            zone.b.launch().wait()
        for ref in refs:
            assert fetch(zone.b, ref.result()) == content


class TestKilled:
    """One of the two dies in the middle of something."""

    def test_in_a_rotation(self, zone: Zone) -> None:
        """The other one goes on; its own rotation, or the next start, finishes this one."""
        refs = [ingest(zone.b, code) for code in CODES]

        def begun() -> bool:
            return any(name.endswith("2") for name in zone.records("keys"))

        with killed_when(zone.a, rotate, begun):
            new = ingest(zone.b, CODES[0], b"in between")
            assert fetch(zone.b, new) == b"in between"
        zone.a.launch().wait()
        assert len(zone.records("keys", "peer-2026/")) == len(CODES) + 1
        assert zone_key(zone.a) == zone_key(zone.b)
        current = rotate(zone.b)
        assert zone_key(zone.a) == current
        for ref in [*refs, new]:
            fetch(zone.a, ref)
            fetch(zone.b, ref)

    def test_in_an_erasure(self, zone: Zone) -> None:
        """The other one refuses at once, and finishes it when it is asked to."""
        refs = [ingest(zone.b, "P07", b"%02d" % number) for number in range(12)]

        def begun() -> bool:
            return zone.records("tombstones") != []

        with killed_when(zone.a, lambda replica: erase(replica, "P07"), begun):
            with pytest.raises(errors.Erased):
                fetch(zone.b, refs[0])
            assert erase(zone.b, "P07").verified_unreadable
        assert zone.records("keys", "peer-2026/P07/") == []
        assert zone.records("objects", "peer-2026/P07/") == []

    def test_in_an_erasure_and_started_again(self, zone: Zone) -> None:
        """The next start finishes it, while the other one works."""
        for number in range(12):
            ingest(zone.b, "P07", b"%02d" % number)
        other = ingest(zone.b, "P08")

        def begun() -> bool:
            return zone.records("tombstones") != []

        with killed_when(zone.a, lambda replica: erase(replica, "P07"), begun):
            zone.a.launch()
            assert fetch(zone.b, other) == b"interview"
        zone.a.wait()
        assert zone.records("keys", "peer-2026/P07/") == []
        assert zone.records("objects", "peer-2026/P07/") == []
        assert fetch(zone.a, other) == b"interview"


class TestFirstStart:
    """Several processes start at once on an empty home."""

    def test_one_zone_key(self, tmp_path: Path) -> None:
        """All of them have the same zone key, and read each other's recordings."""
        with (
            Deployment(tmp_path / "home").start(AUDIT) as deployment,
            replicas.running(deployment, CLINICAL, count=3) as three,
        ):
            put_study(three[0], CODES)
            assert len({zone_key(replica) for replica in three}) == 1
            ref = ingest(three[1], "P07")
            assert fetch(three[2], ref) == b"interview"
