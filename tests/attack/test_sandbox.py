# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

import itertools
import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

import pytest

from tests.support.tools import need_system

_ROOT = Path(__file__).parents[2]
_NOBODY = 65534
_TEMPORARY = Path(tempfile.gettempdir())

USERS = pytest.mark.parametrize("uid", [0, _NOBODY], ids=["own user", "nobody"])

_REFUSED_TO_ALL = {"bpf", "userfaultfd", "mount", "new network", "new user namespace", "io_uring"}
"""What a system may refuse to an ordinary user, or to everybody."""


def attempts(folder: Path, uid: int, *, confined: bool) -> dict[str, Any]:
    """What somebody achieves who took over the process that reads files of a service of `uid`."""
    need_system(not uid or not os.geteuid(), "only root becomes another user")
    # Other users may not enter pytest's folders.
    for parent in itertools.takewhile(lambda one: one != _TEMPORARY, (folder, *folder.parents)):
        parent.chmod(0o755)
    order = {"folder": str(folder / "files"), "uid": uid, "confined": confined}
    done = subprocess.run(
        [sys.executable, "-m", "tests.support.escape_victim"],
        input=json.dumps(order),
        capture_output=True,
        text=True,
        cwd=_ROOT,
        env={**os.environ, "PYTHONPATH": f"{_ROOT}{os.pathsep}{_ROOT / 'protos'}"},
        check=False,
        timeout=200,
    )
    assert done.returncode == 0, done.stderr
    found: dict[str, Any] = json.loads(done.stdout)
    return found


@USERS
class TestEscape:
    def test_everything_is_refused_inside(self, tmp_path: Path, uid: int) -> None:
        """Confined code opens, starts, traces, signals and changes nothing, by any system call.

        Neither of the service, nor of the template that forked it, nor of another run.
        """
        found = attempts(tmp_path, uid, confined=True)
        assert len(found["outcomes"]) > 55
        assert set(found["outcomes"].values()) == {"EPERM"}, found["outcomes"]
        assert found["secret"] not in found["outcomes"].values()
        assert found["names"] == ["mine", "other", "spare"]
        assert found["mine"] == "what the service keeps"

    def test_the_same_is_possible_outside(self, tmp_path: Path, uid: int) -> None:
        """The attempts work where nothing confines them, so that their refusal proves a wall."""
        found = attempts(tmp_path, uid, confined=False)
        outcomes = found["outcomes"]
        assert outcomes.pop("read memory of the service") == found["secret"]
        assert outcomes.pop("read /proc/PID/mem of the service") == found["secret"]
        failed = {name for name, outcome in outcomes.items() if outcome != "done"}
        assert failed <= _REFUSED_TO_ALL, outcomes
        assert "other" not in found["names"]
        assert found["mine"] == ""
