# SPDX-License-Identifier: Apache-2.0
"""Holds an event to the services that own it, and its zone to the zone of the one who reports.

Logs of version 0.1 took every event from every service: readers tell those entries apart.
"""

from __future__ import annotations

from services.audit.domain.entry import ReportedEvent
from services.audit.errors import InvalidFormat, NotOwner
from services.registry.events import EVENTS, ZONES, is_own, is_owner


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


def is_written_by_owner(service: str, name: str, zone: str) -> bool:
    """Return whether the service that wrote an entry owns its event, and works in its zone.

    Of an event that only a newer version knows nobody can say; it counts as nothing anyway.
    """
    return name not in EVENTS or is_own(service, name, zone)
