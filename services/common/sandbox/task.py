# SPDX-License-Identifier: Apache-2.0
"""What a task is, and what it sees of its parent.

A task is a module with `prepare()`, which imports all that will be needed, and `work(file, order)`,
which reads the file and yields items, each a number of its own and bytes. What `work` returns goes
to the parent as the result. A `SottoError` that it raises is raised by the parent as well.
"""

from __future__ import annotations

from collections.abc import Generator, Mapping
from typing import TYPE_CHECKING, Any, BinaryIO, Protocol

from services.common.sandbox.messages import HEADER, MOST_READ_BYTES, READ
from services.common.seekable_reader import SeekableReader

if TYPE_CHECKING:
    from _typeshed import WriteableBuffer

Order = Mapping[str, Any]
"""What the parent wants, from JSON: the one thing that is known is that its keys are strings."""

Result = Mapping[str, int]
"""What a task has to say at its end."""

Work = Generator[tuple[int, bytes], None, Result]


class Task(Protocol):
    """A module that runs confined."""

    def prepare(self) -> None:
        """Import all that `work` needs: afterwards no file can be opened."""
        ...

    def work(self, file: BinaryIO, order: Order) -> Work:
        """Read the file and yield items; return the result."""
        ...


class ParentFile(SeekableReader):
    """The file, which the parent reads for its confined process."""

    def __init__(self, answers: BinaryIO, requests: BinaryIO, size: int) -> None:
        super().__init__(size)
        self._answers, self._requests = answers, requests

    def readinto(self, buffer: WriteableBuffer) -> int:
        """Fill a buffer from the position, or its beginning; 0 at the end."""
        view = memoryview(buffer).cast("B")
        wanted = max(0, min(len(view), self._size - self._at, MOST_READ_BYTES))
        if not wanted:
            return 0
        self._requests.write(HEADER.pack(READ, self._at, wanted))
        self._requests.flush()
        data = self._answers.read(wanted)
        view[: len(data)] = data
        self._at += len(data)
        return len(data)
