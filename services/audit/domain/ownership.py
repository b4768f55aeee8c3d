# SPDX-License-Identifier: Apache-2.0
"""Holds an event to the services that own it, and its zone to the zone of the one who reports."""

from __future__ import annotations

from services.audit.errors import NotOwner
from services.audit_evidence.entry import ReportedEvent
from services.audit_evidence.errors import InvalidFormat
from services.registry.events import EVENTS, ZONES, is_owner


def require_owner(event: ReportedEvent, service: str) -> None:
    """Raise NotOwner unless the service may report this event, and in this zone.

    `service` is the name of its certificate. Nobody owns an event that is not in the registry.
    Raises InvalidFormat for an attribute that the event does not carry.
    """
    if event.name not in EVENTS:
        raise NotOwner(
            "this log knows no such event; where the service is newer than the audit service,"
            " upgrade that one first"
        )
    if not is_owner(service, event.name):
        raise NotOwner(f"{service} may not write entries of the event {event.name}")
    if not all(EVENTS[event.name].carries(key) for key in event.attributes):
        raise InvalidFormat(f"the event {event.name} does not carry an attribute that was given")
    if event.zone != ZONES[service]:
        raise NotOwner(
            f"{service} may not write entries of the zone '{event.zone}', but of '{ZONES[service]}'"
        )
