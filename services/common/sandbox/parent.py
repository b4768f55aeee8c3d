# SPDX-License-Identifier: Apache-2.0
"""Starts a confined process, serves it its file, and takes nothing that it says on trust."""

from __future__ import annotations

import io
import json
import signal
from collections.abc import Callable, Generator, Mapping
from contextlib import closing, suppress
from dataclasses import asdict, dataclass, field
from typing import BinaryIO

from services.common.errors import InvalidInput, NotReady, SottoError
from services.common.sandbox import templates
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
from services.common.sandbox.templates import Child, Template, TemplateGone

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

_TRIES = 2
"""How often a child is started whose template ends before it says anything."""

_ENDING_SECONDS = 10.0
"""How long is waited to learn how a child ended that says nothing more."""

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
        start or confine it.
        """
        return self._run(lambda: templates.start(self.task), file, order)

    def _run(
        self, start: Callable[[], Child], file: BinaryIO, order: Mapping[str, object]
    ) -> Items:
        for _ in range(_TRIES):
            try:
                with start() as child:
                    pipes = Pipes(child.to, child.of, self.limits.wait_seconds)
                    try:
                        walls = self._begin(child, pipes, file, order)
                        return (yield from self._converse(pipes, file, walls))
                    except TookTooLong:
                        raise SandboxFailed(f"{self.limits.wait_seconds:g} s of time") from None
                    except _NOT_AS_AGREED as error:
                        # Whatever is not as agreed is said by a process that broke or was taken
                        # over.
                        raise self._failed(child, error) from None
            except TemplateGone:
                # The file, of which nothing was told yet, is not to blame.
                continue
        raise NotReady(_not_started(), reason="no_sandbox")

    def _begin(
        self, child: Child, pipes: Pipes, file: BinaryIO, order: Mapping[str, object]
    ) -> Walls:
        try:
            pipes.write(self._order(file.seek(0, 2), order))
            kind, _, length = _header(pipes)
        except (EOFError, BrokenPipeError):
            if child.is_orphan(_ENDING_SECONDS):
                raise TemplateGone from None
            raise
        if kind != WALLS:
            raise ValueError
        walls = Walls(**json.loads(pipes.read(length)))
        if not walls.seccomp and not self.allow_weak:
            raise NotReady(_unconfined(walls), reason="no_sandbox")
        return walls

    def _order(self, size: int, order: Mapping[str, object]) -> bytes:
        sent = {
            "task": self.task,
            "limits": asdict(self.limits),
            "size": size,
            "allow_weak": self.allow_weak,
            "order": order,
        }
        return json.dumps(sent).encode() + b"\n"

    def _converse(self, pipes: Pipes, file: BinaryIO, walls: Walls) -> Items:
        left = self.limits.output_bytes
        while True:
            kind, first, length = _header(pipes)
            if kind == READ:
                file.seek(first)
                # One that ends in the middle, for want of memory, may have said why.
                with suppress(BrokenPipeError):
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
                raise ValueError

    def _refusal(self, data: bytes) -> SottoError:
        name, message = json.loads(data)
        kinds = {kind.__name__: kind for kind in self.errors}
        return kinds.get(name, self.errors[0])(str(message)[:_LONGEST_ERROR])

    def _failed(self, child: Child, error: Exception) -> SandboxFailed:
        is_at_end = isinstance(error, (EOFError, BrokenPipeError))
        if is_at_end and child.wait(_ENDING_SECONDS) == -signal.SIGXCPU:
            return SandboxFailed(f"{self.limits.cpu_seconds} s of processor time")
        return SandboxFailed()


def find_walls(*, allow_weak: bool) -> Walls:
    """Return what confines a process on this system, by trying it.

    Raises `NotReady` where it is too little and not allowed, or cannot be tried.
    """
    limits = Limits(cpu_seconds=60, wait_seconds=60.0)
    sandbox = Sandbox("services.common.sandbox.probe", limits, allow_weak=allow_weak)
    with closing(Template(sandbox.task)) as template:
        running = sandbox._run(template.start, io.BytesIO(), {})  # noqa: SLF001 - the same module
        try:
            next(running)
        except StopIteration as end:
            ending: Ending = end.value
            return ending.walls
        except SandboxFailed as error:
            raise NotReady(_not_started(str(error)), reason="no_sandbox") from None
    raise NotReady("The confined process says what it should not.", reason="no_sandbox")


def _header(pipes: Pipes) -> tuple[bytes, int, int]:
    kind, first, length = HEADER.unpack(pipes.read(HEADER.size))
    if length > MOST_MESSAGE_BYTES:
        raise ValueError
    return kind, first, length


def _memory(limits: Limits) -> str:
    return f"{limits.memory_bytes // 1024**2} MiB of memory"


def _not_started(why: str = "") -> str:
    return (
        f"The confined process that reads files from outside cannot be started{why and f' ({why})'}"
        "; see docs/operations.md, what the kernel has to offer."
    )


def _unconfined(walls: Walls) -> str:
    return (
        "This system cannot confine the process that reads files from outside: it offers no "
        f"seccomp filter ({walls.missing}). Install libseccomp2 and use a kernel with seccomp, or "
        "accept it by allow_weak_sandbox = true."
    )
