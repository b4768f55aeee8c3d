# SPDX-License-Identifier: Apache-2.0
"""How services write to the audit log: intent before, outcome after; no record, no action."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator, Mapping
from typing import Protocol

from services.common import context
from services.common.errors import PermissionDenied, SottoError
from services.registry.events import Event
from sotto.audit.v1 import entry_pb2

Attributes = Mapping[str, str | int]


class Appender(Protocol):
    """Takes one event and returns its index when it is durable.

    Implementations MUST raise Unavailable when the event was not taken, and MUST NOT return before
    it would survive the death of the process.
    """

    def __call__(self, event: entry_pb2.Event) -> int:
        """Take the event."""
        ...


class Action:
    """An action between its intent and its outcome."""

    def __init__(self, index: int) -> None:
        self.index = index
        self.attributes: dict[str, str] = {}

    def note(self, **attributes: str | int) -> None:
        """Add facts to the outcome: counts, hashes, versions; never content."""
        self.attributes.update({key: str(value) for key, value in attributes.items()})


class AuditTrail:
    """Writes the events of one service, on behalf of whoever the current call is for."""

    def __init__(self, append: Appender, *, zone: str = "") -> None:
        self._append = append
        self._zone = zone

    def fact(
        self,
        event: Event,
        *,
        object: str = "",  # noqa: A002 - the field's name in the log
        study_id: str = "",
        participant: str = "",
        outcome: entry_pb2.Outcome = entry_pb2.OUTCOME_SUCCESS,
        reason: str = "",
        attributes: Attributes | None = None,
    ) -> int:
        """Record something that happened in one step; returns its index.

        Raises Unavailable when the log cannot take it.
        """
        entry = self._event(event, entry_pb2.PHASE_FACT, object, study_id, participant, attributes)
        entry.outcome = outcome
        entry.reason = reason
        return self._append(entry)

    @contextlib.contextmanager
    def record(
        self,
        event: Event,
        *,
        object: str = "",  # noqa: A002 - the field's name in the log
        study_id: str = "",
        participant: str = "",
        attributes: Attributes | None = None,
    ) -> Iterator[Action]:
        """Record the intent, let the body act, record the outcome.

        Raises Unavailable before the body runs when the log cannot take the intent. An exception of
        the body is recorded as a failure (a denial when it is Refused) and goes on. When the log is
        gone by then, the intent stands without outcome, which verification shows.
        """
        given = (object, study_id, participant)
        action = Action(
            self._append(self._event(event, entry_pb2.PHASE_INTENT, *given, attributes))
        )
        try:
            yield action
        except BaseException as error:
            outcome = self._event(event, entry_pb2.PHASE_OUTCOME, *given, action.attributes)
            outcome.intent_index = action.index
            refused = isinstance(error, PermissionDenied)
            outcome.outcome = entry_pb2.OUTCOME_DENIED if refused else entry_pb2.OUTCOME_FAILURE
            outcome.reason = error.reason if isinstance(error, SottoError) else type(error).__name__
            try:
                self._append(outcome)
            except SottoError:
                _report_loss(action.index, outcome.reason)
            raise
        outcome = self._event(event, entry_pb2.PHASE_OUTCOME, *given, action.attributes)
        outcome.intent_index = action.index
        outcome.outcome = entry_pb2.OUTCOME_SUCCESS
        self._append(outcome)

    def _event(
        self,
        name: Event,
        phase: entry_pb2.Phase,
        object: str,  # noqa: A002 - the field's name in the log
        study_id: str,
        participant: str,
        attributes: Attributes | None,
    ) -> entry_pb2.Event:
        call = context.current()
        return entry_pb2.Event(
            name=name.value,
            phase=phase,
            person=call.person,
            role=call.role,
            purpose=call.purpose,
            caller=call.caller,
            request_id=call.request_id,
            object=object,
            study_id=study_id,
            participant=participant,
            zone=self._zone,
            attributes={key: str(value) for key, value in (attributes or {}).items()},
        )


def _report_loss(index: int, reason: str) -> None:
    import structlog  # the command line, which appends nothing, does without it

    structlog.get_logger(__name__).warning("outcome_not_recorded", index=index, reason=reason)
