# SPDX-License-Identifier: Apache-2.0
"""The hospital's identity provider (OpenID Connect Core 1.0, Discovery 1.0, RFC 9207)."""

from __future__ import annotations

import ssl
import threading
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

import httpx
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import KeySet

from services.console.domain.federation import LogoutNotice, refused
from services.console.errors import ProviderAway

_SECONDS = 5.0
_KEPT_SECONDS = 3600.0
_LEEWAY_SECONDS = 30
_LOGOUT_SECONDS = 120
#: Signatures by keys of the provider's own; none with a secret that both sides have.
_ALGORITHMS = ["RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512"]
_LOGOUT_EVENT = "http://schemas.openid.net/event/backchannel-logout"


@dataclass(frozen=True, slots=True)
class Registration:
    """How the console is known to the provider, and what it asks of it."""

    issuer: str
    client_id: str
    client_secret: str
    redirect_uri: str
    scopes: tuple[str, ...]
    acr: tuple[str, ...] = ()
    step_up_acr: tuple[str, ...] = ()


class OpenIdProvider:
    """Speaks with the provider; its descriptions and keys are kept for an hour."""

    def __init__(
        self, registration: Registration, trusted: ssl.SSLContext, clock: Callable[[], float]
    ) -> None:
        self._own = registration
        self._clock = clock
        self._client = httpx.Client(
            verify=trusted, timeout=_SECONDS, follow_redirects=False, trust_env=False
        )
        self._lock = threading.Lock()
        self._kept: dict[str, tuple[float, Any]] = {}

    def close(self) -> None:
        """Close connections."""
        self._client.close()

    def authorization_url(self, *, state: str, nonce: str, challenge: str, is_step_up: bool) -> str:
        """Return where a person proves who they are."""
        asked = {
            "response_type": "code",
            "client_id": self._own.client_id,
            "redirect_uri": self._own.redirect_uri,
            "scope": " ".join(self._own.scopes),
            "state": state,
            "nonce": nonce,
            "code_challenge": challenge,
            "code_challenge_method": "S256",
        }
        if is_step_up:
            asked |= {"prompt": "login", "max_age": "0"}
        if levels := self._levels(is_step_up=is_step_up):
            asked["acr_values"] = " ".join(levels)
        return self._with(self._described("authorization_endpoint"), asked)

    def claims(self, *, code: str, verifier: str, nonce: str, issuer: str) -> Mapping[str, Any]:
        """Exchange a code; return verified claims, or raise SignInRefused."""
        says_who = self._description().get("authorization_response_iss_parameter_supported")
        if (says_who or issuer) and issuer != self._own.issuer:
            raise refused(
                "the answer came from another sign-in than your hospital's; begin again, and tell"
                " hospital IT where it happens again",
                "provider_mixed_up",
            )
        tokens = self._exchange(code, verifier)
        claims = self._verified(str(tokens.get("id_token", "")), typ="")
        if claims.get("nonce") != nonce:
            raise _not_held("it is of another sign-in")
        if not isinstance(claims.get("exp"), int | float):
            raise _not_held("it never ends")
        return {**self._more(tokens, claims), **claims}

    def accepts(self, acr: str, *, is_step_up: bool) -> bool:
        """Return whether a level of proof is enough."""
        levels = self._levels(is_step_up=is_step_up)
        return not levels or acr in levels

    def notice(self, logout_token: str) -> LogoutNotice:
        """Return what a logout token says (OpenID Connect Back-Channel Logout 1.0, 2.6)."""
        claims = self._verified(logout_token, typ="logout+jwt")
        events = claims.get("events")
        began, ends = claims.get("iat"), claims.get("exp")
        if not isinstance(events, dict) or not isinstance(events.get(_LOGOUT_EVENT), dict):
            raise _not_held("it tells of no logout")
        if "nonce" in claims or not claims.get("jti"):
            raise _not_held("it is of another kind")
        if not (isinstance(began, int) and isinstance(ends, int)) or ends > began + _LOGOUT_SECONDS:
            raise _not_held("it is for longer than two minutes")
        subject = f"{claims['iss']} {claims['sub']}" if claims.get("sub") else ""
        found = LogoutNotice(subject, str(claims.get("sid", "")))
        if not (found.subject or found.session):
            raise _not_held("it names no session")
        return found

    def sign_out_url(self) -> str:
        """Return where a person signs out at the provider too, empty for nowhere."""
        try:
            end = str(self._description().get("end_session_endpoint", ""))
        except ProviderAway:
            return ""
        back = self._own.redirect_uri.removesuffix("/sign-in/provider/return") + "/sign-in?out=1"
        asked = {"client_id": self._own.client_id, "post_logout_redirect_uri": back}
        return self._with(end, asked) if end else ""

    def _levels(self, *, is_step_up: bool) -> Collection[str]:
        return (self._own.step_up_acr if is_step_up else ()) or self._own.acr

    def _exchange(self, code: str, verifier: str) -> Mapping[str, Any]:
        """Return the tokens for a code; raises SignInRefused where the provider gives none."""
        form = {
            "grant_type": "authorization_code",
            "code": code,
            "redirect_uri": self._own.redirect_uri,
            "code_verifier": verifier,
        }
        answer = self._ask(
            "POST",
            self._described("token_endpoint"),
            data=form,
            auth=httpx.BasicAuth(self._own.client_id, self._own.client_secret),
        )
        if answer.status_code != httpx.codes.OK:
            raise refused(
                "your hospital's sign-in took the answer back; begin again, and tell hospital IT"
                " where it happens again",
                "provider_refused",
            )
        return _object(answer)

    def _more(self, tokens: Mapping[str, Any], claims: Mapping[str, Any]) -> Mapping[str, Any]:
        """Return what the provider tells of the person beside the token, such as their groups."""
        where = self._description().get("userinfo_endpoint")
        if not where or not tokens.get("access_token"):
            return {}
        bearer = {"authorization": f"Bearer {tokens['access_token']}"}
        answer = self._ask("GET", str(where), headers=bearer)
        told = _object(answer) if answer.status_code == httpx.codes.OK else {}
        return told if told.get("sub") == claims["sub"] else {}

    def _verified(self, token: str, *, typ: str) -> dict[str, Any]:
        """Return the claims of a token of the provider's for us; raises SignInRefused."""
        keys = self._keys()
        try:
            try:
                found = jwt.decode(token, keys, algorithms=_ALGORITHMS)
            except (JoseError, ValueError):
                # The provider may have taken a new key since these were fetched.
                found = jwt.decode(token, self._keys(are_new=True), algorithms=_ALGORITHMS)
        except (JoseError, ValueError, TypeError, KeyError):
            raise _not_held("its signature is not the provider's") from None
        claims = dict(found.claims)
        if typ and str(found.header.get("typ", "")).lower().removeprefix("application/") != typ:
            raise _not_held("it is of another kind")
        self._check(claims)
        return claims

    def _check(self, claims: Mapping[str, Any]) -> None:
        for_whom = claims.get("aud")
        parties = for_whom if isinstance(for_whom, list) else [for_whom]
        if claims.get("iss") != self._own.issuer or self._own.client_id not in parties:
            raise _not_held("it is for another service")
        if (len(parties) > 1 or "azp" in claims) and claims.get("azp") != self._own.client_id:
            raise _not_held("it is for another service")
        now = self._clock()
        began, ends = claims.get("iat"), claims.get("exp", now + 1)
        if not isinstance(began, int | float) or not isinstance(ends, int | float):
            raise _not_held("it has no time")
        if began > now + _LEEWAY_SECONDS or ends <= now - _LEEWAY_SECONDS:
            raise _not_held("its time is over, or clocks differ")
        if not isinstance(claims.get("sub", ""), str):
            raise _not_held("it names nobody")

    def _description(self) -> Mapping[str, Any]:
        where = self._own.issuer.rstrip("/") + "/.well-known/openid-configuration"
        found: Mapping[str, Any] = self._fetched(where, is_new=False)
        if found.get("issuer") != self._own.issuer:
            raise ProviderAway(
                "what answers for your hospital's sign-in gives another name than the setting"
                " oidc_issuer; ask hospital IT"
            )
        return found

    def _described(self, name: str) -> str:
        return str(self._description().get(name, ""))

    def _keys(self, *, are_new: bool = False) -> KeySet:
        document = self._fetched(self._described("jwks_uri"), is_new=are_new)
        try:
            return KeySet.import_key_set({"keys": list(document.get("keys", []))})
        except (JoseError, ValueError, TypeError):
            raise ProviderAway("the keys of your hospital's sign-in cannot be read") from None

    def _fetched(self, where: str, *, is_new: bool) -> Mapping[str, Any]:
        with self._lock:
            began, document = self._kept.get(where, (0.0, None))
            age = self._clock() - began
            # A token with an unknown key asks for new ones, however often such tokens come.
            if document is None or age > (_SECONDS if is_new else _KEPT_SECONDS):
                document = _object(self._ask("GET", where))
                self._kept[where] = self._clock(), document
            return dict(document)

    def _ask(self, method: str, where: str, **given: Any) -> httpx.Response:
        try:
            return self._client.request(method, where, **given)
        except (httpx.HTTPError, httpx.InvalidURL) as error:
            raise ProviderAway(
                "your hospital's sign-in cannot be reached; try again, or tell hospital IT"
            ) from error

    @staticmethod
    def _with(where: str, asked: Mapping[str, str]) -> str:
        return f"{where}{'&' if '?' in where else '?'}{urlencode(asked)}"


def _object(answer: httpx.Response) -> Mapping[str, Any]:
    try:
        found = answer.json()
    except ValueError:
        found = None
    if not isinstance(found, dict):
        raise ProviderAway("your hospital's sign-in answers in a form that Sotto does not know")
    return found


def _not_held(why: str) -> Exception:
    return refused(
        "what your hospital's sign-in says does not hold: {why}; begin again, and tell hospital"
        " IT where it happens again",
        "provider_token",
        why=why,
    )
