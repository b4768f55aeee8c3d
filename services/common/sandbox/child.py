# SPDX-License-Identifier: Apache-2.0
"""The confined process, once it was forked: it makes the walls, then reads what it does not trust.

Its parent's parent sends the order as a line of JSON and serves the file; see `messages`.
"""

from __future__ import annotations

import importlib
import io
import json
import os
from collections.abc import Mapping
from dataclasses import asdict
from typing import BinaryIO, cast

from services.common.errors import SottoError
from services.common.sandbox.confinement import confine
from services.common.sandbox.limits import Limits
from services.common.sandbox.messages import DONE, HEADER, ITEM, LIMIT, REFUSED, WALLS
from services.common.sandbox.seccomp import Filter
from services.common.sandbox.task import ParentFile, Task

_READ_AHEAD = 256 * 1024
_WRITE_BEHIND = 64 * 1024


def load(name: str) -> Task:
    """Return a task, named by its module, that has loaded all that it needs."""
    task = cast("Task", importlib.import_module(name))
    task.prepare()
    return task


def obey(task: Task, template: int, rules: Filter | str) -> None:
    """Do what the first line on stdin orders.

    `template` is the process that forked this one, `rules` are what it found by `find_filter`.
    """
    answers = os.fdopen(0, "rb")
    # Nothing but messages may reach the service.
    requests = os.fdopen(os.dup(1), "wb", buffering=_WRITE_BEHIND)
    os.dup2(2, 1)
    order = json.loads(answers.readline())
    walls = confine(Limits(**order["limits"]), template, rules)
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
