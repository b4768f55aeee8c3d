# SPDX-License-Identifier: Apache-2.0
"""What the domain of the console needs from outside."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from services.console.domain.account import Account
from services.console.domain.session import Ending, Session


@dataclass(frozen=True, slots=True)
class Limit:
    """At most `most` failed attempts under a key within so many seconds."""

    key: str
    most: int
    seconds: float


class Store(Protocol):
    """What keeps accounts, sessions and failed attempts, so that a restart forgets nothing."""

    def account(self, name: str) -> Account | None:
        """Return an account, None where there is none."""
        ...

    def accounts(self) -> Sequence[Account]:
        """Return all accounts by name."""
        ...

    def put(self, account: Account) -> None:
        """Make an account, or change it."""
        ...

    def remove(self, name: str) -> bool:
        """Remove an account; returns whether it was there."""
        ...

    def use_step(self, name: str, step: int) -> bool:
        """Take a time step of an account's codes, once; returns whether it was free."""
        ...

    def attempt(self, limits: Sequence[Limit], now: float) -> Sequence[int] | None:
        """Count an attempt under all keys, or None where one of them has too many."""
        ...

    def forgive(self, attempts: Sequence[int]) -> None:
        """Forget an attempt that succeeded."""
        ...

    def open(self, token_hash: bytes, session: Session) -> None:
        """Keep a new session."""
        ...

    def session(self, token_hash: bytes) -> Session | None:
        """Return the session of a token, None where there is none."""
        ...

    def sessions(self) -> Sequence[Session]:
        """Return all sessions."""
        ...

    def update(self, session: Session) -> None:
        """Change what is kept of a session."""
        ...

    def renew(self, handle: str, token_hash: bytes) -> None:
        """Give a session another token; the old one opens nothing from then on."""
        ...

    def end(self, handle: str) -> Session | None:
        """Forget a session; returns it, None where somebody else has ended it."""
        ...

    def keep_question(self, name: bytes, session: str, sealed: bytes) -> None:
        """Keep a sealed question for a session; of many the oldest go, and all with it."""
        ...

    def question(self, name: bytes, session: str) -> bytes | None:
        """Return a sealed question of a session, None where there is none."""
        ...

    def language(self, person: str) -> str:
        """Return the language that a person chose, empty for none."""
        ...

    def set_language(self, person: str, language: str) -> None:
        """Keep the language that a person chose."""
        ...

    def keys(self, person: str) -> str:
        """Return the keys that a person chose, empty for the usual ones."""
        ...

    def set_keys(self, person: str, keys: str) -> None:
        """Keep the keys that a person chose."""
        ...


class Record(Protocol):
    """What writes sign-ins and sessions into the audit log; raises Unavailable where it cannot."""

    def signed_in(self, session: Session, address: str) -> None:
        """Record a sign-in."""
        ...

    def refused(self, person: str, reason: str, address: str) -> None:
        """Record a sign-in that failed; `person` is empty where there is no such account."""
        ...

    def stepped_up(self, session: Session) -> None:
        """Record that a person showed again who it is."""
        ...

    def ended(self, session: Session, ending: Ending) -> None:
        """Record the end of a session."""
        ...

    def set_up(self, account: Account) -> None:
        """Record that a person set an account up."""
        ...
