# SPDX-License-Identifier: Apache-2.0
"""Which intents of the log are open: an outcome closes one, once, and only its own service's."""

from __future__ import annotations

import json
from collections import OrderedDict
from collections.abc import Callable, Iterator
from typing import NamedTuple

from services.audit.domain.entry import DraftEntry, Phase
from services.audit.errors import InvalidFormat, NotOwner

_MOST_CLOSED = 10_000  # an outcome is sent again within seconds, if it is


class _Intent(NamedTuple):
    service: str
    event: str


class Intents:
    """The open intents of a log, as far down as an outcome asked for one.

    Nothing beside the log is kept: what was appended before this process, or by another one, is
    read from the log when it is needed, and no part of it twice. `read` returns the leaves of a
    range. One thread uses it.
    """

    def __init__(self, read: Callable[[int, int], Iterator[bytes]], size: int) -> None:
        self._read = read
        self._low = self._high = size
        self._open: dict[int, _Intent] = {}
        self._closed: OrderedDict[int, int] = OrderedDict()
        # Outcomes whose intents lie below what was read.
        self._below: dict[int, int] = {}

    def catch_up(self, size: int) -> None:
        """Read what was appended since, up to an index."""
        for index, leaf in enumerate(self._read(self._high, size), self._high):
            self._take(index, *_parts(leaf))
        self._high = max(self._high, size)

    def add(self, index: int, draft: DraftEntry) -> None:
        """Take an entry that was just appended at an index."""
        event = draft.event
        self._take(index, event.phase, _Intent(draft.service, event.name), event.intent_index)
        self._high = index + 1

    def closing(self, draft: DraftEntry) -> int | None:
        """Return None when an outcome closes an open intent of its service.

        Returns the index of the outcome that closed it before: the caller compares the two, since
        a client that lost the answer sends its outcome again. Raises NotOwner for an intent of
        another service, InvalidFormat for what is no open intent of that event.
        """
        of = draft.event.intent_index
        if of is None or of >= self._high:
            raise InvalidFormat("the outcome names an intent that is not in the log")
        if of < self._low:
            self._extend(of)
        intent = self._open.get(of)
        if intent == (draft.service, draft.event.name):
            return None
        if intent is not None and intent.service != draft.service:
            raise NotOwner(f"entry {of} is an intent of another service: only that one closes it")
        if of in self._closed:
            return self._closed[of]
        raise InvalidFormat(f"entry {of} is no open intent of that event")

    def _extend(self, low: int) -> None:
        upper, self._open = self._open, {}
        below, self._below = self._below, {}
        upper_end, self._low = self._low, low
        for index, leaf in enumerate(self._read(low, upper_end), low):
            self._take(index, *_parts(leaf))
        for of, index in below.items():
            if of in self._open:
                del self._open[of]
                self._remember(of, index)
            elif of < low:
                self._below.setdefault(of, index)
        self._open |= upper

    def _take(self, index: int, phase: str, intent: _Intent, of: int | None) -> None:
        if phase == Phase.INTENT:
            self._open[index] = intent
        elif phase == Phase.OUTCOME and of is not None:
            if self._open.get(of) == intent:
                del self._open[of]
                self._remember(of, index)
            elif of < self._low:
                self._below.setdefault(of, index)

    def _remember(self, of: int, index: int) -> None:
        self._closed[of] = index
        if len(self._closed) > _MOST_CLOSED:
            self._closed.popitem(last=False)


def _parts(leaf: bytes) -> tuple[str, _Intent, int | None]:
    fields = json.loads(leaf)
    return fields["phase"], _Intent(fields["service"], fields["event"]), fields.get("intent")
