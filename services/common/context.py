# SPDX-License-Identifier: Apache-2.0
"""On whose behalf, in which role and why a call is made; travels with every call as metadata."""

from __future__ import annotations

import contextlib
import re
import secrets
from collections.abc import Iterable, Iterator
from contextvars import ContextVar
from dataclasses import dataclass, field, replace
from typing import Any

from services.registry import ids
from services.registry.identities import CONSOLE

_PREFIX = "sotto-"
#: What proves the name of a person who has a certificate of their own; a name without proof is the
#: word of the machine account that the client ran under.
BY_CERTIFICATE = "certificate"
#: What proves the name of a person who is signed in to the console.
BY_SESSION = "session"
_FIELDS = {
    "person": re.compile(ids.or_empty(ids.PERSON)),
    "person_proof": re.compile(ids.or_empty(f"{BY_CERTIFICATE}|{BY_SESSION}")),
    "role": re.compile(ids.or_empty(ids.ROLE)),
    "purpose": re.compile(ids.or_empty(ids.PURPOSE)),
    "request_id": re.compile(ids.or_empty(ids.REQUEST_ID)),
    "assertion": re.compile(r"[A-Za-z0-9_.-]{0,6000}"),
}


@dataclass(frozen=True, slots=True)
class CallContext:
    """Who asks, and why. `caller` is the client's certified name, never taken from metadata.

    `person_proof` is `BY_CERTIFICATE` where the person's name was taken from a certificate, and
    `BY_SESSION` where a signed statement of the console says who is signed in. The service that
    the console calls then knows the `studies` that the session is for (none stand for all), and
    when the person last proved who they are, in seconds since the epoch. `assertion` is that
    statement on its way from the console; a service passes it on to nobody.
    """

    person: str = ""
    person_proof: str = ""
    role: str = ""
    purpose: str = ""
    request_id: str = ""
    caller: str = ""
    studies: tuple[str, ...] = ()
    authenticated_at: int = 0
    assertion: str = field(default="", repr=False)

    @property
    def client(self) -> str:
        """The client whose rights the call has: that of the role of whoever is signed in."""
        is_delegated = self.caller == CONSOLE and self.person_proof == BY_SESSION
        return self.role if is_delegated else self.caller

    def to_metadata(self) -> list[tuple[str, str]]:
        """Return the context as gRPC metadata."""
        pairs = ((name, getattr(self, name)) for name in _FIELDS)
        return [(_PREFIX + name.replace("_", "-"), value) for name, value in pairs if value]

    @classmethod
    def from_metadata(cls, metadata: Iterable[tuple[str, str | bytes]], caller: str) -> CallContext:
        """Read the context from metadata; malformed values raise ValueError naming the field."""
        found: dict[str, Any] = {}
        for key, value in metadata:
            name = key.removeprefix(_PREFIX).replace("-", "_")
            if key.startswith(_PREFIX) and name in _FIELDS:
                fits = isinstance(value, str) and _FIELDS[name].fullmatch(value)
                if not fits or name in found:
                    raise ValueError(f"metadata {key} is malformed")
                found[name] = str(value)
        found["request_id"] = found.get("request_id") or new_request_id()
        return cls(caller=caller, **found)


def new_request_id() -> str:
    """Return a fresh identifier that ties the records of one request together."""
    return secrets.token_hex(8)


_CURRENT: ContextVar[CallContext | None] = ContextVar("sotto_call", default=None)


def current() -> CallContext:
    """Return the context of the call being served, or an empty one with a fresh request id."""
    return _CURRENT.get() or CallContext(request_id=new_request_id())


def enter(context: CallContext) -> None:
    """Make this the current context of this thread of work."""
    _CURRENT.set(context)


@contextlib.contextmanager
def acting(**changes: Any) -> Iterator[CallContext]:
    """Change the current context for a block."""
    token = _CURRENT.set(replace(current(), **changes))
    try:
        yield current()
    finally:
        _CURRENT.reset(token)
