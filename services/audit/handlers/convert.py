# SPDX-License-Identifier: Apache-2.0
"""Convert messages of the contract to values of the domain, and back."""

from __future__ import annotations

from datetime import UTC, datetime

from google.protobuf.timestamp_pb2 import Timestamp

from services.audit.adapters.cosigning import WitnessStatus
from services.audit_evidence.entry import Entry, Outcome, Phase, ReportedEvent
from services.audit_evidence.entry_fields import TEXT_NAMES
from services.audit_evidence.query import Query
from services.common.errors import InvalidInput
from sotto.audit.v1 import entry_pb2

_PHASES = {
    entry_pb2.PHASE_INTENT: Phase.INTENT,
    entry_pb2.PHASE_OUTCOME: Phase.OUTCOME,
    entry_pb2.PHASE_FACT: Phase.FACT,
}
_OUTCOMES = {
    entry_pb2.OUTCOME_UNSPECIFIED: Outcome.UNKNOWN,
    entry_pb2.OUTCOME_SUCCESS: Outcome.SUCCESS,
    entry_pb2.OUTCOME_FAILURE: Outcome.FAILURE,
    entry_pb2.OUTCOME_DENIED: Outcome.DENIED,
}


def to_event(message: entry_pb2.Event) -> ReportedEvent:
    """Read an event; raises InvalidInput naming the field that cannot be read."""
    if message.phase not in _PHASES or message.outcome not in _OUTCOMES:
        raise InvalidInput("event.phase or event.outcome is not one that this log knows")
    return ReportedEvent(
        phase=_PHASES[message.phase],
        outcome=_OUTCOMES[message.outcome],
        intent_index=message.intent_index if message.HasField("intent_index") else None,
        attributes=dict(message.attributes),
        **{name: getattr(message, name) for name in TEXT_NAMES},
    )


def to_entry_message(entry: Entry) -> entry_pb2.Entry:
    """Return an entry for reading, with its canonical bytes."""
    event = entry.event
    message = entry_pb2.Entry(index=entry.index, service=entry.service, leaf=entry.leaf)
    message.time.FromDatetime(entry.time)
    message.event.MergeFrom(
        entry_pb2.Event(
            phase=next(key for key, value in _PHASES.items() if value is event.phase),
            outcome=next(key for key, value in _OUTCOMES.items() if value is event.outcome),
            intent_index=event.intent_index,
            attributes=event.attributes,
            **{name: getattr(event, name) for name in TEXT_NAMES},
        )
    )
    return message


def to_witness_message(status: WitnessStatus) -> entry_pb2.WitnessStatus:
    """Return what a witness last did."""
    message = entry_pb2.WitnessStatus(
        name=status.name, key_id=status.key_id, state=status.state.value, size=status.size
    )
    if status.since:
        message.since.FromSeconds(status.since)
    return message


def to_query(message: entry_pb2.EntryFilter) -> Query:
    """Read the conditions of a query; raises InvalidInput for a time out of range."""
    return Query(
        person=message.person,
        participant=message.participant,
        study_id=message.study_id,
        object=message.object,
        name=message.name,
        outcome=_OUTCOMES.get(message.outcome, Outcome.UNKNOWN),
        since=_moment(message.since, "filter.since") if message.HasField("since") else None,
        until=_moment(message.until, "filter.until") if message.HasField("until") else None,
        service=message.service,
        request_id=message.request_id,
        names=tuple(message.names),
    )


def _moment(value: Timestamp, field: str) -> datetime:
    try:
        return value.ToDatetime(tzinfo=UTC)
    except (ValueError, OverflowError):
        raise InvalidInput(f"{field} is not a time between the years 1 and 9999") from None
