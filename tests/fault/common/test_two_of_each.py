# SPDX-License-Identifier: Apache-2.0
"""Two of each service in one installation, of which one of each is killed or stopped under load."""

from __future__ import annotations

import json
import os
import signal
import threading
from collections import Counter
from collections.abc import Callable, Iterator

import pytest

from services.common.client import Peers
from services.common.errors import SottoError
from services.registry.identities import (
    CLINICAL,
    COMPLIANCE,
    DEIDENTIFICATION,
    OPERATOR,
    RELEASE,
    RESEARCH,
    REVIEWER,
    TRANSCRIPTION,
)
from services.registry.processes import instance_name
from sotto.audit.v1 import audit_service_pb2_grpc, entry_pb2
from sotto.deidentification.v1 import deidentification_pb2, deidentification_service_pb2_grpc
from sotto.release.v1 import release_service_pb2_grpc, review_pb2
from sotto.storage.v1 import catalog_pb2, catalog_service_pb2_grpc
from sotto.transcription.v1 import transcription_pb2, transcription_service_pb2_grpc
from tests.support.deployment import Deployment, study_file, wait_until
from tests.support.members import person

SERVICES = (CLINICAL, RESEARCH, TRANSCRIPTION, DEIDENTIFICATION, RELEASE)


def _get_study(zone: str) -> Callable[[Peers], object]:
    def call(peers: Peers) -> object:
        stub = catalog_service_pb2_grpc.CatalogReaderServiceStub(peers.channel(zone))
        return stub.GetStudy(catalog_pb2.GetStudyRequest(study_id="trial"))

    return call


def _transcription_engine(peers: Peers) -> object:
    channel = peers.channel(TRANSCRIPTION)
    stub = transcription_service_pb2_grpc.TranscriptionServiceStub(channel)
    return stub.DescribeEngine(transcription_pb2.DescribeEngineRequest())


def _deidentification_engine(peers: Peers) -> object:
    channel = peers.channel(DEIDENTIFICATION)
    stub = deidentification_service_pb2_grpc.DeidentificationServiceStub(channel)
    return stub.DescribeEngine(deidentification_pb2.DescribeEngineRequest())


def _reviews(peers: Peers) -> object:
    stub = release_service_pb2_grpc.ReviewServiceStub(peers.channel(RELEASE))
    return stub.ListReviews(review_pb2.ListReviewsRequest(study_id="trial"))


#: A unary call of each service, and in whose name it is made. That of release calls storage too.
CALLS: dict[str, tuple[str, Callable[[Peers], object]]] = {
    CLINICAL: (OPERATOR, _get_study(CLINICAL)),
    RESEARCH: (OPERATOR, _get_study(RESEARCH)),
    TRANSCRIPTION: (OPERATOR, _transcription_engine),
    DEIDENTIFICATION: (OPERATOR, _deidentification_engine),
    RELEASE: (REVIEWER, _reviews),
}


class Load:
    """Callers of each service, which call again and again until they are told to end."""

    def __init__(self, deployment: Deployment) -> None:
        self._deployment = deployment
        self._ended = threading.Event()
        self.answers: Counter[str] = Counter()
        self.errors: list[str] = []
        self._threads = [threading.Thread(target=self._call, args=(service,)) for service in CALLS]

    def __enter__(self) -> Load:
        for one in self._threads:
            one.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._ended.set()
        for one in self._threads:
            one.join(60)

    def _call(self, service: str) -> None:
        client, call = CALLS[service]
        with self._deployment.peers(client, person()) as peers:
            while not self._ended.is_set():
                try:
                    call(peers)
                except SottoError as error:
                    self.errors.append(f"{service}: {error.status} {error.message}")
                self.answers[service] += 1
                # On a small machine services need room to start again.
                self._ended.wait(0.05)

    def wait_for_more(self) -> None:
        """Wait until each service has answered ten more calls."""
        before = Counter(self.answers)
        wait_until(
            lambda: all(self.answers[one] >= before[one] + 10 for one in CALLS),
            seconds=30,
            what="answers of all services",
        )


@pytest.fixture(scope="module")
def deployment(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Deployment]:
    """Run two of each service, watched over, with a study."""
    folder = tmp_path_factory.mktemp("two")
    replicas = json.dumps(dict.fromkeys(SERVICES, 2))
    deployment = Deployment(folder / "home", {"SOTTO_REPLICAS": replicas})
    ended = threading.Event()
    with deployment.start(*SERVICES):
        watching = threading.Thread(
            target=deployment.supervisor.watch, args=(ended.is_set,), daemon=True
        )
        watching.start()
        deployment.ok("study", "create", str(study_file(folder)))
        try:
            yield deployment
        finally:
            ended.set()
            watching.join()


def _end(deployment: Deployment, number: int, first: int) -> None:
    """Send a signal to one of each service and wait until others serve in their place."""
    names = [instance_name(one, 1 + (at + first) % 2) for at, one in enumerate(SERVICES)]
    before = {name: deployment.pid(name) for name in names}
    for pid in before.values():
        os.kill(pid, number)

    def is_back(name: str) -> bool:
        address = deployment.root / "run" / f"{name}.address"
        return deployment.pid(name) != before[name] and address.exists()

    wait_until(
        lambda: all(map(is_back, names)), seconds=60, what="the start of one of each", every=0.2
    )


class TestTwoOfEach:
    def test_all_run(self, deployment: Deployment) -> None:
        """The status lists both of each service, each with a process and an address of its own."""
        rows = deployment.ok("status", "--json").records
        running = {row["name"]: row for row in rows if row.get("state") == "running"}
        wanted = [instance_name(service, number) for service in SERVICES for number in (1, 2)]

        assert {*wanted, "audit"} == running.keys()
        assert len({row["pid"] for row in running.values()}) == len(running)
        assert len({row["address"] for row in running.values()}) == len(running)

    def test_one_of_each_may_be_killed(self, deployment: Deployment) -> None:
        """While one of each is killed and started again, no caller notices."""
        with Load(deployment) as load:
            load.wait_for_more()
            _end(deployment, signal.SIGKILL, 0)
            load.wait_for_more()
        assert load.errors == []

    def test_one_of_each_may_be_stopped(self, deployment: Deployment) -> None:
        """While the other of each is asked to stop and starts again, no call is lost."""
        with Load(deployment) as load:
            load.wait_for_more()
            _end(deployment, signal.SIGTERM, 1)
            load.wait_for_more()
        assert load.errors == []

    def test_the_log_tells_them_apart(self, deployment: Deployment) -> None:
        """Both of each service are in the audit log, with settings recorded once for the two."""
        started: Counter[tuple[str, str]] = Counter()
        seen: Counter[str] = Counter()
        with deployment.peers(COMPLIANCE) as peers:
            stub = audit_service_pb2_grpc.AuditQueryServiceStub(peers.channel("audit"))
            token, more = "", True
            while more:
                page = stub.ListEntries(entry_pb2.ListEntriesRequest(page_token=token))
                for entry in page.entries:
                    event = entry.event
                    if event.name == "service:process:started":
                        started[event.object, event.attributes["instance"]] += 1
                    if event.name.startswith("configuration:settings"):
                        seen[event.object] += 1
                token = page.next_page_token
                more = bool(token)

        # Each was ended once, by one of the two tests before.
        assert started == {
            ("audit", "1"): 1,
            **{(service, number): 2 for service in SERVICES for number in ("1", "2")},
        }
        assert seen == {"audit": 1, **dict.fromkeys(SERVICES, 1)}

    def test_certificates_are_renewed_under_load(self, deployment: Deployment) -> None:
        """All certificates, of callers too, are replaced at once, and no call is lost."""
        with Load(deployment) as load:
            load.wait_for_more()
            deployment.ok("certificates", "renew", "--all")
            load.wait_for_more()
        assert load.errors == []
