# SPDX-License-Identifier: Apache-2.0
"""Starts the services of an installation on one machine, restarts them, and stops them.

The same services with the same settings run elsewhere under systemd or Kubernetes; this module is
only the one-machine way to start them. It imports no gRPC, so that commands stay quick.
"""

from __future__ import annotations

import contextlib
import fcntl
import json
import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from services.common import telemetry
from services.common.errors import SottoError, Unavailable, WrongUse, disk_full
from services.common.files import is_disk_full, write_private
from services.common.installation import Installation
from services.registry.identities import CLIENTS
from services.registry.processes import PROCESSES, SERVICES, WORKER, ProcessSpec

if TYPE_CHECKING:
    from services.common.instances import Instance

OnReady = Callable[[str], None]
"""Called with the name of each process that has become ready."""

#: What a process that serves nothing writes as its address once it is ready.
NO_ADDRESS = "none"

_START_SECONDS = 300.0
_STOP_SECONDS = 30.0
_LAST_BYTES = 2000
_RENEWAL_SECONDS = 6 * 3600.0
_LOCK_TRIES = 10
_PASSED_ON = ("PATH", "HOME", "USER", "LOGNAME", "LANG", "LC_ALL", "TZ", "SSL_CERT_FILE")


ALL = tuple(spec.name for spec in PROCESSES)
#: What takes a recording the whole way, with all that it needs.
WHOLE_WAY = (WORKER,)

# Keeps libraries from sending usage data and from writing content to disk.
_QUIET = {
    **telemetry.OFF,
    "HF_HUB_OFFLINE": "1",
    "GRPC_ENABLE_FORK_SUPPORT": "0",
    "PYTHONUNBUFFERED": "1",
    # Processes run in the home, whose folders must not be taken for modules.
    "PYTHONSAFEPATH": "1",
}


def _last_words(log: Path) -> str:
    """Return what a process said for people as it ended, which holds no content; empty for none."""
    try:
        with log.open("rb") as file:
            file.seek(max(file.seek(0, os.SEEK_END) - _LAST_BYTES, 0))
            lines = file.read().decode("utf-8", "replace").splitlines()
    except OSError:
        return ""
    last = lines[-1].strip() if lines else ""
    return "" if last.startswith("{") else last


def in_start_order(names: Iterable[str]) -> list[ProcessSpec]:
    """Return the named processes and all that they need, in an order in which they can start."""
    wanted: set[str] = set()
    todo = list(names)
    by_name = {spec.name: spec for spec in PROCESSES}
    while todo:
        name = todo.pop()
        if name not in wanted:
            wanted.add(name)
            todo.extend(by_name[name].needs)
    return [spec for spec in PROCESSES if spec.name in wanted]


class Supervisor:
    """The owner of the processes of one installation, of which there is at most one at a time."""

    def __init__(self, installation: Installation) -> None:
        self.installation = installation
        self.addresses: dict[str, str] = {}
        """Addresses of the processes that are ready, by the name of their kind."""
        self._elsewhere: Mapping[str, str] = {}
        self._instances: dict[str, Instance] = {}
        self._ready: dict[str, str] = {}
        # These and the failures by the name of the instance.
        self._processes: dict[str, subprocess.Popen[bytes]] = {}
        self._failures: dict[str, list[float]] = {}
        self._lock = _take_lock(installation)
        # What a supervisor that was killed left behind would be taken for ours.
        _state_file(installation).unlink(missing_ok=True)

    def start(self, names: Iterable[str] = ALL, on_ready: OnReady = lambda _name: None) -> None:
        """Start processes with all they need, as far as possible at the same time.

        `on_ready` is called with the name of each that has become ready. Raises Unavailable, after
        stopping everything, when one does not start.
        """
        # Commands that start nothing do without it.
        from services.common import instances

        plan = instances.plan(self.installation)
        self._elsewhere = plan.addresses
        prepare(self.installation)
        kinds = {spec.name: plan.instances(spec) for spec in in_start_order(names)}
        for kind, many in kinds.items():
            if not many and kind in plan.addresses:
                self.addresses[kind] = plan.addresses[kind]
        waiting = [
            one for many in kinds.values() for one in many if one.name not in self._processes
        ]
        starting: dict[str, float] = {}

        def is_ready(kind: str) -> bool:
            return all(one.name in self._ready for one in kinds[kind])

        try:
            while waiting or starting:
                for one in list(waiting):
                    if all(is_ready(need) for need in one.spec.needs):
                        waiting.remove(one)
                        self._launch(one)
                        starting[one.name] = time.monotonic() + _START_SECONDS
                for name, deadline in list(starting.items()):
                    if self._is_ready(name, deadline):
                        del starting[name]
                        kind = self._instances[name].spec.name
                        self.addresses[kind] = self._addresses_of(kind, kinds[kind])
                        on_ready(name)
                time.sleep(0.02)
        except BaseException:
            self.stop()
            raise
        self._write_state()

    def _addresses_of(self, kind: str, instances: Iterable[Instance]) -> str:
        """Return the addresses of what runs here, and of what settings say runs elsewhere."""
        told = [self._ready.get(one.name, "") for one in instances]
        told += self._elsewhere.get(kind, "").split(",")
        return ",".join(dict.fromkeys(filter(None, told)))

    def _launch(self, instance: Instance) -> None:
        name = instance.name
        self._instances[name] = instance
        _address_file(self.installation, instance).unlink(missing_ok=True)
        log_path = self.installation.make_folder("logs") / f"{name}.log"
        descriptor = os.open(log_path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
        environment = self._environment(instance)
        try:
            # The child stops at the end of its stdin, which this process holds until it dies.
            self._processes[name] = subprocess.Popen(
                [sys.executable, "-m", instance.spec.module],
                stdin=subprocess.PIPE,
                stdout=descriptor,
                stderr=descriptor,
                env=environment,
                cwd=self.installation.root,
                start_new_session=True,
            )
        finally:
            os.close(descriptor)

    def _environment(self, instance: Instance) -> dict[str, str]:
        environment = {
            name: value
            for name, value in os.environ.items()
            if name in _PASSED_ON or name.startswith("SOTTO_")
        }
        found = {name: at for name, at in self.addresses.items() if at != NO_ADDRESS}
        return (
            environment
            | _QUIET
            | instance.spec.environment
            | {
                "SOTTO_HOME": str(self.installation.root),
                "SOTTO_SERVICE": instance.spec.name,
                "SOTTO_INSTANCE": str(instance.number),
                "SOTTO_STOP_ON_STDIN_EOF": "1",
                "SOTTO_ADDRESSES": json.dumps({**self._elsewhere, **found}),
                "SOTTO_LISTEN": self._listen_of(instance),
                "TMPDIR": str(self.installation.make_folder("tmp")),
            }
        )

    def _listen_of(self, instance: Instance) -> str:
        # A process that is started again must be found where it was.
        host = instance.listen.rpartition(":")[0]
        port = self._ready.get(instance.name, "").rpartition(":")[2]
        return f"{host}:{port}" if port.isdigit() else instance.listen

    def _is_ready(self, name: str, deadline: float) -> bool:
        process = self._processes[name]
        if process.poll() is not None:
            if is_disk_full(self.installation.root):
                raise disk_full(
                    f"{name} stopped while starting: the disk of {self.installation.root} is full"
                )
            log = self.installation.root / "logs" / f"{name}.log"
            raise Unavailable(
                f"{name} stopped while starting (status {process.returncode}):"
                f" {_last_words(log) or 'it said nothing of it'}; see the end of {log}"
            )
        try:
            path = _address_file(self.installation, self._instances[name])
            address = path.read_text("ascii").strip()
        except FileNotFoundError:
            if time.monotonic() > deadline:
                raise Unavailable(
                    f"{name} did not become ready in {_START_SECONDS:.0f} seconds"
                ) from None
            return False
        self._ready[name] = address
        return True

    def watch(self, is_stopping: Callable[[], bool]) -> None:
        """Start processes again that die, until `is_stopping`; waits longer each time one dies.

        Renews certificates in time; running processes take them as they are renewed.
        """
        renewal = time.monotonic() + _RENEWAL_SECONDS
        while not is_stopping():
            if time.monotonic() > renewal:
                renewal = time.monotonic() + _RENEWAL_SECONDS
                self._renew_certificates()
            for name, process in list(self._processes.items()):
                if process.poll() is None:
                    continue
                deaths = self._failures.setdefault(name, [])
                now = time.monotonic()
                deaths[:] = [moment for moment in deaths if now - moment < 60.0]
                if deaths and now - deaths[-1] < min(2.0 ** len(deaths) / 4, 15.0):
                    continue
                deaths.append(now)
                _report_death(name, process.returncode)
                if process.stdin:
                    process.stdin.close()
                self._launch(self._instances[name])
                self._write_state()
            time.sleep(0.1)

    def _renew_certificates(self) -> None:
        import structlog  # commands that start nothing do without it

        try:
            renew_certificates(self.installation)
        except (OSError, ValueError, SottoError) as error:
            structlog.get_logger(__name__).error("certificates_not_renewed", exc_info=error)

    def stop(self) -> None:
        """Stop all processes in the reverse order of their start, the slow ones by force."""
        for spec in reversed(PROCESSES):
            many = [
                self._processes.pop(one.name)
                for one in self._instances.values()
                if one.spec is spec and one.name in self._processes
            ]
            for process in many:
                with contextlib.suppress(ProcessLookupError):
                    process.terminate()
            for process in many:
                try:
                    process.wait(_STOP_SECONDS)
                except subprocess.TimeoutExpired:
                    process.kill()
                    process.wait()
                if process.stdin:
                    process.stdin.close()
        _state_file(self.installation).unlink(missing_ok=True)

    def close(self) -> None:
        """Stop all processes and release the installation."""
        self.stop()
        os.close(self._lock)

    def _write_state(self) -> None:
        state = {
            "pid": os.getpid(),
            "addresses": self.addresses,
            "processes": {name: process.pid for name, process in self._processes.items()},
            "instances": self._ready,
        }
        write_private(_state_file(self.installation), json.dumps(state, indent=1).encode())


def _report_death(name: str, code: int) -> None:
    import structlog  # commands that start nothing do without it

    structlog.get_logger(__name__).warning("process_died", process=name, code=code)


def prepare(installation: Installation) -> None:
    """Make the folders and certificates of an installation where they are missing."""
    installation.make_folder()
    for part in ("pki", "run", "logs", "tmp"):
        installation.make_folder(part)
    renew_certificates(installation)


def renew_certificates(installation: Installation) -> None:
    """Issue the certificates of an installation that are missing or about to expire.

    The console's pair of keys, which is no certificate's, is made where it is missing.
    An authority is made where there is none. Where its certificate lies without its key, it is on
    another machine, which issues what is needed here.
    """
    # Commands that start nothing do without it.
    from services.common import certificate_authority, delegation

    pki = installation.pki
    if (pki / "ca.pem").exists() and not certificate_authority.can_issue(pki):
        return
    certificate_authority.ensure_authority(pki)
    for name in (*SERVICES, *CLIENTS):
        certificate_authority.ensure_certificate(pki, name)
    delegation.ensure_keys(pki)


def is_owned(installation: Installation) -> bool:
    """Return whether a running supervisor owns the installation.

    Raises WrongUse when that cannot be known.
    """
    try:
        descriptor = os.open(installation.run / "lock", os.O_RDWR)
    except FileNotFoundError:
        return False
    except OSError as error:
        raise WrongUse(
            f"the home {installation.root} cannot be used ({error.strerror});"
            " choose another: --home"
        ) from error
    try:
        fcntl.flock(descriptor, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    finally:
        os.close(descriptor)
    return False


def state(installation: Installation) -> dict[str, Any] | None:
    """Return what runs, or None when nothing does, or not yet.

    `pid` is the supervisor's, `addresses` has those of each kind of process, `processes` the
    process id and `instances` the address of each process.
    """
    if is_owned(installation):
        with contextlib.suppress(FileNotFoundError, ValueError):
            found: dict[str, Any] = json.loads(_state_file(installation).read_text("utf-8"))
            return found
    return None


@contextlib.contextmanager
def running(
    installation: Installation,
    names: Iterable[str],
    *,
    before_start: Callable[[list[str]], None] = lambda _names: None,
    on_ready: OnReady = lambda _name: None,
) -> Iterator[Mapping[str, str]]:
    """Provide the addresses of running processes; starts the named ones for a while when none runs.

    `before_start` is called with the names of those that will be started.
    """
    names = list(names)
    if found := state(installation):
        missing = [name for name in names if name not in found["addresses"]]
        if missing:
            raise Unavailable(
                f"{', '.join(missing)} is not running here; run: sotto down, then: sotto up"
            )
        yield found["addresses"]
        return
    supervisor = Supervisor(installation)
    try:
        before_start([spec.name for spec in in_start_order(names)])
        supervisor.start(names, on_ready)
        yield supervisor.addresses
    finally:
        supervisor.close()


def _take_lock(installation: Installation) -> int:
    descriptor = os.open(installation.make_folder("run") / "lock", os.O_RDWR | os.O_CREAT, 0o600)
    # A process that only asks whether the installation is owned holds the lock for a moment.
    for _ in range(_LOCK_TRIES):
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            time.sleep(0.02)
        else:
            return descriptor
    os.close(descriptor)
    raise Unavailable(
        f"Sotto runs already in {installation.root}; see: sotto status", reason="running"
    )


def _state_file(installation: Installation) -> Path:
    return installation.run / "state.json"


def _address_file(installation: Installation, instance: Instance) -> Path:
    return installation.address_file(instance.spec.name, instance.number)
