# SPDX-License-Identifier: Apache-2.0
"""A whole installation for tests: its own home, its own services, the real command line."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
SAMPLES = ROOT / "flows" / "demo" / "samples"


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


class House:
    """One home. Use ``up`` and ``down``, or let each command start what it needs."""

    def __init__(self, root: Path, environment: Mapping[str, str] | None = None) -> None:
        self.root = root
        self.environment = {**os.environ, "SOTTO_HOME": str(root), **(environment or {})}

    def sotto(self, *arguments: str, stdin: str = "", seconds: float = 240.0) -> Done:
        """Run ``sotto`` as a user would."""
        done = subprocess.run(
            [sys.executable, "-m", "flows.cli.main", *arguments],
            input=stdin.encode(),
            capture_output=True,
            env=self.environment,
            timeout=seconds,
            cwd=ROOT,
            check=False,
        )
        return Done(done.returncode, done.stdout.decode(), done.stderr.decode())

    def ok(self, *arguments: str, stdin: str = "") -> Done:
        """Run ``sotto`` and expect that it does what it was asked to."""
        done = self.sotto(*arguments, stdin=stdin)
        assert done.code == 0, f"{arguments}: {done.err}\n{self.logs()}"
        return done

    def up(self) -> None:
        """Start all services and leave them running."""
        self.ok("up", "--detach")

    def down(self) -> None:
        """Stop them."""
        self.sotto("down")

    def pid(self, name: str) -> int:
        """Process id of a running service."""
        state = json.loads((self.root / "run" / "state.json").read_text("utf-8"))
        return int(state["processes"][name])

    def kill(self, name: str) -> None:
        """Kill a service as a power cut would."""
        os.kill(self.pid(name), signal.SIGKILL)

    def recordings(self, study: str = "") -> list[dict[str, Any]]:
        """What ``recordings list`` says."""
        only = ("--study", study) if study else ()
        return self.ok("recordings", "list", "--json", *only).records

    def logs(self) -> str:
        """The ends of all logs, for the message of a failed assertion."""
        return "\n".join(
            f"--- {path.name}\n" + "\n".join(path.read_text("utf-8").splitlines()[-6:])
            for path in sorted((self.root / "logs").glob("*.log"))
        )


def wait_until(
    condition: Callable[[], bool], *, seconds: float = 240.0, what: str = "it", every: float = 0.05
) -> None:
    """Wait for something that must happen; fails the test when it does not."""
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, f"{what} did not happen in {seconds:.0f} s"
        time.sleep(every)


def study_file(folder: Path, *, review: str = "required", codes: int = 12) -> Path:
    """A study for tests, with participants P01, P02, ..."""
    path = folder / "study.yaml"
    participants = ", ".join(f"P{number:02}" for number in range(1, codes + 1))
    path.write_text(
        f"id: trial\ntitle: A study for tests\nlanguages: [en, ms]\npolicy: research-default\n"
        f"review: {review}\nparticipants: [{participants}]\n",
        "utf-8",
    )
    return path
