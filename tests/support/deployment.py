# SPDX-License-Identifier: Apache-2.0
"""A whole installation for tests: its own folder, real services, and the real command line."""

from __future__ import annotations

import contextlib
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Any, Self
from unittest import mock

import grpc

from services.common import certificate_authority, context, identity
from services.common.client import Peers
from services.common.installation import Installation
from services.common.supervisor import Supervisor
from services.registry.identities import PEOPLE
from tests.support import speech_model
from tests.support.members import members_yaml
from tests.support.speaking import PERSON, SpeakingPeers, spoken

ROOT = Path(__file__).resolve().parents[2]
SAMPLES = ROOT / "tests" / "data" / "demo_model"


@dataclass(frozen=True, slots=True)
class Done:
    """How a command ended."""

    code: int
    out: str
    err: str

    @property
    def records(self) -> list[dict[str, Any]]:
        """The lines of JSON on stdout."""
        return [json.loads(line) for line in self.out.splitlines()]


class Deployment:
    """One installation in a folder, whose services run as processes of their own.

    There are two ways to run it. `start` starts the named services, with all that they need,
    through the product's supervisor in this process: they can be called through `channel` and
    `peers`, and `stop` ends them. `up` and `down` are the commands, which leave a supervisor of
    their own behind; without either, each command starts what it needs. `environment` holds
    settings for the services and commands beside those of this process. Prefect's pages take a free
    port, since there are many installations.
    """

    def __init__(self, root: Path, environment: Mapping[str, str] | None = None) -> None:
        self.root = root
        self.installation = Installation(root)
        self._extra = {
            "SOTTO_PAGES_PORT": "0",
            speech_model.SETTING: str(speech_model.DEMO_FOLDER),
            **(environment or {}),
        }
        self.environment = {**os.environ, "SOTTO_HOME": str(root), **self._extra}
        self._supervisor: Supervisor | None = None
        self._peers: dict[str, Peers] = {}

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.stop()

    @property
    def supervisor(self) -> Supervisor:
        """The supervisor of the services that `start` started."""
        assert self._supervisor is not None, "nothing was started; call start() first"
        return self._supervisor

    @property
    def addresses(self) -> dict[str, str]:
        """Addresses of the services that `start` or `up` started, by name."""
        if self._supervisor is None:
            return dict(self._state()["addresses"])
        return self.supervisor.addresses

    def start(self, *names: str) -> Self:
        """Start the named services with all that they need and wait until they are ready.

        A service that was killed or stopped starts again at the address that it had.
        """
        if self._supervisor is None:
            self.root.mkdir(mode=0o700, parents=True, exist_ok=True)
            self._supervisor = Supervisor(self.installation)
        with mock.patch.dict(os.environ, self._extra):
            self._supervisor.start(names)
        return self

    def stop(self) -> None:
        """Close all channels and stop the services that `start` started."""
        for peers in self._peers.values():
            peers.close()
        self._peers.clear()
        if self._supervisor is not None:
            self._supervisor.close()
            self._supervisor = None

    def channel(self, client: str, service: str) -> grpc.Channel:
        """Return a channel to a started service as this client; `stop` closes it.

        Its calls say for whom the client speaks, as `SpeakingPeers` does.
        """
        if client not in self._peers:
            self._peers[client] = SpeakingPeers(self.installation.pki, client, self.addresses)
        return self._peers[client].channel(service)

    @contextlib.contextmanager
    def peers(
        self,
        client: str,
        person: str = PERSON,
        purpose: str = "research",
        addresses: Mapping[str, str] | None = None,
    ) -> Iterator[Peers]:
        """Call the started services, or those at `addresses`, as `client` while the block lasts.

        A person's client acts for `person`, every other one for the orchestrator.
        """
        peers = Peers(self.credentials(client), addresses or self.addresses)
        try:
            with context.acting(**spoken(client, person), purpose=purpose, request_id="t-1"):
                yield peers
        finally:
            peers.close()

    def credentials(self, client: str) -> identity.Credentials:
        """Read the certificate and key of a client or service."""
        return identity.load(self.installation.pki / client)

    def pid(self, name: str) -> int:
        """Return the process id of a running service."""
        return int(self._state()["processes"][name])

    @contextlib.contextmanager
    def held(self, pid: int) -> Iterator[None]:
        """Stop a process in its tracks, unknown to itself, until the block ends."""
        os.kill(pid, signal.SIGSTOP)
        try:
            yield
        finally:
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGCONT)

    @property
    def supervisor_pid(self) -> int:
        """The process id of the supervisor that `up` started."""
        return int(self._state()["pid"])

    def _state(self) -> dict[str, Any]:
        """Return what the supervisor tells of its processes."""
        return dict(json.loads((self.root / "run" / "state.json").read_text("utf-8")))

    def kill(self, name: str) -> None:
        """Kill a service as a power cut would.

        After `up` its supervisor starts it again; after `start` nobody does, until `start` is
        called with its name.
        """
        if self._supervisor is None:
            os.kill(self.pid(name), signal.SIGKILL)
            return
        process = self._supervisor._processes.pop(name)
        process.kill()
        process.wait()
        if process.stdin:
            process.stdin.close()

    def certificates(self, person: str, *roles: str) -> str:
        """Return the value of SOTTO_CERTIFICATE for certificates of a person, in these roles.

        The folders are made where they are missing.
        """
        folders = [self.root / "people" / f"{person}-{role}" for role in roles]
        for role, folder in zip(roles, folders, strict=True):
            if not folder.exists():
                certificate_authority.issue(self.installation.pki, role, folder, person=person)
        return os.pathsep.join(map(str, folders))

    def sotto(self, *arguments: str, stdin: str = "", seconds: float = 240.0, by: str = "") -> Done:
        """Run `sotto` as a user would: as the account of this process, or as the person `by`."""
        shown = {"SOTTO_CERTIFICATE": self.certificates(by, *PEOPLE)} if by else {}
        done = subprocess.run(
            [sys.executable, "-m", "flows.cli.main", *arguments],
            input=stdin.encode(),
            capture_output=True,
            env={**self.environment, **shown},
            timeout=seconds,
            cwd=ROOT,
            check=False,
        )
        return Done(done.returncode, done.stdout.decode(), done.stderr.decode())

    def ok(self, *arguments: str, stdin: str = "", by: str = "") -> Done:
        """Run `sotto` and expect that it does what it was asked to."""
        done = self.sotto(*arguments, stdin=stdin, by=by)
        assert done.code == 0, f"{arguments}: {done.err}\n{self.logs()}"
        return done

    def up(self) -> None:
        """Start all services by the command and leave them running."""
        self.ok("up", "--detach")

    def down(self) -> None:
        """Stop by the command what `up` started."""
        self.sotto("down")

    def recordings(self, study: str = "") -> list[dict[str, Any]]:
        """Return the records of `recordings list`."""
        only = ("--study", study) if study else ()
        return self.ok("recordings", "list", "--json", *only).records

    def approve(self, study: str) -> list[str]:
        """Read and approve by the commands what waits for review, and return the recordings."""
        waiting = self.ok("review", "list", "--study", study, "--state", "pending", "--json")
        recordings = [str(one["recording_id"]) for one in waiting.records]
        for recording in recordings:
            [read] = self.ok("review", "show", recording, "--study", study, "--json").records
            self.ok("review", "approve", recording, "--study", study, "--run", str(read["run"]))
        return recordings

    def logs(self) -> str:
        """Return the ends of all logs, for the message of a failed assertion."""
        return "\n".join(
            f"--- {path.name}\n" + "\n".join(path.read_text("utf-8").splitlines()[-6:])
            for path in sorted((self.root / "logs").glob("*.log"))
        )


def wait_for_address(
    home: Path,
    service: str,
    process: subprocess.Popen[bytes],
    *,
    log: Path | None = None,
    seconds: float = 60.0,
) -> str:
    """Return the address that `process`, a service of the installation in `home`, writes.

    Remove the file of an earlier process before the start. Fails the test when the process ends
    before; what it wrote to `log` is in the message.
    """
    path = home / "run" / f"{service}.address"

    def is_there() -> bool:
        if process.poll() is not None:
            said = "" if log is None else f"\n{log.read_text('utf-8', 'replace')}"
            raise AssertionError(f"{service} ended while starting ({process.returncode}){said}")
        return path.exists()

    wait_until(is_there, seconds=seconds, what=f"the start of {service}", every=0.02)
    return path.read_text("ascii").strip()


def wait_until(
    condition: Callable[[], bool], *, seconds: float = 240.0, what: str = "it", every: float = 0.05
) -> None:
    """Wait for something that must happen; fails the test when it does not."""
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, f"{what} did not happen in {seconds:.0f} s"
        time.sleep(every)


def study_file(folder: Path, *, review: str = "required", codes: int = 12) -> Path:
    """Write a study for tests, with participants P01, P02, ..., and return the file."""
    path = folder / "study.yaml"
    participants = ", ".join(f"P{number:02}" for number in range(1, codes + 1))
    path.write_text(
        f"id: trial\ntitle: A study for tests\nlanguages: [en, ms]\npolicy: research-default\n"
        f"review: {review}\nparticipants: [{participants}]\n{members_yaml()}",
        "utf-8",
    )
    return path
