# SPDX-License-Identifier: Apache-2.0
"""Sessions on the server: a browser holds a random token, and nothing else (OWASP ASVS 5.0, V7)."""

from __future__ import annotations

import base64
import hashlib
import secrets
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from services.console.domain.ports import Record, Store
from services.console.domain.session import Ending, Session, Source, Stage
from services.registry.session_limits import FRESH_SECONDS

#: Bits of a token: 256, of which ASVS 7.2.3 asks for half.
_TOKEN_BYTES = 32
_HANDLE_BYTES = 10
_SET_UP_SECONDS = 15 * 60.0
#: How old `seen` may be in the store; a page asks several times a minute.
_COARSE_SECONDS = 20.0


@dataclass(frozen=True, slots=True)
class Lifetimes:
    """After how many seconds a session ends: without a request, and in any case."""

    idle: float
    whole: float


class Sessions:
    """The sessions of the console."""

    def __init__(
        self, store: Store, record: Record, lifetimes: Lifetimes, clock: Callable[[], float]
    ) -> None:
        self._store = store
        self._record = record
        self._lifetimes = lifetimes
        self._clock = clock

    def open(
        self,
        person: str,
        roles: Sequence[str],
        address: str,
        *,
        source: Source = Source.ACCOUNT,
        stage: Stage = Stage.SIGNED_IN,
        studies: Sequence[str] = (),
        provider_session: str = "",
        authenticated: float | None = None,
    ) -> str:
        """Open a session and return its token; a sign-in is recorded first, or refused.

        `authenticated` is when the person proved who they are, where that was before now.
        """
        now = self._clock()
        handle = base64.b32encode(secrets.token_bytes(_HANDLE_BYTES)).decode("ascii").lower()
        session = Session(
            handle, person, source, stage, now, now,
            now if authenticated is None else min(now, authenticated),
            tuple(roles), tuple(studies), provider_session,
        )  # fmt: skip
        if stage is Stage.SIGNED_IN:
            self._record.signed_in(session, address)
        token = _new_token()
        self._store.open(_hash(token), session)
        return token

    def find(self, token: str, *, is_used: bool = True) -> Session | None:
        """Return the session of a token, None where it has ended.

        It lives on from now where `is_used`: a page that asks by itself does not use it.
        """
        session = self._store.session(_hash(token)) if token else None
        if session is None:
            return None
        now = self._clock()
        if ending := self._over(session, now):
            self._end(session, ending)
            return None
        if is_used and now - session.seen > _COARSE_SECONDS:
            session = replace(session, seen=now)
            self._store.update(session)
        return session

    def seconds_left(self, session: Session) -> float:
        """Return for how long a session lives when nothing is asked from now on."""
        whole = session.started + self._lifetimes.whole
        idle = session.seen + self._idle(session)
        return max(0.0, min(whole, idle) - self._clock())

    def extend(self, session: Session) -> Session:
        """Have a session live on from now."""
        session = replace(session, seen=self._clock())
        self._store.update(session)
        return session

    def is_fresh(self, session: Session) -> bool:
        """Return whether the person showed a few minutes ago who it is."""
        return self._clock() - session.authenticated < FRESH_SECONDS

    def step_up(self, session: Session) -> str:
        """Note that the person showed again who it is, and return a new token."""
        self._record.stepped_up(session)
        now = self._clock()
        self._store.update(replace(session, seen=now, authenticated=now))
        token = _new_token()
        self._store.renew(session.handle, _hash(token))
        return token

    def end(self, session: Session, ending: Ending) -> None:
        """End a session; its token opens nothing from then on, and it is recorded."""
        self._end(session, ending)

    def end_all(self, person: str, ending: Ending = Ending.ENDED) -> int:
        """End all sessions of a person and return how many these were."""
        own = [one for one in self._store.sessions() if one.person == person]
        for session in own:
            self._end(session, ending)
        return len(own)

    def sweep(self) -> None:
        """End the sessions whose time is over, so that the log tells when they ended."""
        now = self._clock()
        for session in self._store.sessions():
            if ending := self._over(session, now):
                self._end(session, ending)

    def _idle(self, session: Session) -> float:
        return self._lifetimes.idle if session.stage is Stage.SIGNED_IN else _SET_UP_SECONDS

    def _over(self, session: Session, now: float) -> Ending | None:
        if now - session.started >= self._lifetimes.whole:
            return Ending.OVER
        return Ending.IDLE if now - session.seen >= self._idle(session) else None

    def _end(self, session: Session, ending: Ending) -> None:
        # It ends whatever happens; its end is recorded once, by whoever ended it.
        if self._store.end(session.handle) and session.stage is Stage.SIGNED_IN:
            self._record.ended(session, ending)


def _new_token() -> str:
    return base64.urlsafe_b64encode(secrets.token_bytes(_TOKEN_BYTES)).decode("ascii").rstrip("=")


def _hash(token: str) -> bytes:
    return hashlib.sha256(token.encode()).digest()
