# SPDX-License-Identifier: Apache-2.0
"""Recordings take turns in the order in which they came, some at a time."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager


class WaitingLine:
    """A line of which the first `parallel` have their turn."""

    def __init__(self, parallel: int) -> None:
        self._parallel = parallel
        self._changed = threading.Condition()
        self._line: list[object] = []

    @contextmanager
    def join(self) -> Iterator[Callable[[float], int]]:
        """Stand at the end of the line while the block lasts.

        Provides a function that waits for the turn for so many seconds at most, and returns how
        many are before this one: 0 once its turn has come.
        """
        mine = object()
        with self._changed:
            self._line.append(mine)
        try:
            yield lambda seconds: self._wait(mine, seconds)
        finally:
            with self._changed:
                self._line.remove(mine)
                self._changed.notify_all()

    def _wait(self, mine: object, seconds: float) -> int:
        with self._changed:
            self._changed.wait_for(lambda: not self._before(mine), seconds)
            return self._before(mine)

    def _before(self, mine: object) -> int:
        place = self._line.index(mine)
        return place if place >= self._parallel else 0
