# SPDX-License-Identifier: Apache-2.0
"""Holds an event to the services that own it, and its zone to the zone of the one who reports."""

from __future__ import annotations

from services.audit.domain.entry import ReportedEvent
from services.audit.errors import NotOwner
from services.registry.events import OWNERS, ZONES, is_owner


def require_owner(event: ReportedEvent, service: str) -> None:
    """Raise NotOwner unless the service may report this event, and in this zone.

    `service` is the name of its certificate. Nobody owns an event that is not in the registry.
    """
    if event.name not in OWNERS:
        raise NotOwner(
            "this log knows no such event; where the service is newer than the audit service,"
            " upgrade that one first"
        )
    if not is_owner(service, event.name):
        raise NotOwner(f"{service} may not write entries of the event {event.name}")
    if event.zone != ZONES[service]:
        raise NotOwner(
            f"{service} may not write entries of the zone '{event.zone}', but of '{ZONES[service]}'"
        )
