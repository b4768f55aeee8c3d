# SPDX-License-Identifier: Apache-2.0
"""Which intents of the log are open: an outcome closes one, once, and only its own service's."""

from __future__ import annotations

import json
from collections import OrderedDict
from collections.abc import Callable, Iterator
from typing import NamedTuple

from services.audit.errors import NotOwner
from services.audit_evidence.entry import DraftEntry, Phase
from services.audit_evidence.errors import InvalidFormat

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
            self._require_intent(of, draft)
            self._extend(of)
        intent = self._open.get(of)
        if intent == (draft.service, draft.event.name):
            return None
        if intent is not None and intent.service != draft.service:
            raise _not_owner(of)
        if of in self._closed:
            return self._closed[of]
        raise _not_open(of)

    def _require_intent(self, of: int, draft: DraftEntry) -> None:
        """Raise as `closing` does unless an entry is such an intent, before reading down to it.

        All who append wait meanwhile, so that not any number that is named may cause it.
        """
        phase, intent, _ = _parts(next(self._read(of, of + 1)))
        if phase != Phase.INTENT or intent.event != draft.event.name:
            raise _not_open(of)
        if intent.service != draft.service:
            raise _not_owner(of)

    def _extend(self, low: int) -> None:
        """Read down to an index; where reading fails, everything stays as it was."""
        lower = Intents(self._read, low)
        lower.catch_up(self._low)
        for of, index in self._below.items():
            if of in lower._open:
                del lower._open[of]
                lower._remember(of, index)
            elif of < low:
                lower._below.setdefault(of, index)
        # What was closed last is forgotten last.
        for of, index in self._closed.items():
            lower._remember(of, index)
        self._open = lower._open | self._open
        self._closed, self._below, self._low = lower._closed, lower._below, low

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


def _not_owner(of: int) -> NotOwner:
    return NotOwner(f"entry {of} is an intent of another service: only that one closes it")


def _not_open(of: int) -> InvalidFormat:
    return InvalidFormat(f"entry {of} is no open intent of that event")


def _parts(leaf: bytes) -> tuple[str, _Intent, int | None]:
    fields = json.loads(leaf)
    return fields["phase"], _Intent(fields["service"], fields["event"]), fields.get("intent")
