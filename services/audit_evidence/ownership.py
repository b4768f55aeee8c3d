# SPDX-License-Identifier: Apache-2.0
"""Tells entries that the owner of their event wrote from others, which version 0.1 took too."""

from __future__ import annotations

from services.registry.events import EVENTS, is_own


def is_written_by_owner(service: str, name: str, zone: str) -> bool:
    """Return whether the service that wrote an entry owns its event, and works in its zone.

    Of an event that only a newer version knows nobody can say; it counts as nothing anyway.
    """
    return name not in EVENTS or is_own(service, name, zone)
