# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import psutil
import pytest

from services.common import context, identity, supervisor
from services.common.client import Peers
from services.common.errors import SottoError, Unavailable
from services.common.installation import Installation
from services.common.supervisor import Supervisor
from services.registry import identities
from sotto.audit.v1 import audit_service_pb2_grpc, entry_pb2


def _wait(condition: Callable[[], bool], seconds: float = 60.0) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.02)


def _entries(installation: Installation, address: str) -> list[str]:
    """Names of the entries of a running log, read as compliance does."""
    peers = Peers(
        identity.load(installation.pki / identities.COMPLIANCE), {identities.AUDIT: address}
    )
    stub = audit_service_pb2_grpc.AuditQueryServiceStub(peers.channel(identities.AUDIT))
    try:
        with context.acting(person="test"):
            page = stub.ListEntries(entry_pb2.ListEntriesRequest())
        return [entry.event.name for entry in page.entries]
    finally:
        peers.close()


def _answers(installation: Installation, address: str) -> bool:
    try:
        return bool(_entries(installation, address))
    except SottoError:
        return False


@pytest.fixture(scope="module")
def owner(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Supervisor]:
    """Run the audit service in a home, watched over."""
    started = Supervisor(Installation(tmp_path_factory.mktemp("home")))
    os.environ["HOSPITAL_PASSWORD"] = "not for services"
    try:
        started.start([identities.AUDIT])
    finally:
        del os.environ["HOSPITAL_PASSWORD"]
    stop = threading.Event()
    watching = threading.Thread(target=started.watch, args=(stop.is_set,))
    watching.start()
    yield started
    stop.set()
    watching.join()
    started.close()


class TestRunning:
    def test_state_tells_where(self, owner: Supervisor) -> None:
        """The state names the supervisor, and address and process of each unit."""
        found = supervisor.state(owner.installation)

        assert found is not None
        assert found["pid"] == os.getpid()
        assert found["addresses"] == {identities.AUDIT: owner.addresses[identities.AUDIT]}
        assert psutil.pid_exists(found["processes"][identities.AUDIT])

    def test_service_answers(self, owner: Supervisor) -> None:
        """What was started can be called."""
        assert "service:process:started" in _entries(
            owner.installation, owner.addresses[identities.AUDIT]
        )

    def test_nothing_is_said_on_the_command_line(self, owner: Supervisor) -> None:
        """A unit's command line holds the module's name alone."""
        found = supervisor.state(owner.installation)
        assert found is not None
        process = psutil.Process(found["processes"][identities.AUDIT])

        assert process.cmdline()[1:] == ["-m", "services.audit"]

    def test_environment_is_not_handed_on(self, owner: Supervisor) -> None:
        """Of the starter's environment only our settings and the common names go on."""
        found = supervisor.state(owner.installation)
        assert found is not None
        environment = psutil.Process(found["processes"][identities.AUDIT]).environ()

        assert "HOSPITAL_PASSWORD" not in environment
        assert environment["ORT_DISABLE_TELEMETRY"] == environment["DO_NOT_TRACK"] == "1"
        assert environment["TMPDIR"] == str(owner.installation.root / "tmp")

    def test_listens_on_loopback(self, owner: Supervisor) -> None:
        """The embedded default is not reachable from other machines."""
        found = supervisor.state(owner.installation)
        assert found is not None
        process = psutil.Process(found["processes"][identities.AUDIT])
        listening = {one.laddr.ip for one in process.net_connections() if one.status == "LISTEN"}

        assert listening <= {"127.0.0.1", "::ffff:127.0.0.1"}
        assert listening

    def test_command_uses_what_runs(self, owner: Supervisor) -> None:
        """Whoever needs a unit that runs is given its address and starts nothing."""
        with supervisor.running(owner.installation, [identities.AUDIT]) as addresses:
            assert addresses == owner.addresses

    def test_unit_that_does_not_run_is_named(self, owner: Supervisor) -> None:
        """Whoever needs one that does not run, beside others that do, is told which."""
        with (
            pytest.raises(Unavailable, match="release is not running"),
            supervisor.running(owner.installation, [identities.AUDIT, identities.RELEASE]),
        ):
            pass

    def test_killed_unit_comes_back_where_it_was(self, owner: Supervisor) -> None:
        """A unit that is killed is started again under the same address, with its log whole."""
        found = supervisor.state(owner.installation)
        assert found is not None
        killed = found["processes"][identities.AUDIT]
        address = owner.addresses[identities.AUDIT]
        before = len(_entries(owner.installation, address))
        os.kill(killed, signal.SIGKILL)

        _wait(lambda: _answers(owner.installation, address))
        after = supervisor.state(owner.installation)
        assert after is not None
        assert after["processes"][identities.AUDIT] != killed
        assert after["addresses"][identities.AUDIT] == address
        assert len(_entries(owner.installation, address)) > before


class TestStop:
    def test_started_for_a_while(self, tmp_path: Path) -> None:
        """Units that a command starts are announced, said when ready, and gone after it."""
        installation = Installation(tmp_path / "home")
        announced: list[list[str]] = []
        ready: list[str] = []
        with supervisor.running(
            installation, [identities.AUDIT], before_start=announced.append, on_ready=ready.append
        ) as addresses:
            assert set(addresses) == {identities.AUDIT}
            found = supervisor.state(installation)
            assert found is not None

        assert announced == [[identities.AUDIT]]
        assert ready == [identities.AUDIT]
        assert not psutil.pid_exists(found["processes"][identities.AUDIT])
        assert supervisor.state(installation) is None

    def test_killed_starter_takes_its_units_along(self, tmp_path: Path) -> None:
        """When the supervisor is killed its units stop by themselves; the home starts anew."""
        installation = Installation(tmp_path / "home")
        script = (
            "import sys, time; from pathlib import Path;"
            "from services.common.installation import Installation;"
            "from services.common.supervisor import Supervisor;"
            "Supervisor(Installation(Path(sys.argv[1]))).start(['audit']); time.sleep(600)"
        )
        starter = subprocess.Popen([sys.executable, "-c", script, str(installation.root)])
        try:
            _wait(lambda: supervisor.state(installation) is not None)
            found = supervisor.state(installation)
            assert found is not None
            unit = psutil.Process(found["processes"][identities.AUDIT])
        finally:
            starter.kill()
            starter.wait()

        assert supervisor.state(installation) is None
        # At once, while the orphan may still be stopping.
        with supervisor.running(installation, [identities.AUDIT]) as addresses:
            assert "service:process:started" in _entries(installation, addresses[identities.AUDIT])
        _wait(lambda: not unit.is_running())


class TestFailure:
    def test_start_that_fails_names_the_log(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """A unit that does not start is named, with the file that says why; nothing stays up."""
        installation = Installation(tmp_path / "home")
        monkeypatch.setenv("SOTTO_WORKERS", "1")

        with (
            pytest.raises(Unavailable, match=r"audit stopped while starting .*audit\.log"),
            supervisor.running(installation, [identities.CLINICAL]),
        ):
            pass
        assert "workers" in (installation.root / "logs" / "audit.log").read_text("utf-8")
        assert supervisor.state(installation) is None
        assert not supervisor.is_owned(installation)
