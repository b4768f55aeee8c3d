# SPDX-License-Identifier: Apache-2.0
"""A session: a browser in which a person is signed in."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Source(StrEnum):
    """Whose word it is that a person is who they say."""

    ACCOUNT = "account"
    PROVIDER = "provider"


class Stage(StrEnum):
    """How far a sign-in is: one that sets an account up may do nothing else."""

    SET_UP = "set-up"
    SIGNED_IN = "signed-in"


class Ending(StrEnum):
    """Why a session ended; words of the audit log."""

    SIGNED_OUT = "signed_out"
    IDLE = "session_idle"
    OVER = "session_over"
    ENDED = "session_ended"


@dataclass(frozen=True, slots=True)
class Session:
    """A session as it is kept. `handle` names it in lists, and opens nothing.

    `roles` and `studies` are those of the sign-in. They count where an identity provider told them;
    those of an account are read at each request, so that a change bites at once. The provider's own
    name of the session is `provider_session`, by which it may end it. Times are seconds since 1970.
    """

    handle: str
    person: str
    source: Source
    stage: Stage
    started: float
    seen: float
    authenticated: float
    roles: tuple[str, ...]
    studies: tuple[str, ...] = ()
    provider_session: str = ""
