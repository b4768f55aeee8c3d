# SPDX-License-Identifier: Apache-2.0
"""Queries of the log: conditions that all must hold."""

from __future__ import annotations

import re
from dataclasses import dataclass, fields
from datetime import datetime

from services.audit_evidence.entry import Entry, Outcome, ReportedEvent
from services.registry.events import Event

MAX_PAGE = 1000


@dataclass(frozen=True)
class Query:
    """Conditions on entries; an empty one asks nothing. `object` and `name` may hold `*`.

    One of `names` has to be met, beside `name`; they may hold `*` too.
    """

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
    names: tuple[str, ...] = ()

    def is_empty(self) -> bool:
        """Return whether every entry meets it."""
        return all(not getattr(self, part.name) for part in fields(self))

    def matches(self, entry: Entry) -> bool:
        """Return whether an entry meets every condition."""
        event = entry.event
        return (
            (not self.person or event.person == self.person)
            and (not self.participant or subject_participant(event) == self.participant)
            and (not self.study_id or event.study_id == self.study_id)
            and is_like(self.object, event.object)
            and is_like(self.name, event.name)
            and (not self.outcome or event.outcome == self.outcome)
            and (self.since is None or entry.time >= self.since)
            and (self.until is None or entry.time < self.until)
            and (not self.service or entry.service == self.service)
            and (not self.request_id or event.request_id == self.request_id)
            and (not self.names or any(is_like(one, event.name) for one in self.names))
        )


def is_like(pattern: str, value: str) -> bool:
    """Return whether a value is as a pattern says: `*` stands for anything; empty asks nothing."""
    if not pattern:
        return True
    parts = map(re.escape, pattern.split("*"))
    return re.fullmatch(".*".join(parts), value) is not None


def subject_participant(event: ReportedEvent) -> str:
    """Return the participant whom an event is about.

    A question about one is not about one: version 0.1 wrote the code that an officer asked for into
    the field of the subject, where it looked as if the officer had touched that participant.
    """
    return "" if event.name == Event.LOG_READ else event.participant
