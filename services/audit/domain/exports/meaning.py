# SPDX-License-Identifier: Apache-2.0
"""What kind of act an event name stands for, so that each export format need not know all names."""

from __future__ import annotations

from enum import StrEnum

from services.audit.domain.entry import Entry, Event, Outcome


class Act(StrEnum):
    """Kinds of acts that the formats tell apart."""

    READ = "read"
    CREATE = "create"
    UPDATE = "update"
    DELETE = "delete"
    DISCLOSE = "disclose"
    DENY = "deny"
    START = "start"
    STOP = "stop"
    READ_LOG = "read-log"
    SIGN_IN = "sign-in"
    SIGN_OUT = "sign-out"
    EXECUTE = "execute"


_BY_ACTION = {
    "read": Act.READ,
    "sealed": Act.CREATE,
    "created": Act.CREATE,
    "built": Act.CREATE,
    "added": Act.CREATE,
    "written": Act.UPDATE,
    "rotated": Act.UPDATE,
    "changed": Act.UPDATE,
    "destroyed": Act.DELETE,
    "erased": Act.DELETE,
    "deleted": Act.DELETE,
    "exported": Act.DISCLOSE,
    "denied": Act.DENY,
    "refused": Act.DENY,
    "started": Act.START,
    "stopped": Act.STOP,
    "signed_in": Act.SIGN_IN,
    "signed_out": Act.SIGN_OUT,
}


def act_of(event: Event) -> Act:
    """Give the kind of act of an event; what is not known is an execution."""
    if event.name.startswith("audit:log:"):
        return Act.READ_LOG
    return _BY_ACTION.get(event.name.rsplit(":", 1)[-1], Act.EXECUTE)


def is_denied(event: Event) -> bool:
    """Tell whether the event is about something that was not allowed."""
    return event.outcome is Outcome.DENIED


def who(entry: Entry) -> str:
    """Give the person on whose behalf, else the calling client, else the service itself."""
    return entry.event.person or entry.event.caller or entry.service
