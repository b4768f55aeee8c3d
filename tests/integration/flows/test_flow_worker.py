# SPDX-License-Identifier: Apache-2.0
"""Real workers and a real Prefect server, against services in memory. Slow: each has to start."""

from __future__ import annotations

import itertools
import json
import os
import signal
import subprocess
import sys
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from flows import names
from flows.due import DueRecording
from flows.prefect_api import FlowRun, PrefectApi
from flows.settings import FlowSettings, prefect_environment
from flows.submit import start
from tests.support.deployment import ROOT, wait_until
from tests.unit.flows import fake_services
from tests.unit.flows.fake_services import FakeServices, recording_id

LOST_SECONDS = 45  # the least that is allowed: heartbeats come each 30 s


class Installation:
    """A scheduler, workers that a test starts, and the services that they call."""

    def __init__(self, home: Path, services: FakeServices) -> None:
        self.home = home
        self.services = services
        self.addresses = dict(services.addresses)
        self.processes: list[subprocess.Popen[bytes]] = []
        self.launch("flows.scheduler", "scheduler")
        address = home / "run" / "scheduler.address"
        wait_until(address.exists, what="the scheduler")
        self.addresses["scheduler"] = address.read_text("ascii").strip()

    @property
    def api(self) -> PrefectApi:
        """Prefect's API of this installation."""
        return PrefectApi(
            prefect_environment(FlowSettings(home=self.home, addresses=self.addresses))
        )

    def launch(self, module: str, service: str, **settings: str) -> subprocess.Popen[bytes]:
        """Start a process of the installation."""
        environment = {
            **os.environ,
            "SOTTO_HOME": str(self.home),
            "SOTTO_SERVICE": service,
            "SOTTO_ADDRESSES": json.dumps(self.addresses),
            "SOTTO_LOST_SECONDS": str(LOST_SECONDS),
            "SOTTO_PAGES_PORT": "0",  # other installations may be on this machine
            "PREFECT_SERVER_SERVICES_SCHEDULER_RECENT_DEPLOYMENTS_LOOP_SECONDS": "2",
            **settings,
        }
        with (self.home / f"{service}.log").open("ab") as log:
            process = subprocess.Popen(
                [sys.executable, "-m", module], env=environment, cwd=ROOT, stdout=log, stderr=log
            )
        self.processes.append(process)
        return process

    def worker(self, number: int = 1, **settings: str) -> subprocess.Popen[bytes]:
        """Start a worker and wait until it runs flows."""
        name = "worker" if number == 1 else f"worker-{number}"
        address = self.home / "run" / f"{name}.address"
        address.unlink(missing_ok=True)
        process = self.launch("flows.worker", "worker", SOTTO_INSTANCE=str(number), **settings)
        wait_until(address.exists, what=f"{name}: {self.log()}")
        return process

    def submit(self, *runs: tuple[DueRecording, ...]) -> None:
        """Start runs of recordings."""
        assert start(self.api, runs) == len(runs)

    def active(self) -> list[FlowRun]:
        """Return the runs of recordings that are not over."""
        return list(self.api.active_runs(names.PROCESS_RECORDINGS))

    def log(self) -> str:
        """Return the end of the worker's log."""
        path = self.home / "worker.log"
        return path.read_text("utf-8")[-3000:] if path.exists() else ""

    def stop(self) -> None:
        """End all processes."""
        for process in reversed(self.processes):
            process.kill()
            process.wait()


@pytest.fixture
def installation(tmp_path: Path) -> Iterator[Installation]:
    """An installation without workers."""
    with fake_services.running(tmp_path / "pki") as services:
        running = Installation(tmp_path, services)
        yield running
        running.stop()


def due(installation: Installation, number: int, participant: str, session: int) -> DueRecording:
    """Seal a recording and return it as it is listed."""
    installation.services.clinical.add(number, participant, session)
    return DueRecording("s1", participant, session, recording_id(number), 1)


def settled(installation: Installation) -> Callable[[], bool]:
    """Return whether nothing is pending and no run is under way."""
    return lambda: not installation.services.clinical.marks and not installation.active()


class TestSchedules:
    @pytest.mark.timeout(240)
    def test_prefect_makes_runs_of_them(self, installation: Installation) -> None:
        """The sweep comes by itself: its next runs are in Prefect."""
        installation.worker()

        def scheduled() -> bool:
            sweeps = installation.api.active_runs(names.SWEEP)
            return any(not run.name.startswith("start of") for run in sweeps)

        wait_until(scheduled, seconds=120, what="a run of the sweep's schedule", every=1.0)


class TestTwoWorkers:
    @pytest.mark.timeout(240)
    def test_each_stage_once_and_in_order(self, installation: Installation) -> None:
        """Two workers with overlapping runs do each stage once, and a participant's in order."""
        installation.services.transcription.seconds = 0.2
        recordings = [
            due(installation, 3 * participant + session, f"P{participant}", session + 1)
            for participant in range(4)
            for session in range(3)
        ]
        for number in (1, 2):
            installation.worker(number)  # each of them begins with a sweep, too
        installation.submit(tuple(recordings), *((one,) for one in recordings))

        wait_until(settled(installation), seconds=120, what=f"the end: {installation.log()}")
        services = installation.services
        done = [one.ref.recording_id for one in services.transcription.requests]
        assert sorted(done) == sorted(one.recording_id for one in recordings)
        assert len(services.deidentification.requests) == len(recordings)
        assert not services.clinical.failures
        for number in range(4):
            own = [one.recording_id for one in recordings if one.participant == f"P{number}"]
            times = [time for time in services.transcription.times if time[0] in own]
            assert [recording for recording, _, _ in times] == own
            assert all(one[2] <= two[1] for one, two in itertools.pairwise(times))


class TestStop:
    @pytest.mark.timeout(240)
    def test_stopped_worker_leaves_its_run_to_the_next(self, installation: Installation) -> None:
        """A worker that is told to stop ends its stage; the next one goes on with the same run."""
        installation.services.transcription.seconds = 1.0
        worker = installation.worker()
        installation.submit(tuple(due(installation, one, "P1", one + 1) for one in range(3)))
        wait_until(lambda: bool(installation.services.transcription.requests), what="work")

        worker.send_signal(signal.SIGTERM)
        assert worker.wait(30) == 0
        [run] = installation.active()
        assert run.state_name == "Interrupted"
        assert installation.services.clinical.marks

        installation.worker()
        wait_until(settled(installation), seconds=60, what=f"the end: {installation.log()}")
        assert not installation.services.clinical.failures
        assert "Traceback" not in installation.log()


class TestKill:
    @pytest.mark.timeout(300)
    def test_what_a_killed_worker_held_is_taken_up(self, installation: Installation) -> None:
        """Its run counts as crashed when its heartbeat stops, and another worker does the rest."""
        installation.services.transcription.seconds = 2.0
        first = installation.worker(1)
        installation.submit(tuple(due(installation, one, "P1", one + 1) for one in range(3)))
        wait_until(lambda: len(installation.services.transcription.requests) >= 2, what="work")
        first.kill()
        first.wait()
        installation.worker(2)

        wait_until(settled(installation), seconds=200, what=f"the end: {installation.log()}")
        services = installation.services
        assert not services.clinical.failures
        # The one that was under way is asked for again; the service knows what it has already.
        assert len(services.deidentification.requests) == 3


class TestPages:
    """What Prefect's server gives to browsers."""

    def test_load_and_call_nothing_from_elsewhere(self, installation: Installation) -> None:
        """A policy that browsers enforce comes with each answer, of pages and of the API."""
        for path in ("/", "/v2", "/api/health"):
            where = f"http://{installation.addresses['scheduler']}{path}"
            with urllib.request.urlopen(where, timeout=10) as answer:
                policies = answer.headers.get_all("content-security-policy") or []
            assert len(policies) == 1
            assert policies[0].startswith("default-src 'self' ")
            assert "http" not in policies[0]
