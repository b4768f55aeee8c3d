# SPDX-License-Identifier: Apache-2.0
"""How services write to the audit log: intent before an action, outcome after it."""

from __future__ import annotations

import contextlib
from collections.abc import Iterable, Iterator, Mapping
from typing import Protocol, TypeVar, Unpack

from services.common import context
from services.common.errors import Cancelled, Internal, PermissionDenied, SottoError
from services.registry import attributes as keys
from services.registry.attributes import Attributes
from services.registry.events import Event
from services.registry.reasons import REASONS
from sotto.audit.v1 import entry_pb2

T = TypeVar("T")


class Appender(Protocol):
    """What appends one event to the log and returns its index when it is durable.

    Implementations MUST raise Unavailable when the event was not taken, and MUST NOT return before
    it would survive the death of the process.
    """

    def __call__(self, event: entry_pb2.Event) -> int:
        """Take the event."""
        ...


class Action:
    """An action between its intent and its outcome."""

    def __init__(self, index: int, event: Event) -> None:
        self.index = index
        self._event = event
        self.attributes: dict[str, str] = {}

    def note(self, **attributes: Unpack[Attributes]) -> None:
        """Add facts to the outcome: counts, hashes, versions; never content.

        The action is under way or done, so that nothing is refused here: mypy knows the keys, and
        what the log would not take is left out and reported in our own log.
        """
        for key, value in _texts(attributes).items():
            if not self._event.carries(key) or _fault(key, value):
                _report_attribute(key)
            else:
                self.attributes[key] = value


class AuditTrail:
    """The trail of one service, whose entries name the person that the current call is for."""

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
        families: Mapping[str, str | int] | None = None,
    ) -> int:
        """Record something that happened in one step; returns its index.

        `families` holds attributes of a family, such as `field.workers`. Raises Unavailable when
        the log cannot take it, Internal for a reason or for attributes that it would not take.
        """
        texts = _checked(event, _texts(attributes) | _texts(families))
        if reason and reason not in REASONS:
            raise Internal(f"the event {event} is recorded with a reason that is not declared")
        entry = self._event(event, entry_pb2.PHASE_FACT, object, study_id, participant, texts)
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
        """Record the intent, run the body, record the outcome.

        Before the body runs, raises Unavailable when the log cannot take the intent, and Internal
        for attributes that the event does not carry. An exception of the body is recorded as a
        failure (as a denial when it is PermissionDenied) and raised again. Its reason is that of a
        SottoError, CANCELLED where the reader of a stream left or the process was told to stop,
        and INTERNAL for everything else. When the log cannot be
        reached by then, the intent keeps no outcome, which verification shows.
        """
        given = (object, study_id, participant)
        texts = _checked(event, _texts(attributes))
        announced = self._event(event, entry_pb2.PHASE_INTENT, *given, texts)
        action = Action(self._append(announced), event)
        try:
            yield action
        except BaseException as error:
            outcome = self._event(event, entry_pb2.PHASE_OUTCOME, *given, action.attributes)
            outcome.intent_index = action.index
            refused = isinstance(error, PermissionDenied)
            outcome.outcome = entry_pb2.OUTCOME_DENIED if refused else entry_pb2.OUTCOME_FAILURE
            outcome.reason = _reason(error)
            try:
                self._append(outcome)
            except SottoError:
                _report_loss(action.index, outcome.reason)
            if isinstance(error, SottoError):
                error.is_recorded = True
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
        attributes: Mapping[str, str],
    ) -> entry_pb2.Event:
        call = context.current()
        proof: Attributes = {"person_proof": call.person_proof} if call.person_proof else {}
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
            attributes={**attributes, **_texts(proof)},
        )


def behind_outcome(
    recording: contextlib.AbstractContextManager[Action], messages: Iterable[T]
) -> Iterator[T]:
    """Yield the messages of a recorded action, the last one after its outcome was recorded.

    A reader may leave as soon as it has the last message; were that sent inside of the action, its
    leaving would be recorded as a failure.
    """
    held: list[T] = []
    with recording:
        for message in messages:
            yield from held
            held = [message]
    yield from held


def _reason(error: BaseException) -> str:
    """Return the word that the log holds for an exception; never its text or a class name."""
    if isinstance(error, SottoError):
        # A service of another version may answer with a word that this one does not know.
        return error.reason if error.reason in REASONS else error.status
    # GeneratorExit: the reader of a stream left. The others: the process was told to stop.
    left = isinstance(error, GeneratorExit | KeyboardInterrupt | SystemExit)
    return Cancelled.status if left else Internal.status


def _texts(attributes: Mapping[str, object] | None) -> dict[str, str]:
    return {key: keys.to_text(value) for key, value in (attributes or {}).items()}


def _checked(event: Event, texts: dict[str, str]) -> dict[str, str]:
    for key, text in texts.items():
        if not event.carries(key) or _fault(key, text):
            raise Internal(f"the event {event} carries no attribute {key} with such a value")
    return texts


def _fault(key: str, text: str) -> bool:
    return not keys.fits(key, text)


def _report_attribute(key: str) -> None:
    import structlog  # the command line, which appends nothing, does without it

    structlog.get_logger(__name__).error("attribute_left_out", name=key)


def _report_loss(index: int, reason: str) -> None:
    import structlog  # the command line, which appends nothing, does without it

    structlog.get_logger(__name__).warning("outcome_not_recorded", index=index, reason=reason)
