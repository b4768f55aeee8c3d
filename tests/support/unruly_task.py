# SPDX-License-Identifier: Apache-2.0
"""A task of the sandbox that does what its order says, little of it good."""

from __future__ import annotations

import ctypes
import errno
import itertools
import json
import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import BinaryIO

from services.common.errors import InvalidInput, NotFound
from services.common.sandbox.task import Order, Work

_found: dict[str, object] = {}


def prepare() -> None:
    """Look, before the walls are made, at what came over from the service."""
    _found["environment"] = sorted(os.environ)
    _found["descriptors"] = sorted(
        int(one.name) for one in Path("/proc/self/fd").iterdir() if one.exists()
    )
    _found["folder"] = str(Path.cwd())
    _found["template"] = os.getpid()


def work(file: BinaryIO, order: Order) -> Work:
    """Do one thing."""
    yield from _DEEDS[order["do"]](file)
    return {"size": file.seek(0, 2)}


def _tell(_: BinaryIO) -> Iterator[tuple[int, bytes]]:
    yield 7, json.dumps(_found).encode()


def _look(_: BinaryIO) -> Iterator[tuple[int, bytes]]:
    # A pipe has no position, which is not the same as not being there.
    yield 7, json.dumps([end for end in range(256) if _position(end) != errno.EBADF]).encode()


def _position(end: int) -> int:
    try:
        return os.lseek(end, 0, os.SEEK_CUR)
    except OSError as error:
        return error.errno or 0


def _read(file: BinaryIO) -> Iterator[tuple[int, bytes]]:
    file.seek(-3, 2)
    yield 1, file.read()
    file.seek(0)
    yield 2, file.read()


def _spin(_: BinaryIO) -> Iterator[tuple[int, bytes]]:
    yield 0, bytes(1 << 20)  # more than is kept back before it is sent
    for _ in itertools.count():
        pass


def _wait(_: BinaryIO) -> Iterator[tuple[int, bytes]]:
    # No call that waits is allowed, so it waits for the parent, which has said all that it will.
    os.read(0, 1)
    yield 0, b""


def _fill(_: BinaryIO) -> Iterator[tuple[int, bytes]]:
    kept = [bytearray(1 << 20) for _ in range(1 << 20)]
    yield len(kept), b""


def _crash(_: BinaryIO) -> Iterator[tuple[int, bytes]]:
    ctypes.string_at(8)
    yield 0, b""


def _fail(_: BinaryIO) -> Iterator[tuple[int, bytes]]:
    yield 1, b"x"
    raise ZeroDivisionError


def _flood(_: BinaryIO) -> Iterator[tuple[int, bytes]]:
    while True:
        yield 0, bytes(1 << 16)


def _refuse(_: BinaryIO) -> Iterator[tuple[int, bytes]]:
    yield 1, b"x"
    raise NotFound("there is none")


def _refuse_otherwise(_: BinaryIO) -> Iterator[tuple[int, bytes]]:
    yield 1, b"x"
    raise InvalidInput("x" * 10_000)


_DEEDS: dict[str, Callable[[BinaryIO], Iterator[tuple[int, bytes]]]] = {
    "tell": _tell,
    "look": _look,
    "read": _read,
    "spin": _spin,
    "wait": _wait,
    "fill": _fill,
    "crash": _crash,
    "fail": _fail,
    "flood": _flood,
    "refuse": _refuse,
    "refuse otherwise": _refuse_otherwise,
}
