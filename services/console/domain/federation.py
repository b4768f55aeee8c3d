# SPDX-License-Identifier: Apache-2.0
"""Signing in by the hospital's identity provider (OpenID Connect Core 1.0, code flow with PKCE).

What a sign-in needs between its two halves stays on the server. The browser holds one random value,
by which the second half is known to be in the browser of the first; no token ever reaches it.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Protocol

from services.console.domain.claims import Member, Reading
from services.console.errors import SignInRefused

TRIP_SECONDS = 600
_RANDOM_BYTES = 32
#: Clocks of provider and console may differ by so much.
_LEEWAY_SECONDS = 30


@dataclass(frozen=True, slots=True)
class Trip:
    """A sign-in that is under way at the provider. `handle` names the session that steps up.

    `state` and `browser` are hashes; `began` is in seconds since 1970.
    """

    state: bytes
    browser: bytes
    nonce: str
    verifier: str
    to: str
    handle: str
    began: float


class Trips(Protocol):
    """What keeps sign-ins under way, and which account belongs to which subject."""

    def keep(self, trip: Trip, since: float) -> None:
        """Keep a trip, and forget those that began before."""
        ...

    def take(self, state: bytes) -> Trip | None:
        """Return a trip and forget it, so that it ends once."""
        ...

    def bind(self, person: str, subject: str) -> bool:
        """Bind an account name to a subject; False where it is bound to another one."""
        ...

    def person_of(self, subject: str) -> str:
        """Return the account name that is bound to a subject, empty for none."""
        ...


@dataclass(frozen=True, slots=True)
class LogoutNotice:
    """What the provider says has ended: a session by its name, or all of a subject.

    A subject is named with its issuer, as in `bind`.
    """

    subject: str
    session: str


class Provider(Protocol):
    """The identity provider. Methods raise Unavailable where it does not answer."""

    def authorization_url(self, *, state: str, nonce: str, challenge: str, is_step_up: bool) -> str:
        """Return where a person proves who they are."""
        ...

    def claims(self, *, code: str, verifier: str, nonce: str, issuer: str) -> Mapping[str, Any]:
        """Exchange a code; return verified claims, or raise SignInRefused."""
        ...

    def notice(self, logout_token: str) -> LogoutNotice:
        """Return what a logout token says; raises SignInRefused for one that does not hold."""
        ...

    def accepts(self, acr: str, *, is_step_up: bool) -> bool:
        """Return whether a level of proof is enough."""
        ...

    def sign_out_url(self) -> str:
        """Return where a person signs out at the provider too, empty for nowhere."""
        ...


@dataclass(frozen=True, slots=True)
class Arrival:
    """A person who came back from the provider, and where they wanted to go."""

    member: Member
    subject: str
    provider_session: str
    authenticated: float
    to: str
    handle: str


class Federation:
    """The two halves of a sign-in by the provider."""

    def __init__(
        self, provider: Provider, trips: Trips, reading: Reading, clock: Callable[[], float]
    ) -> None:
        self.provider = provider
        self._trips = trips
        self._reading = reading
        self._clock = clock

    def begin(self, to: str, handle: str = "") -> tuple[str, str]:
        """Return where to send the browser, and what it has to keep meanwhile.

        With the `handle` of a session the person proves anew who they are.
        """
        state, browser, nonce, verifier = (secrets.token_urlsafe(_RANDOM_BYTES) for _ in range(4))
        now = self._clock()
        trip = Trip(_hash(state), _hash(browser), nonce, verifier, to, handle, now)
        self._trips.keep(trip, now - TRIP_SECONDS)
        url = self.provider.authorization_url(
            state=state, nonce=nonce, challenge=challenge_of(verifier), is_step_up=bool(handle)
        )
        return url, browser

    def finish(self, browser: str, answer: Mapping[str, str]) -> Arrival:
        """Return who came back; raises SignInRefused with the reason, and Unavailable."""
        trip = self._trips.take(_hash(answer.get("state", "")))
        now = self._clock()
        is_ours = trip is not None and hmac.compare_digest(trip.browser, _hash(browser))
        if trip is None or not is_ours or now - trip.began > TRIP_SECONDS:
            raise refused(
                "this sign-in was not begun in this browser, or more than ten minutes ago; begin"
                " it again",
                "sign_in_not_begun",
            )
        if "error" in answer or not answer.get("code"):
            raise refused(
                "your hospital's sign-in did not let you in; ask hospital IT whether your account"
                " may use Sotto",
                "provider_refused",
            )
        claims = self.provider.claims(
            code=answer["code"],
            verifier=trip.verifier,
            nonce=trip.nonce,
            issuer=answer.get("iss", ""),
        )
        return self._arrival(trip, claims)

    def _arrival(self, trip: Trip, claims: Mapping[str, Any]) -> Arrival:
        is_step_up = bool(trip.handle)
        proved = claims.get("auth_time")
        authenticated = float(proved) if isinstance(proved, int | float) else 0.0
        if not self.provider.accepts(str(claims.get("acr", "")), is_step_up=is_step_up):
            raise refused(
                "your hospital's sign-in did not ask for all that Sotto needs, such as a second"
                " factor; ask hospital IT",
                "proof_too_weak",
            )
        if is_step_up and authenticated < trip.began - _LEEWAY_SECONDS:
            raise refused(
                "your hospital's sign-in did not ask you again who you are; ask hospital IT"
                " whether it can (prompt=login)",
                "proof_too_old",
            )
        member = self._reading.member(claims)
        subject = f"{claims['iss']} {claims['sub']}"
        if not self._trips.bind(member.person, subject):
            raise refused(
                "the account {person} was another person's of your hospital's sign-in; ask hospital"
                " IT",
                "account_of_another",
                person=member.person,
            )
        return Arrival(
            member, subject, str(claims.get("sid", "")), authenticated, trip.to, trip.handle
        )

    def ended(self, logout_token: str) -> tuple[str, str]:
        """Return what the provider ended: the name of its session, and else the person."""
        notice = self.provider.notice(logout_token)
        return notice.session, "" if notice.session else self._trips.person_of(notice.subject)


def refused(text: str, reason: str, **values: str) -> SignInRefused:
    """Return the error of a sign-in by the provider."""
    return SignInRefused(text, reason=reason, **values)


def challenge_of(verifier: str) -> str:
    """Return the code challenge S256 (RFC 7636, 4.2)."""
    digest = hashlib.sha256(verifier.encode("ascii")).digest()
    return _base64url(digest)


def _base64url(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode("ascii")


def _hash(text: str) -> bytes:
    return hashlib.sha256(text.encode()).digest()
