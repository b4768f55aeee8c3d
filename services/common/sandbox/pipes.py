# SPDX-License-Identifier: Apache-2.0
"""The two pipes to a confined process, with a limit to the time that is waited for it."""

from __future__ import annotations

import contextlib
import fcntl
import io
import os
import select
import time
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from _typeshed import WriteableBuffer

_PIPE_BYTES = 1024 * 1024
"""Size of the pipes, so that both processes go on while the other one works."""

_READ_AHEAD = 256 * 1024


class TookTooLong(Exception):
    """More time than there was has been waited for the process."""


class Pipes:
    """What a parent writes to its child and reads from it, `seconds` of waiting in all.

    `read` raises EOFError at the end and `write` BrokenPipeError; both raise `TookTooLong`.
    """

    def __init__(self, to: int, of: int, seconds: float) -> None:
        self._left = seconds
        self._to, self._from = to, of
        for end in (self._to, self._from):
            # Beyond the limit of the user, pipes stay as they are.
            with contextlib.suppress(OSError):
                fcntl.fcntl(end, fcntl.F_SETPIPE_SZ, _PIPE_BYTES)
            os.set_blocking(end, False)
        self._reader = io.BufferedReader(_Incoming(self), _READ_AHEAD)

    def read(self, size: int) -> bytes:
        """Return exactly `size` bytes."""
        data = self._reader.read(size)
        if len(data) < size:
            raise EOFError
        return data

    def write(self, data: bytes) -> None:
        """Write all."""
        view = memoryview(data)
        while view:
            try:
                view = view[os.write(self._to, view) :]
            except BlockingIOError:
                self.wait(self._to, select.POLLOUT)

    def receive(self, buffer: memoryview) -> int:
        """Read what there is into a buffer, once there is any; 0 at the end."""
        while True:
            try:
                return os.readv(self._from, [buffer])
            except BlockingIOError:
                self.wait(self._from, select.POLLIN)

    def wait(self, end: int, what: int) -> None:
        """Wait until an end can be used."""
        began = time.monotonic()
        poll = select.poll()
        poll.register(end, what)
        ready = poll.poll(max(0.0, self._left) * 1000)
        self._left -= time.monotonic() - began
        if not ready:
            raise TookTooLong


class _Incoming(io.RawIOBase):
    def __init__(self, pipes: Pipes) -> None:
        self._pipes = pipes

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: WriteableBuffer) -> int:
        return self._pipes.receive(memoryview(buffer).cast("B"))
