# SPDX-License-Identifier: Apache-2.0
"""`sotto up`, `down` and `status`."""

from __future__ import annotations

import contextlib
import json
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from enum import StrEnum
from pathlib import Path
from typing import Annotated, BinaryIO

import typer

from services.common import signals, supervisor
from services.common.errors import SottoError, Unavailable, WrongUse, disk_full
from services.common.files import is_disk_full
from services.common.installation import Installation
from services.common.options import HomeOption, JsonOption, installation_of
from services.common.output import print_message, print_record, print_table
from services.registry.identities import CONSOLE
from services.registry.processes import PROCESSES

_START_SECONDS = 600.0
_STOP_SECONDS = 90.0
_POLL_SECONDS = 0.05
# As the audit service writes it into witnesses.json.
_COSIGNS = "cosigns"


class _UnitState(StrEnum):
    RUNNING = "running"
    STOPPED = "stopped"


@dataclass(frozen=True, slots=True)
class _UnitStatus:
    """Whether a process of the installation is running, and where."""

    name: str
    state: _UnitState
    pid: int | None
    address: str


def up(
    home: HomeOption = None,
    detach: Annotated[
        bool, typer.Option("--detach", help="Leave the services running and return.")
    ] = False,
) -> None:
    """Start all services and keep them running."""
    installation = installation_of(home)
    if detach:
        _start_detached(installation)
        return
    from services.common import logging

    logging.configure("supervisor")
    owner = supervisor.Supervisor(installation)
    stopping = threading.Event()
    signals.on_terminate(stopping.set)
    try:
        owner.start(on_ready=lambda name: print_message(f"{name} is ready"))
        _print_up(installation, "Ctrl-C or: sotto down")
        owner.watch(stopping.is_set)
    finally:
        owner.close()
    print_message("Sotto is down.")


def down(home: HomeOption = None) -> None:
    """Stop the services of a home."""
    installation = installation_of(home)
    found = supervisor.state(installation)
    if found is None:
        print_message(f"Nothing is running in {installation.root}.")
        return
    os.kill(found["pid"], signal.SIGTERM)
    deadline = time.monotonic() + _STOP_SECONDS
    while supervisor.is_owned(installation):
        if time.monotonic() > deadline:
            raise Unavailable(
                f"the services do not stop; see the logs in {installation.root / 'logs'}"
            )
        time.sleep(_POLL_SECONDS)
    print_message("Sotto is down.")


def status(
    everything: Annotated[
        bool,
        typer.Option("--all", help="Tell of every part: workers, stores, keys, backups, models."),
    ] = False,
    home: HomeOption = None,
    as_json: JsonOption = False,
) -> None:
    """Show which services run, what waits, and when it is done. Exit status 5 when none runs."""
    installation = installation_of(home)
    found = supervisor.state(installation)
    processes: Mapping[str, int] = found["processes"] if found else {}
    addresses: Mapping[str, str] = found["instances"] if found else {}
    names = dict.fromkeys([*_expected(installation), *sorted(processes)])
    units = [_unit_status(name, processes.get(name), addresses.get(name, "")) for name in names]
    if as_json:
        for unit in units:
            print_record(asdict(unit))
    else:
        print_table(
            ("SERVICE", "STATE", "PID", "ADDRESS"),
            [(unit.name, unit.state, unit.pid or "", unit.address) for unit in units],
        )
    if found is None:
        print_message(_nothing_runs(installation))
        raise typer.Exit(Unavailable.exit_code)
    from flows.cli import work_status

    work = work_status.read(installation)
    if as_json:
        print_record({"name": "work", **asdict(work)})
    else:
        for line in work.lines():
            print_message(line)
    _print_lost_witnesses(installation)
    if everything:
        from flows.cli import parts_status

        parts_status.show(installation, as_json=as_json)


def _print_up(installation: Installation, stop: str) -> None:
    from flows.cli import work_status

    print_message(f"Sotto is up in {installation.root}. Stop it with: {stop}")
    if address := (supervisor.state(installation) or {}).get("addresses", {}).get(CONSOLE):
        print_message(f"The console: https://{address}")
    with contextlib.suppress(SottoError):  # nobody needs the pages
        print_message(work_status.pages_line(installation))


def _expected(installation: Installation) -> list[str]:
    """Return the processes that run where all is well; the console where somebody may sign in."""
    from services.common import instances

    is_used = instances.has_console(installation)
    return [one.name for one in PROCESSES if is_used or not one.is_console]


def _nothing_runs(installation: Installation) -> str:
    if not installation.root.exists():
        return (
            f"There is no installation in {installation.root}; give its folder with --home or"
            " SOTTO_HOME, or make one there with: sotto up --detach"
        )
    return f"Nothing is running in {installation.root}; start it with: sotto up --detach"


def _unit_status(name: str, pid: int | None, address: str) -> _UnitStatus:
    if pid is None or not _is_alive(pid):
        return _UnitStatus(name, _UnitState.STOPPED, None, "")
    return _UnitStatus(name, _UnitState.RUNNING, pid, address)


def _print_lost_witnesses(installation: Installation) -> None:
    """Print which witnesses of the audit log do not cosign, by the file that its service keeps."""
    try:
        rows = json.loads((installation.root / "audit" / "witnesses.json").read_bytes())
        lost = [f"{row['name']} ({row['state']})" for row in rows if row["state"] != _COSIGNS]
    except (OSError, ValueError, TypeError, KeyError):
        return
    if lost:
        print_message(f"Witnesses of the audit log that do not cosign: {', '.join(lost)}")


def _start_detached(installation: Installation) -> None:
    """Start `sotto up` in a process of its own and wait until all services are ready.

    Raises Unavailable with the last line of the process's log when it ends before.
    """
    log = installation.make_folder("logs") / "supervisor.log"
    with _opened(installation, log) as out:
        log.chmod(0o600)
        child = subprocess.Popen(
            [sys.executable, "-m", "flows.cli.main", "up", "--home", str(installation.root)],
            stdin=subprocess.DEVNULL,
            stdout=out,
            stderr=out,
            start_new_session=True,
        )
    deadline = time.monotonic() + _START_SECONDS
    while time.monotonic() < deadline:
        found = supervisor.state(installation)
        if found and found["pid"] == child.pid:
            _print_up(installation, "sotto down")
            return
        if child.poll() is not None:
            if is_disk_full(installation.root):
                raise disk_full(f"the disk of {installation.root} is full")
            last = log.read_text("utf-8", "replace").strip().rsplit("\n", 1)[-1]
            raise Unavailable(last.removeprefix("sotto: ") or "the services did not start")
        time.sleep(_POLL_SECONDS)
    raise Unavailable(f"the services did not start in {_START_SECONDS:.0f} seconds; see {log}")


def _opened(installation: Installation, log: Path) -> BinaryIO:
    """Open a log to append to it; raises WrongUse in a home of another account."""
    try:
        return log.open("ab")
    except OSError as error:
        raise WrongUse(
            f"the home {installation.root} cannot be used ({error.strerror});"
            " work under the account that Sotto runs under, or choose another home: --home"
        ) from error


def _is_alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except OSError:
        return False
    return True
