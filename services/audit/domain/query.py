# SPDX-License-Identifier: Apache-2.0
"""Queries of the log: conditions that all must hold."""

from __future__ import annotations

from dataclasses import dataclass, fields
from datetime import datetime

from services.audit.domain.entry import Entry, Outcome

MAX_PAGE = 1000


@dataclass(frozen=True)
class Query:
    """Conditions on entries; an empty one asks nothing. `object` and `name` may end in `*`."""

    person: str = ""
    participant: str = ""
    study_id: str = ""
    object: str = ""
    name: str = ""
    outcome: Outcome = Outcome.UNKNOWN
    since: datetime | None = None
    until: datetime | None = None
    service: str = ""
    request_id: str = ""

    def is_empty(self) -> bool:
        """Return whether every entry meets it."""
        return all(not getattr(self, part.name) for part in fields(self))

    def matches(self, entry: Entry) -> bool:
        """Return whether an entry meets every condition."""
        event = entry.event
        return (
            (not self.person or event.person == self.person)
            and (not self.participant or event.participant == self.participant)
            and (not self.study_id or event.study_id == self.study_id)
            and _like(self.object, event.object)
            and _like(self.name, event.name)
            and (not self.outcome or event.outcome == self.outcome)
            and (self.since is None or entry.time >= self.since)
            and (self.until is None or entry.time < self.until)
            and (not self.service or entry.service == self.service)
            and (not self.request_id or event.request_id == self.request_id)
        )


def _like(pattern: str, value: str) -> bool:
    if pattern.endswith("*"):
        return value.startswith(pattern[:-1])
    return not pattern or value == pattern
