# SPDX-License-Identifier: Apache-2.0
"""A process with a secret, whose confined child tries to get at it; run as a program of its own.

The order on stdin has `folder`, `uid` (0 stays as it is) and `confined`. The attempts see this
process as their service. It prints, as JSON, what came of them, the secret, and what `mine` holds.
"""

from __future__ import annotations

import ctypes
import io
import json
import os
import secrets
import socket
import subprocess
import sys
from pathlib import Path

import psutil

from services.common.sandbox.limits import Limits
from services.common.sandbox.parent import Sandbox
from tests.support.escape_attempts import become

_DUMPABLE = 4
_ATTEMPTS = "tests.support.escape_attempts"


class _Hook(io.BytesIO):
    """An empty file; the sandbox asks for its size once its process was started."""

    def __init__(self, uid: int) -> None:
        super().__init__()
        self._uid = uid

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        """Become the user: root's home, where the interpreter may lie, need not be open to it."""
        _become(self._uid)
        return super().seek(offset, whence)


def main() -> None:
    """Make the files and the secret, and let the attempts be made."""
    order = json.loads(sys.stdin.readline())
    folder, uid = Path(order["folder"]), int(order["uid"])
    folder.mkdir()
    for name in ("mine", "other", "spare"):
        (folder / name).write_text("what the service keeps")
    if uid:
        for path in (folder, *folder.iterdir()):
            os.chown(path, uid, uid)
    secret = ctypes.create_string_buffer(secrets.token_bytes(32), 128)
    with socket.create_server(("127.0.0.1", 0)) as listener:
        order |= {
            "service": os.getpid(),
            "secret": ctypes.addressof(secret),
            "port": listener.getsockname()[1],
            # Where it works, nothing that comes behind it is told.
            "exec": order["confined"],
        }
        outcomes = _confined(order, uid) if order["confined"] else _unconfined(order, uid)
    mine = folder / "mine"
    found = {
        "outcomes": outcomes,
        "secret": secret.raw[:32].hex(),
        "mine": mine.read_text() if mine.exists() else "",
        "names": sorted(path.name for path in folder.iterdir()),
    }
    sys.stdout.write(json.dumps(found))


def _confined(order: dict[str, object], uid: int) -> dict[str, str]:
    sandbox = Sandbox(_ATTEMPTS, Limits(wait_seconds=120.0))
    beside = sandbox.run(io.BytesIO(), {"stay": True})
    next(beside)
    [template] = psutil.Process().children()
    [sibling] = template.children()
    order["others"] = {"template": template.pid, "sibling": sibling.pid}
    ((_, data),) = sandbox.run(_Hook(uid), order)
    beside.close()
    made: dict[str, str] = json.loads(data)
    return made


def _unconfined(order: dict[str, object], uid: int) -> dict[str, str]:
    command = [sys.executable, "-m", _ATTEMPTS]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
        _become(uid)
        said, _ = process.communicate(json.dumps(order).encode() + b"\n", timeout=120)
    made: dict[str, str] = json.loads(said)
    return made


def _become(uid: int) -> None:
    become(uid)
    # A change of the user makes a process as closed as the services make themselves; here the
    # sandbox alone shall stand between the two.
    ctypes.CDLL(None).prctl(_DUMPABLE, 1, 0, 0, 0)


if __name__ == "__main__":
    main()
