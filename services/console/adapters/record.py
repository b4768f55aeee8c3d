# SPDX-License-Identifier: Apache-2.0
"""Sign-ins, sessions and accounts in the audit log."""

from __future__ import annotations

import hashlib
import json
from contextlib import AbstractContextManager

from services.common import context
from services.common.audit import AuditTrail
from services.common.errors import Unavailable
from services.console.adapters.sqlite_store import SqliteStore
from services.console.domain.account import Account
from services.console.domain.session import Ending, Session
from services.registry.attributes import Attributes
from services.registry.events import EVENTS, Event
from services.registry.identities import OPERATOR
from sotto.audit.v1 import entry_pb2


def name_in_log(session: Session) -> str:
    """Return how entries name a session: by a hash, as those of the services do."""
    return hashlib.sha256(session.handle.encode()).hexdigest()


def _as(session: Session) -> AbstractContextManager[context.CallContext]:
    """Write entries in the name of a person who is signed in, in the first of their roles."""
    return context.acting(
        person=session.person, role=session.roles[0], person_proof=context.BY_SESSION
    )


class Outbox:
    """Entries about what commands did to accounts, kept until the log has them.

    A command works without services; what it did is in the same file as what it changed, and the
    console passes it on.
    """

    def __init__(self, store: SqliteStore) -> None:
        self._store = store

    def written(self, person: str, account: str, *, removed: bool = False) -> None:
        """Keep that somebody made, changed or removed an account."""
        event = Event.CONSOLE_ACCOUNT_REMOVED if removed else Event.CONSOLE_ACCOUNT_WRITTEN
        self._keep(event, person, {"account": account}, "")

    def ended(self, person: str, session: Session, ending: Ending = Ending.ENDED) -> None:
        """Keep that a session ended, and who ended it."""
        given: Attributes = {"console_session": name_in_log(session), "account": session.person}
        self._keep(Event.CONSOLE_ENDED, person, given, ending.value)

    def _keep(self, event: Event, person: str, attributes: Attributes, reason: str) -> None:
        entry = {
            "event": event.value, "person": person, "attributes": attributes, "reason": reason
        }  # fmt: skip
        self._store.note_unrecorded(json.dumps(entry))

    def pass_on(self, trail: AuditTrail) -> None:
        """Give the log what it does not have; raises Unavailable where it takes nothing."""
        for number, text in self._store.unrecorded():
            entry = json.loads(text)
            given, why = entry["attributes"], entry["reason"]
            # Whoever keeps the accounts runs the installation.
            role = OPERATOR if entry["person"] else ""
            with context.acting(person=entry["person"], role=role):
                trail.fact(EVENTS[entry["event"]], reason=why, attributes=given)
            self._store.forget_unrecorded(number)


class AuditRecord:
    """Writes into the audit log, in the name of the person concerned; raises Unavailable.

    The end of a session takes place whatever happens, and is kept for the log where that is away.
    """

    def __init__(self, trail: AuditTrail, outbox: Outbox) -> None:
        self._trail = trail
        self._outbox = outbox

    def signed_in(self, session: Session, address: str) -> None:
        """Record a sign-in."""
        given: Attributes = {"console_session": name_in_log(session)}
        if address:
            given["address"] = address
        with _as(session):
            self._trail.fact(Event.CONSOLE_SIGNED_IN, attributes=given)

    def refused(self, person: str, reason: str, address: str) -> None:
        """Record a sign-in that failed; `person` is empty where there is no such account."""
        given: Attributes = {}
        if person:
            given["account"] = person
        if address:
            given["address"] = address
        with context.acting(person="", role=""):
            self._trail.fact(
                Event.CONSOLE_REFUSED,
                outcome=entry_pb2.OUTCOME_DENIED,
                reason=reason,
                attributes=given,
            )

    def stepped_up(self, session: Session) -> None:
        """Record that a person showed again who it is."""
        given: Attributes = {"console_session": name_in_log(session)}
        with _as(session):
            self._trail.fact(Event.CONSOLE_STEPPED_UP, attributes=given)

    def ended(self, session: Session, ending: Ending) -> None:
        """Record the end of a session."""
        given: Attributes = {"console_session": name_in_log(session), "account": session.person}
        with context.acting(person="", role=""):
            try:
                self._trail.fact(Event.CONSOLE_ENDED, reason=ending.value, attributes=given)
            except Unavailable:
                self._outbox.ended("", session, ending)

    def set_up(self, account: Account) -> None:
        """Record that a person set an account up."""
        given: Attributes = {"account": account.name}
        with context.acting(person=account.name, role=account.roles[0]):
            self._trail.fact(Event.CONSOLE_ACCOUNT_SET_UP, attributes=given)
