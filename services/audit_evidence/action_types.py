# SPDX-License-Identifier: Apache-2.0
"""The type of an event's action, so that no export format or report needs to know all names."""

from __future__ import annotations

import functools

import structlog

from services.audit_evidence.entry import Entry, Outcome, ReportedEvent
from services.registry.events import ActionType, Event

_log = structlog.get_logger(__name__)


_BY_NAME = {event.value: event.action_type for event in Event}


def classify(event: ReportedEvent) -> ActionType:
    """Return the type of an event's action, as the registry declares it.

    The log of a newer version may hold events that this one does not know: they are exported as
    executions, and reported, since what they mean is not known.
    """
    known = _BY_NAME.get(event.name)
    if known is None:
        _report_unknown(event.name)
        return ActionType.EXECUTE
    return known


@functools.lru_cache(maxsize=256)
def _report_unknown(name: str) -> None:
    """Report an unknown name, once."""
    _log.warning("event_unknown", name=name)


def is_denied(event: ReportedEvent) -> bool:
    """Return whether the event is about something that was not allowed."""
    return event.outcome is Outcome.DENIED


def acting_person(entry: Entry) -> str:
    """Return the person on whose behalf it was, else the calling client, else the service."""
    return entry.event.person or entry.event.caller or entry.service
