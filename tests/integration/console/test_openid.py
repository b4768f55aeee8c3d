# SPDX-License-Identifier: Apache-2.0
"""Signing in by a hospital's accounts, with the real npm `oidc-provider`."""

from __future__ import annotations

import dataclasses
import ssl
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest
from joserfc import jwt
from joserfc.jwk import KeySet, OctKey, RSAKey
from starlette.testclient import TestClient

from services.console.adapters.openid_provider import OpenIdProvider, Registration
from services.console.adapters.trips import SqliteTrips
from services.console.domain.claims import Reading
from services.console.domain.federation import Federation
from services.console.domain.session import Source
from services.console.errors import SignInRefused
from tests.support import identity_provider
from tests.support.console import Desk
from tests.support.identity_provider import CLIENT, RETURN, SECRET, IdentityProvider

PEOPLE = {
    "u-1": {
        "preferred_username": "siti",
        "groups": ["sotto-reading"],
        "studies": ["recovery-2026"],
    },
    "u-2": {
        "preferred_username": "siti",
        "groups": ["sotto-reading"],
        "studies": ["recovery-2026"],
    },
    "u-3": {"preferred_username": "tan", "groups": ["ward-4"], "studies": ["recovery-2026"]},
    "u-4": {"preferred_username": "lim", "groups": ["sotto-reading"]},
    "u-5": {"preferred_username": "nur", "groups": ["sotto-reading"], "studies": ["recovery-2026"]},
}
EVENT = "http://schemas.openid.net/event/backchannel-logout"


@pytest.fixture(scope="module")
def provider() -> Iterator[IdentityProvider]:
    """Run the provider."""
    with identity_provider.running(PEOPLE) as found:
        yield found


class Hospital:
    """A console whose people sign in by a provider."""

    def __init__(self, folder: Path, provider: IdentityProvider, **asked: Any) -> None:
        registration = Registration(
            provider.issuer, CLIENT, SECRET, RETURN, ("openid", "profile"), **asked
        )
        self.provider = provider
        self.client = OpenIdProvider(registration, ssl.create_default_context(), time.time)
        self.trips = SqliteTrips(folder / "provider.sqlite")
        reading = Reading(studies_claim="studies", roles={"sotto-reading": "reviewer"})
        self.federation = Federation(self.client, self.trips, reading, time.time)
        self.desk = Desk(folder, federation=self.federation)

    def close(self) -> None:
        """Close all."""
        self.provider.forget_browsers()
        self.desk.close()
        self.trips.close()
        self.client.close()

    def begin(self, browser: TestClient, path: str = "/sign-in/provider?to=/review") -> str:
        """Return where the console leads a browser."""
        answer = browser.get(path)
        assert answer.status_code == 303
        return answer.headers["location"]

    def sign_in(
        self, person: str, acr: str = "", browser: TestClient | None = None
    ) -> tuple[TestClient, httpx.Client, httpx.Response]:
        """Sign somebody in, all the way; return both browsers, and the last answer."""
        here = browser or self.desk.browser()
        there = self.provider.browser()
        back = self.provider.visit(there, self.begin(here), person, acr)
        return here, there, here.get("/sign-in/provider/return", params=back)

    @property
    def sessions(self) -> list[Any]:
        """The sessions that there are."""
        return list(self.desk.store.sessions())

    def refusals(self) -> list[str]:
        """Return why sign-ins were refused, from the log."""
        return [one.reason for one in self.desk.log.events if one.name == "console:session:refused"]


@pytest.fixture
def hospital(tmp_path: Path, provider: IdentityProvider) -> Iterator[Hospital]:
    """Give a console of a hospital with the provider."""
    found = Hospital(tmp_path, provider)
    yield found
    found.close()


class TestSignIn:
    def test_lets_a_person_in_with_role_and_studies(self, hospital: Hospital) -> None:
        """Name, role, studies and the provider's session come from what it says."""
        browser, _, answer = hospital.sign_in("u-1")

        assert (answer.status_code, answer.headers["location"]) == (303, "/review")
        [session] = hospital.sessions
        assert (session.person, session.roles) == ("siti", ("reviewer",))
        assert (session.studies, session.source) == (("recovery-2026",), Source.PROVIDER)
        assert session.provider_session
        assert abs(session.authenticated - time.time()) < 60
        assert browser.get("/").status_code == 200
        [entry] = [one for one in hospital.desk.log.events if one.name.endswith("signed_in")]
        assert (entry.person, entry.role) == ("siti", "reviewer")

    def test_asks_by_code_with_a_challenge(self, hospital: Hospital) -> None:
        """The request has all that the answer is held to, and no secret."""
        url = hospital.begin(hospital.desk.browser())
        asked = {key: value for key, [value] in parse_qs(urlsplit(url).query).items()}

        assert asked["response_type"] == "code"
        assert asked["code_challenge_method"] == "S256"
        assert len(asked["code_challenge"]) == 43
        assert len(asked["state"]) >= 43
        assert len(asked["nonce"]) >= 43
        assert asked["redirect_uri"] == RETURN
        assert SECRET not in url

    def test_keeps_nothing_in_the_browser_but_two_random_values(self, hospital: Hospital) -> None:
        """No token, verifier, nonce or state is in a cookie or on a page."""
        browser = hospital.desk.browser()
        url = hospital.begin(browser)
        asked = {key: value for key, [value] in parse_qs(urlsplit(url).query).items()}
        kept = dict(browser.cookies)
        assert set(kept) == {"__Host-sotto-sign-in"}
        assert asked["nonce"] not in str(kept)
        assert asked["state"] not in str(kept)

        back = hospital.provider.visit(hospital.provider.browser(), url, "u-1")
        answer = browser.get("/sign-in/provider/return", params=back)
        cookies = answer.headers.get_list("set-cookie")
        assert all("Secure" in one and "HttpOnly" in one and "Path=/" in one for one in cookies)
        assert set(dict(browser.cookies)) == {"__Host-sotto"}
        [value] = dict(browser.cookies).values()
        assert len(value) == 43
        assert "." not in value

    def test_once(self, hospital: Hospital) -> None:
        """An answer that was used is worth nothing, in the same browser either."""
        browser = hospital.desk.browser()
        url = hospital.begin(browser)
        cookie = dict(browser.cookies)
        back = hospital.provider.visit(hospital.provider.browser(), url, "u-1")
        assert browser.get("/sign-in/provider/return", params=back).status_code == 303

        again = hospital.desk.browser()
        for name, value in cookie.items():
            again.cookies.set(name, value, domain="127.0.0.1", path="/")
        assert again.get("/sign-in/provider/return", params=back).status_code == 403
        assert hospital.refusals() == ["sign_in_not_begun"]

    def test_not_in_another_browser(self, hospital: Hospital) -> None:
        """Nobody is signed in by a link that somebody else began (login CSRF)."""
        url = hospital.begin(hospital.desk.browser())
        back = hospital.provider.visit(hospital.provider.browser(), url, "u-1")
        victim = hospital.desk.browser()
        hospital.begin(victim)

        assert victim.get("/sign-in/provider/return", params=back).status_code == 403
        assert not hospital.sessions

    def test_not_with_a_state_of_nobody(self, hospital: Hospital) -> None:
        """A made-up state, and none, are refused."""
        browser = hospital.desk.browser()
        hospital.begin(browser)
        for asked in ({}, {"code": "x"}, {"code": "x", "state": "made-up"}):
            assert browser.get("/sign-in/provider/return", params=asked).status_code == 403

    @pytest.mark.parametrize("issuer", ["https://evil.example", "", None])
    def test_not_from_another_provider(self, hospital: Hospital, issuer: str | None) -> None:
        """The answer says whose it is, and it has to be this provider's (RFC 9207)."""
        browser = hospital.desk.browser()
        back = hospital.provider.visit(hospital.provider.browser(), hospital.begin(browser), "u-1")
        assert back["iss"] == hospital.provider.issuer
        if issuer is None:
            del back["iss"]
        else:
            back["iss"] = issuer

        assert browser.get("/sign-in/provider/return", params=back).status_code == 403
        assert hospital.refusals() == ["provider_mixed_up"]

    def test_without_the_verifier_the_provider_gives_nothing(self, hospital: Hospital) -> None:
        """A stolen code is worth nothing: the verifier never leaves the server."""
        browser = hospital.desk.browser()
        back = hospital.provider.visit(hospital.provider.browser(), hospital.begin(browser), "u-1")
        with pytest.raises(SignInRefused) as caught:
            hospital.client.claims(
                code=back["code"], verifier="x" * 43, nonce="n", issuer=back["iss"]
            )
        assert caught.value.reason == "provider_refused"

    @pytest.mark.parametrize(
        ("person", "reason"),
        [("u-3", "no_role"), ("u-4", "no_study"), ("u-9", "provider_refused")],
    )
    def test_not_for_whoever_has_nothing_here(
        self, hospital: Hospital, person: str, reason: str
    ) -> None:
        """Without role or study, or unknown to the provider, nobody comes in."""
        _, _, answer = hospital.sign_in(person)

        assert (answer.status_code, hospital.refusals()) == (403, [reason])
        assert not hospital.sessions

    def test_one_name_is_one_person(self, hospital: Hospital) -> None:
        """A name that went to somebody else at the provider is not theirs here."""
        assert hospital.sign_in("u-1")[2].status_code == 303
        assert hospital.sign_in("u-2")[2].status_code == 403

        hospital.desk.account("nur", "researcher")
        assert hospital.sign_in("u-5")[2].status_code == 403
        assert hospital.refusals() == ["account_of_another", "account_of_another"]

    def test_pages_lead_there(self, hospital: Hospital) -> None:
        """The sign-in has the way to the hospital's, signing out that out of it too."""
        browser = hospital.desk.browser()
        assert "/sign-in/provider?to=/review" in browser.get("/sign-in?to=/review").text
        assert hospital.client.sign_out_url().replace("&", "&amp;") in (
            browser.get("/sign-in?out=1").text
        )
        browser, _, _ = hospital.sign_in("u-1")
        page = browser.get("/step-up?to=/review").text
        assert "/step-up/provider?to=/review" in page
        assert 'type="password"' not in page

    def test_after_ten_minutes_begins_anew(
        self, hospital: Hospital, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """What was begun long ago does not end."""
        browser = hospital.desk.browser()
        back = hospital.provider.visit(hospital.provider.browser(), hospital.begin(browser), "u-1")
        monkeypatch.setattr(hospital.federation, "_clock", lambda: time.time() + 601)
        assert browser.get("/sign-in/provider/return", params=back).status_code == 403


class TestLevels:
    def test_a_weak_proof_is_not_enough(self, tmp_path: Path, provider: IdentityProvider) -> None:
        """Where a level is asked for, one without it is refused, whatever else it says."""
        strict = Hospital(tmp_path, provider, acr=("urn:mfa",))
        try:
            assert strict.sign_in("u-1", "")[2].status_code == 403
            assert strict.refusals() == ["proof_too_weak"]
            assert strict.sign_in("u-1", "urn:mfa")[2].status_code == 303
        finally:
            strict.close()

    def test_step_up_asks_the_person_again(self, hospital: Hospital) -> None:
        """The provider asks anew, the session gets a new token, and the old one opens nothing."""
        browser, there, _ = hospital.sign_in("u-1")
        [before] = hospital.sessions
        hospital.desk.store.update(dataclasses.replace(before, authenticated=1.0))
        old = dict(browser.cookies)["__Host-sotto"]

        url = hospital.begin(browser, "/step-up/provider?to=/review/x")
        asked = {key: value for key, [value] in parse_qs(urlsplit(url).query).items()}
        assert (asked["prompt"], asked["max_age"]) == ("login", "0")
        back = hospital.provider.visit(there, url, "u-1")
        answer = browser.get("/sign-in/provider/return", params=back)

        assert (answer.status_code, answer.headers["location"]) == (303, "/review/x")
        [after] = hospital.sessions
        assert time.time() - after.authenticated < 60
        assert dict(browser.cookies)["__Host-sotto"] != old
        assert hospital.desk.sessions.find(old) is None

    def test_step_up_is_not_somebody_else(self, hospital: Hospital) -> None:
        """Another person's proof makes nothing fresh."""
        browser, _, _ = hospital.sign_in("u-1")
        url = hospital.begin(browser, "/step-up/provider")
        back = hospital.provider.visit(hospital.provider.browser(), url, "u-5")

        assert browser.get("/sign-in/provider/return", params=back).status_code == 403
        assert hospital.refusals() == ["person_changed"]
        assert [one.person for one in hospital.sessions] == ["siti"]


class TestLogout:
    def test_at_the_provider_ends_the_session_here(self, hospital: Hospital) -> None:
        """The provider's own token, as it came over the wire, ends that session alone."""
        browser, there, _ = hospital.sign_in("u-1")
        other, _, _ = hospital.sign_in("u-5")
        token = hospital.provider.sign_out(there, hospital.client.sign_out_url())

        server = hospital.desk.browser()
        server.headers.clear()
        answer = server.post("/sign-out/provider", data={"logout_token": token})

        assert (answer.status_code, answer.headers["cache-control"]) == (200, "no-store")
        assert [one.person for one in hospital.sessions] == ["nur"]
        assert browser.get("/", follow_redirects=False).status_code == 303
        assert other.get("/").status_code == 200

    def test_by_a_token_that_does_not_hold_ends_nothing(self, hospital: Hospital) -> None:
        """An ID token, another key's, or an altered one is refused, and recorded."""
        _, there, _ = hospital.sign_in("u-1")
        token = hospital.provider.sign_out(there, hospital.client.sign_out_url())
        claims = {
            "iss": hospital.provider.issuer, "aud": CLIENT, "sub": "u-1", "jti": "1",
            "iat": int(time.time()), "exp": int(time.time()) + 60, "events": {EVENT: {}},
        }  # fmt: skip
        key = RSAKey.generate_key(2048, private=True)
        forged = jwt.encode({"alg": "RS256", "typ": "logout+jwt"}, claims, key)
        none = "eyJhbGciOiJub25lIn0." + token.split(".")[1] + "."
        for wrong in (forged, none, token[:-6] + "AAAAAA", "", "a.b.c"):
            answer = hospital.desk.browser().post(
                "/sign-out/provider", data={"logout_token": wrong}
            )
            assert answer.status_code == 400
        assert len(hospital.sessions) == 1
        assert set(hospital.refusals()) == {"provider_token"}

    @pytest.mark.parametrize(
        ("header", "change"),
        [
            ({"typ": "JWT"}, {}),
            ({}, {"nonce": "n"}),
            ({}, {"events": {}}),
            ({}, {"events": None}),
            ({}, {"jti": ""}),
            ({}, {"exp": int(time.time()) + 86_400}),
            ({}, {"exp": int(time.time()) - 60, "iat": int(time.time()) - 120}),
            ({}, {"iat": int(time.time()) + 86_400, "exp": int(time.time()) + 86_460}),
            ({}, {"aud": "another"}),
            ({}, {"aud": [CLIENT, "another"]}),
            ({}, {"iss": "https://evil.example"}),
            ({}, {"sub": "", "sid": ""}),
        ],
    )
    def test_token_has_one_form(
        self,
        hospital: Hospital,
        monkeypatch: pytest.MonkeyPatch,
        header: dict[str, Any],
        change: dict[str, Any],
    ) -> None:
        """Each rule of Back-Channel Logout 1.0, 2.6 is held, also under the provider's key."""
        key = RSAKey.generate_key(2048, private=True)
        monkeypatch.setattr(hospital.client, "_keys", lambda **_: KeySet([key]))
        now = int(time.time())
        claims = {
            "iss": hospital.provider.issuer, "aud": CLIENT, "sub": "u-1", "sid": "s", "jti": "1",
            "iat": now, "exp": now + 120, "events": {EVENT: {}},
        }  # fmt: skip
        good = {"alg": "RS256", "typ": "logout+jwt", "kid": key.thumbprint()}
        assert hospital.client.notice(jwt.encode(good, claims, key)).session == "s"

        with pytest.raises(SignInRefused):
            hospital.client.notice(jwt.encode(good | header, claims | change, key))


class TestAway:
    def test_provider_is_said_to_be_away(self, tmp_path: Path) -> None:
        """Where nothing answers the page says so; nobody is signed in by that."""
        gone = IdentityProvider("http://127.0.0.1:9", [], None)  # type: ignore[arg-type]
        hospital = Hospital(tmp_path, gone)
        try:
            assert hospital.desk.browser().get("/sign-in/provider").status_code == 503
        finally:
            hospital.close()

    def test_console_without_one_has_no_such_page(self, tmp_path: Path) -> None:
        """Where no provider is set, its pages are not there."""
        with Desk(tmp_path) as desk:
            assert desk.browser().get("/sign-in/provider").status_code == 404
            assert desk.browser().post("/sign-out/provider").status_code == 404


class TestIdToken:
    @pytest.mark.parametrize(
        "change",
        [
            {"nonce": "of another sign-in"},
            {"nonce": None},
            {"aud": "another"},
            {"aud": [CLIENT, "another"]},
            {"azp": "another"},
            {"iss": "https://evil.example"},
            {"exp": int(time.time()) - 60},
            {"exp": None},
            {"iat": None},
            {"iat": int(time.time()) + 86_400},
            {"sub": 7},
        ],
    )
    def test_has_one_form(
        self, hospital: Hospital, monkeypatch: pytest.MonkeyPatch, change: dict[str, Any]
    ) -> None:
        """Each rule of OpenID Connect Core 1.0, 3.1.3.7 is held, also under the provider's key."""
        key = RSAKey.generate_key(2048, private=True)
        monkeypatch.setattr(hospital.client, "_keys", lambda **_: KeySet([key]))
        now = int(time.time())
        claims = {
            "iss": hospital.provider.issuer, "aud": CLIENT, "sub": "u-1", "nonce": "n",
            "iat": now, "exp": now + 300,
        }  # fmt: skip
        issuer = hospital.provider.issuer

        def told(said: dict[str, Any]) -> Any:
            token = jwt.encode({"alg": "RS256", "kid": key.thumbprint()}, said, key)
            monkeypatch.setattr(hospital.client, "_exchange", lambda *_: {"id_token": token})
            return hospital.client.claims(code="c", verifier="v", nonce="n", issuer=issuer)

        assert told(claims)["sub"] == "u-1"
        with pytest.raises(SignInRefused) as caught:
            told({name: value for name, value in (claims | change).items() if value is not None})
        assert caught.value.reason == "provider_token"

    def test_is_signed_by_the_provider_alone(
        self, hospital: Hospital, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """No algorithm `none`, no secret of the client as a key, no key of others."""
        now = int(time.time())
        claims = {
            "iss": hospital.provider.issuer, "aud": CLIENT, "sub": "u-1", "nonce": "n",
            "iat": now, "exp": now + 300,
        }  # fmt: skip
        unsigned = jwt.encode({"alg": "RS256"}, claims, RSAKey.generate_key(2048, private=True))
        payload = unsigned.split(".")[1]
        secret = OctKey.import_key(SECRET)
        for token in (
            unsigned,
            f"eyJhbGciOiJub25lIn0.{payload}.",
            jwt.encode({"alg": "HS256"}, claims, secret),
        ):
            monkeypatch.setattr(
                hospital.client, "_exchange", lambda *_, token=token: {"id_token": token}
            )
            with pytest.raises(SignInRefused) as caught:
                hospital.client.claims(
                    code="c", verifier="v", nonce="n", issuer=hospital.provider.issuer
                )
            assert caught.value.reason == "provider_token"

    def test_of_a_provider_that_gives_another_name(
        self, tmp_path: Path, provider: IdentityProvider
    ) -> None:
        """What answers at the address has to be the issuer that the setting names."""
        other = dataclasses.replace(
            provider, issuer=provider.issuer.replace("127.0.0.1", "localhost")
        )
        hospital = Hospital(tmp_path, other)
        try:
            assert hospital.desk.browser().get("/sign-in/provider").status_code == 503
        finally:
            hospital.close()
