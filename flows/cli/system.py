# SPDX-License-Identifier: Apache-2.0
"""``sotto up``, ``down`` and ``status``."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import threading
import time
from typing import Annotated

import typer

from flows.cli.shared import emit, say, table
from services.common import signals, supervisor
from services.common.errors import Unavailable
from services.common.installation import Installation
from services.common.options import HomeOption, JsonOption, installation_of

_START_SECONDS = 600.0


def up(
    home: HomeOption = None,
    detach: Annotated[
        bool, typer.Option("--detach", help="Leave the services running and return.")
    ] = False,
) -> None:
    """Start all services and keep them running."""
    house = installation_of(home)
    if detach:
        _detached(house)
        return
    from services.common import logging

    logging.configure("supervisor")
    owner = supervisor.Supervisor(house)
    stopping = threading.Event()
    signals.on_terminate(stopping.set)
    try:
        owner.start(say=lambda name: say(f"{name} is ready"))
        say(f"Sotto is up in {house.root}. Stop it with Ctrl-C or: sotto down")
        owner.watch(stopping.is_set)
    finally:
        owner.close()
    say("Sotto is down.")


def down(home: HomeOption = None) -> None:
    """Stop the services of a home."""
    house = installation_of(home)
    found = supervisor.state(house)
    if found is None:
        say("Nothing is running.")
        return
    os.kill(found["pid"], signal.SIGTERM)
    deadline = time.monotonic() + 90.0
    while supervisor.is_owned(house):
        if time.monotonic() > deadline:
            msg = f"the services do not stop; see the logs in {house.root / 'logs'}"
            raise Unavailable(msg)
        time.sleep(0.05)
    say("Sotto is down.")


def status(home: HomeOption = None, as_json: JsonOption = False) -> None:
    """Show which services run. Exit status 5 when none does."""
    house = installation_of(home)
    found = supervisor.state(house)
    rows = []
    for unit in supervisor.UNITS:
        pid = found["processes"].get(unit.name) if found else None
        running = pid is not None and _is_alive(pid)
        rows.append(
            {
                "name": unit.name,
                "state": "running" if running else "stopped",
                "pid": pid if running else None,
                "address": found["addresses"].get(unit.name, "") if found and running else "",
            }
        )
    if as_json:
        for row in rows:
            emit(row)
    else:
        table(
            ("SERVICE", "STATE", "PID", "ADDRESS"),
            [(row["name"], row["state"], row["pid"] or "", row["address"]) for row in rows],
        )
    if found is None:
        raise typer.Exit(Unavailable.exit_code)
    _tell_of_witnesses(house)


def _tell_of_witnesses(house: Installation) -> None:
    """Say which witnesses of the audit log do not cosign, by the file that its service keeps."""
    try:
        rows = json.loads((house.root / "audit" / "witnesses.json").read_bytes())
        lost = [f"{row['name']} ({row['state']})" for row in rows if row["state"] != "cosigns"]
    except (OSError, ValueError, TypeError, KeyError):
        return
    if lost:
        say(f"Witnesses of the audit log that do not cosign: {', '.join(lost)}")


def _detached(house: Installation) -> None:
    log = house.folder("logs") / "supervisor.log"
    with log.open("ab") as out:
        log.chmod(0o600)
        child = subprocess.Popen(
            [sys.executable, "-m", "flows.cli.main", "up", "--home", str(house.root)],
            stdin=subprocess.DEVNULL,
            stdout=out,
            stderr=out,
            start_new_session=True,
        )
    deadline = time.monotonic() + _START_SECONDS
    while time.monotonic() < deadline:
        found = supervisor.state(house)
        if found and found["pid"] == child.pid:
            say(f"Sotto is up in {house.root}. Stop it with: sotto down")
            return
        if child.poll() is not None:
            last = log.read_text("utf-8", "replace").strip().rsplit("\n", 1)[-1]
            raise Unavailable(last.removeprefix("sotto: ") or "the services did not start")
        time.sleep(0.05)
    msg = f"the services did not start in {_START_SECONDS:.0f} seconds; see {log}"
    raise Unavailable(msg)


def _is_alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except OSError:
        return False
    return True
