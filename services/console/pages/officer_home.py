# SPDX-License-Identifier: Apache-2.0
"""What waits for a compliance officer: what is due, and what is wrong with witnesses."""

from __future__ import annotations

from collections.abc import Sequence

from services.audit_client.answers import witnesses
from services.audit_client.calendar import calendar
from services.console.web.visit import Visit
from services.console.web.waiting import Waiting
from services.registry.identities import AUDIT, CLINICAL, COMPLIANCE


def look(visit: Visit) -> Sequence[Waiting]:
    """Look what waits; neither question leaves an entry, since the page is opened often."""
    with visit.calling(COMPLIANCE, "audit") as services:
        entries = calendar(services.channel(CLINICAL), services.clinical.studies())
        states = {one.state for one in witnesses(services.channel(AUDIT))}
    found = [
        Waiting(
            visit.say("The audit log"),
            visit.say("What happened, who saw whose words, and whether the log is whole."),
            "/log",
            visit.say("Open the log"),
        )
    ]
    if "conflict" in states:
        found.insert(
            0,
            Waiting(
                visit.say("A witness remembers another log"),
                visit.say("Somebody restored an old copy, or keeps two logs. Leave everything."),
                "/verification",
                visit.say("See the witnesses"),
            ),
        )
    elif states & {"away", "refuses"}:
        found.append(
            Waiting(
                visit.say("A witness does not cosign"),
                visit.say("Until it does, nobody outside vouches for the newest entries."),
                "/verification",
                visit.say("See the witnesses"),
            )
        )
    due = sum(one.state == "due" for one in entries)
    if due:
        found.append(
            Waiting(
                visit.say("Recordings at the end of their days"),
                visit.say("The next run of retention deletes them, unless they are held."),
                "/retention",
                visit.say("See the calendar"),
                due,
            )
        )
    return found
