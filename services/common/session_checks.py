# SPDX-License-Identifier: Apache-2.0
"""What a session of the console asks of one call: its studies, and a fresh proof of the person."""

from __future__ import annotations

import itertools
import time
from collections.abc import Callable, Iterator
from typing import Any

from google.protobuf.message import Message

from services.common.authority import RoleRefused
from services.common.context import CallContext
from services.common.study_limits import StudyLimit
from services.registry.session_limits import FRESH_SECONDS, STEP_UP


class SessionChecks:
    """The checks of one call's messages; nothing is asked of a call that is not the console's.

    `method` is as gRPC names it.
    """

    def __init__(
        self, method: str, call: CallContext, *, clock: Callable[[], float] = time.time
    ) -> None:
        self._method = method.lstrip("/")
        self._call = call
        self._clock = clock
        self._is_delegated = call.client != call.caller
        self._limit = StudyLimit(method, call.studies) if call.studies else None

    def request(self, given: Any) -> Any:
        """Return a request, or a stream of messages, that the session may send.

        Raises RoleRefused, and what `StudyLimit` raises; for a later message of a stream to whoever
        takes it.
        """
        if not self._is_delegated:
            return given
        if isinstance(given, Message):
            self._check_first(given)
            return given
        first = next(given, None)
        if first is None:
            return iter(())
        self._check_first(first)
        return itertools.chain([first], map(self._checked, given))

    def answer(self, message: Any) -> Any:
        """Return an answer with what the session may see of it."""
        return message if self._limit is None else self._limit.limited(message)

    def answers(self, messages: Iterator[Any]) -> Iterator[Any]:
        """Yield a stream of answers with what the session may see of them."""
        return messages if self._limit is None else map(self._limit.limited, messages)

    def _check_first(self, message: Message) -> None:
        if self._limit is not None:
            self._limit.check(message)
        asked = STEP_UP.get(self._method)
        if asked is None or (asked.field and _named(message, asked.field) != asked.value):
            return
        if self._clock() - self._call.authenticated_at > FRESH_SECONDS:
            raise RoleRefused(
                f"this {asked.why}, and asks for a proof of who you are from the last"
                f" {FRESH_SECONDS // 60} minutes; prove it again, then repeat it",
                "step_up_required",
                self._call,
            )

    def _checked(self, message: Message) -> Message:
        if self._limit is not None:
            self._limit.check_more(message)
        return message


def _named(message: Message, name: str) -> str:
    """Return the name of the value that a field of an enumeration has."""
    field = message.DESCRIPTOR.fields_by_name[name]
    number = getattr(message, name)
    found = field.enum_type.values_by_number.get(number) if field.enum_type else None
    return found.name if found else str(number)
