# SPDX-License-Identifier: Apache-2.0
"""The confined process: it loads a task, makes the walls, then reads what it does not trust.

Started by `parent`, as `python -m services.common.sandbox`. The parent sends the order as a line of
JSON and serves the file; see `messages`.
"""

from __future__ import annotations

import importlib
import io
import json
import os
import sys
from collections.abc import Mapping
from dataclasses import asdict
from typing import BinaryIO, cast

from services.common.errors import SottoError
from services.common.sandbox.confinement import confine
from services.common.sandbox.limits import Limits
from services.common.sandbox.messages import DONE, HEADER, ITEM, LIMIT, REFUSED, WALLS
from services.common.sandbox.task import ParentFile, Task

_READ_AHEAD = 256 * 1024
_WRITE_BEHIND = 64 * 1024


def main() -> None:
    """Do what the first line on stdin orders, and end without cleaning up."""
    answers = os.fdopen(0, "rb")
    # Nothing but messages may reach the parent.
    requests = os.fdopen(os.dup(1), "wb", buffering=_WRITE_BEHIND)
    os.dup2(2, 1)
    order = json.loads(answers.readline())
    task = cast("Task", importlib.import_module(order["task"]))
    task.prepare()
    walls = confine(Limits(**order["limits"]), order["parent"])
    _send(requests, WALLS, 0, json.dumps(asdict(walls)).encode())
    if walls.seccomp or order["allow_weak"]:
        try:
            _work(task, order, answers, requests)
        except SottoError as error:
            refusal = [type(error).__name__, error.message]
            _send(requests, REFUSED, 0, json.dumps(refusal).encode())
        except MemoryError:
            _send(requests, LIMIT, 0, b"")
    requests.flush()
    # Leaving in good order would open files and end threads.
    os._exit(0)


def _work(task: Task, order: Mapping[str, object], answers: BinaryIO, requests: BinaryIO) -> None:
    size = cast("int", order["size"])
    file = io.BufferedReader(ParentFile(answers, requests, size), buffer_size=_READ_AHEAD)
    work = task.work(cast("BinaryIO", file), cast("Mapping[str, object]", order["order"]))
    while True:
        try:
            number, data = next(work)
        except StopIteration as end:
            _send(requests, DONE, 0, json.dumps(end.value).encode())
            return
        _send(requests, ITEM, number, data)


def _send(requests: BinaryIO, kind: bytes, number: int, data: bytes) -> None:
    requests.write(HEADER.pack(kind, number, len(data)))
    requests.write(data)
    if kind != ITEM:
        requests.flush()


if __name__ == "__main__":
    if sys.argv[1:]:
        sys.exit("this program takes no arguments")
    main()
