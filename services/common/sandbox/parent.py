# SPDX-License-Identifier: Apache-2.0
"""Starts a confined process, serves it its file, and takes nothing that it says on trust."""

from __future__ import annotations

import contextlib
import json
import os
import signal
import subprocess
import sys
from collections.abc import Generator, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import BinaryIO

from services.common.errors import InvalidInput, NotReady, SottoError
from services.common.sandbox.limits import Limits, Walls
from services.common.sandbox.messages import (
    DONE,
    HEADER,
    ITEM,
    LIMIT,
    MOST_MESSAGE_BYTES,
    MOST_READ_BYTES,
    READ,
    REFUSED,
    WALLS,
)
from services.common.sandbox.pipes import Pipes, TookTooLong

_ROOT = Path(__file__).parents[3]

_NOT_AS_AGREED = (
    EOFError,
    BrokenPipeError,
    ValueError,
    TypeError,
    KeyError,
    AttributeError,
    OverflowError,
    RecursionError,
)

_LONGEST_ERROR = 500
"""Characters of an error's text that are taken over."""


class SandboxFailed(Exception):
    """The confined process did not get to its end; `limit` names the limit it hit, if any."""

    def __init__(self, limit: str = "") -> None:
        super().__init__(limit or "broke")
        self.limit = limit


@dataclass(frozen=True, slots=True)
class Ending:
    """How a task ended: what it returned, and the walls that it ran behind."""

    result: Mapping[str, int]
    walls: Walls


Items = Generator[tuple[int, bytes], None, Ending]


@dataclass(frozen=True, slots=True)
class Sandbox:
    """Runs a task, named by its module, on files: one process for each pass over a file.

    `errors` are those that the task may raise, the first stands for any other name. Where the
    system has no seccomp, nothing is read unless `allow_weak`.
    """

    task: str
    limits: Limits = field(default_factory=Limits)
    errors: tuple[type[SottoError], ...] = (InvalidInput,)
    allow_weak: bool = False

    def run(self, file: BinaryIO, order: Mapping[str, object]) -> Items:
        """Yield the items of the task, each a number of its own and bytes; return how it ended.

        `file` is seekable. Leaving early ends the process. Raises what the task raises,
        `SandboxFailed` where it does not get to its end, and `NotReady` where this system cannot
        confine it. It ends with the thread that began to iterate.
        """
        with _process() as process:
            pipes = Pipes(process, self.limits.wait_seconds)
            try:
                pipes.write(self._order(file.seek(0, 2), order))
                return (yield from self._converse(pipes, file))
            except TookTooLong:
                raise SandboxFailed(f"{self.limits.wait_seconds:g} s of time") from None
            except _NOT_AS_AGREED:
                # Whatever is not as agreed is said by a process that broke or was taken over.
                raise self._ended(process) from None

    def _order(self, size: int, order: Mapping[str, object]) -> bytes:
        sent = {
            "task": self.task,
            "limits": asdict(self.limits),
            "parent": os.getpid(),
            "size": size,
            "allow_weak": self.allow_weak,
            "order": order,
        }
        return json.dumps(sent).encode() + b"\n"

    def _converse(self, pipes: Pipes, file: BinaryIO) -> Items:
        kind, _, length = _header(pipes)
        if kind != WALLS:
            raise EOFError
        walls = Walls(**json.loads(pipes.read(length)))
        if not walls.seccomp and not self.allow_weak:
            raise NotReady(_unconfined(walls), reason="no_sandbox")
        left = self.limits.output_bytes
        while True:
            kind, first, length = _header(pipes)
            if kind == READ:
                file.seek(first)
                pipes.write(file.read(min(length, MOST_READ_BYTES)))
                continue
            left -= max(length, HEADER.size)  # empty messages cost something too
            if left < 0:
                raise SandboxFailed(f"{self.limits.output_bytes} bytes of what was read")
            data = pipes.read(length)
            if kind == ITEM:
                yield first, data
            elif kind == DONE:
                result = {str(key): int(value) for key, value in json.loads(data).items()}
                return Ending(result, walls)
            elif kind == REFUSED:
                raise self._refusal(data)
            elif kind == LIMIT:
                raise SandboxFailed(_memory(self.limits))
            else:
                raise EOFError

    def _refusal(self, data: bytes) -> SottoError:
        name, message = json.loads(data)
        kinds = {kind.__name__: kind for kind in self.errors}
        return kinds.get(name, self.errors[0])(str(message)[:_LONGEST_ERROR])

    def _ended(self, process: subprocess.Popen[bytes]) -> SandboxFailed:
        # It is at its end, or says what it should not, and then waits for an answer.
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(timeout=1.0)
        if process.returncode == -signal.SIGXCPU:
            return SandboxFailed(f"{self.limits.cpu_seconds} s of processor time")
        return SandboxFailed()


def find_walls(*, allow_weak: bool) -> Walls:
    """Return what confines a process on this system, by trying it.

    Raises `NotReady` where it is too little and not allowed, or cannot be tried.
    """
    limits = Limits(cpu_seconds=60, wait_seconds=60.0)
    sandbox = Sandbox("services.common.sandbox.probe", limits, allow_weak=allow_weak)
    with Path(os.devnull).open("rb") as nothing:
        running = sandbox.run(nothing, {})
        try:
            next(running)
        except StopIteration as end:
            ending: Ending = end.value
            return ending.walls
        except SandboxFailed as error:
            raise NotReady(
                "The confined process that reads files from outside cannot be started on this "
                f"system ({error}); see docs/operations.md, what the kernel has to offer.",
                reason="no_sandbox",
            ) from None
    raise NotReady("The confined process says what it should not.", reason="no_sandbox")


def _header(pipes: Pipes) -> tuple[bytes, int, int]:
    kind, first, length = HEADER.unpack(pipes.read(HEADER.size))
    if length > MOST_MESSAGE_BYTES:
        raise EOFError
    return kind, first, length


def _memory(limits: Limits) -> str:
    return f"{limits.memory_bytes // 1024**2} MiB of memory"


def _unconfined(walls: Walls) -> str:
    return (
        "This system cannot confine the process that reads files from outside: it offers no "
        f"seccomp filter ({walls.missing}). Install libseccomp2 and use a kernel with seccomp, or "
        "accept it by allow_weak_sandbox = true."
    )


@contextmanager
def _process() -> Iterator[subprocess.Popen[bytes]]:
    process = subprocess.Popen(
        [sys.executable, "-P", "-s", "-B", "-m", "services.common.sandbox"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        bufsize=0,
        # Nothing of this process's environment, which may hold secrets.
        env={
            "PYTHONPATH": f"{_ROOT}{os.pathsep}{_ROOT / 'protos'}",
            "OMP_NUM_THREADS": "1",
            "OPENBLAS_NUM_THREADS": "1",
        },
        cwd="/",
        start_new_session=True,
    )
    try:
        yield process
    finally:
        process.kill()
        for pipe in (process.stdin, process.stdout):
            if pipe is not None:
                with contextlib.suppress(BrokenPipeError):
                    pipe.close()
        process.wait()
