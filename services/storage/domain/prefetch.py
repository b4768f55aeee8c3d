# SPDX-License-Identifier: Apache-2.0
"""Prefetching: a thread makes the items that another one is about to need."""

from __future__ import annotations

from collections import deque
from collections.abc import Generator, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

Item = TypeVar("Item")

_END = object()


def prefetch(items: Iterator[Item], depth: int = 2) -> Generator[Item, None, None]:
    """Yield the same items, made ahead by a thread of their own, at most `depth` at a time.

    An error is raised in the place of its item. Closing the generator waits for the items that are
    being made, so that no thread goes on after it.
    """
    with ThreadPoolExecutor(1, thread_name_prefix="prefetch") as worker:
        stock = deque(worker.submit(next, items, _END) for _ in range(depth))
        while (item := stock.popleft().result()) is not _END:
            stock.append(worker.submit(next, items, _END))
            yield item  # type: ignore[misc] # the mark of the end never comes here
