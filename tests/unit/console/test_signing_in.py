# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

import re
from pathlib import Path

import pytest

from services.console.domain import totp
from services.console.domain.account import State
from services.console.domain.session import Ending, Source
from services.registry.identities import COMPLIANCE, REVIEWER
from tests.support.console import HOST, PASSWORD, Desk

COOKIE = "__Host-sotto"


def told(desk: Desk) -> list[tuple[str, str, str]]:
    """Return what the log has: event, person and reason."""
    return [(one.name, one.person, one.reason) for one in desk.log.events]


class TestSignIn:
    def test_the_way_in(self, desk: Desk) -> None:
        """Who asks for a page signs in, and comes to that page."""
        desk.account("siti", REVIEWER)
        browser = desk.browser()
        asked = browser.get("/step-up?to=/x")
        assert asked.headers["location"] == "/sign-in?to=/step-up%3Fto%3D/x"

        form = browser.get(asked.headers["location"])
        assert 'value="/step-up?to=/x"' in form.text
        done = desk.sign_in(browser, "siti", "/step-up?to=/x")

        assert (done.status_code, done.headers["location"]) == (303, "/step-up?to=/x")
        assert browser.get("/").status_code == 200
        assert told(desk) == [("console:session:signed_in", "siti", "")]
        assert desk.log.events[0].attributes["person_proof"] == "session"

    def test_cookie(self, desk: Desk) -> None:
        """The cookie is for this host alone, unseen by scripts, never sent in clear (ASVS 3.3)."""
        desk.account("siti", REVIEWER)
        done = desk.sign_in(desk.browser(), "siti")
        cookie = done.headers["set-cookie"]
        assert re.fullmatch(
            rf"{COOKIE}=[\w-]{{43}}; HttpOnly; Path=/; SameSite=lax; Secure", cookie
        )

    @pytest.mark.parametrize(
        ("account", "password", "code"),
        [
            ("siti", "another password", None),
            ("siti", PASSWORD, "000000"),
            ("siti", PASSWORD, ""),
            ("nobody", PASSWORD, None),
        ],
    )
    def test_refused(self, desk: Desk, account: str, password: str, code: str | None) -> None:
        """A wrong password, code or name give the same answer, which is recorded."""
        desk.account("siti", REVIEWER)
        data = {
            "account": account,
            "password": password,
            "code": desk.code() if code is None else code,
        }
        answer = desk.browser().post("/sign-in", data=data)

        assert answer.status_code == 403
        assert "do not belong together" in answer.text
        assert "set-cookie" not in answer.headers
        assert password not in answer.text
        assert told(desk) == [("console:session:refused", "", "wrong_credentials")]
        expected = {"siti"} if account == "siti" else set()
        assert {v for k, v in desk.log.events[0].attributes.items() if k == "account"} == expected

    def test_code_is_good_once(self, desk: Desk) -> None:
        """Whoever looked over the shoulder comes too late."""
        desk.account("siti", REVIEWER)
        data = {"account": "siti", "password": PASSWORD, "code": desk.code()}
        assert desk.browser().post("/sign-in", data=data).status_code == 303
        assert desk.browser().post("/sign-in", data=data).status_code == 403

    def test_no_record_no_sign_in(self, desk: Desk) -> None:
        """Where the log takes nothing, nobody comes in."""
        desk.account("siti", REVIEWER)
        desk.log.down = True
        answer = desk.sign_in(desk.browser(), "siti")
        assert (answer.status_code, desk.store.sessions()) == (503, [])

    def test_attempts_are_limited(self, desk: Desk, tmp_path: Path) -> None:
        """After ten failures an account waits, also after a restart and with the right password."""
        desk.account("siti", REVIEWER)
        browser = desk.browser()
        wrong = {"account": "siti", "password": "wrong password", "code": "000000"}
        assert [browser.post("/sign-in", data=wrong).status_code for _ in range(10)] == [403] * 10
        assert desk.sign_in(browser, "siti").status_code == 429

        with Desk(tmp_path) as restarted:
            restarted.ahead = desk.ahead
            assert restarted.sign_in(restarted.browser(), "siti").status_code == 429
            restarted.ahead += 15 * 60
            assert restarted.sign_in(restarted.browser(), "siti").status_code == 303

    @pytest.mark.parametrize(
        "to", ["https://evil.example/", "//evil.example/", "/\\evil.example", "javascript:1", ""]
    )
    def test_leads_to_no_other_site(self, desk: Desk, to: str) -> None:
        """A link to the sign-in leads nobody elsewhere afterwards."""
        desk.account("siti", REVIEWER)
        assert desk.sign_in(desk.browser(), "siti", to).headers["location"] == "/"

    def test_new_session_at_sign_in(self, desk: Desk) -> None:
        """A token from before the sign-in opens nothing after it (session fixation)."""
        browser = desk.signed_in("siti", REVIEWER)
        before = browser.cookies[COOKIE]
        desk.sign_in(browser, "siti")
        assert desk.sessions.find(before) is None

    def test_a_password_does_not_end(self, desk: Desk) -> None:
        """Nobody is made to change a password that nobody has stolen (ASVS 6.2.10)."""
        desk.account("siti", "reviewer")
        desk.ahead += 5 * 365 * 24 * 3600
        client = desk.browser()
        assert desk.sign_in(client, "siti").headers["location"] == "/"
        assert client.get("/").status_code == 200

    def test_disabled_account(self, desk: Desk) -> None:
        """An account that is closed lets nobody in, and ends what is open at the next request."""
        browser = desk.signed_in("siti", REVIEWER)
        desk.accounts.change("siti", disabled=True)
        assert browser.get("/").status_code == 303
        assert desk.sign_in(desk.browser(), "siti").status_code == 403


class TestSession:
    def test_roles_change_at_once(self, desk: Desk) -> None:
        """Who lost a role has lost it at the next request (ASVS 8.3.2)."""
        browser = desk.signed_in("siti", "researcher")
        assert 'href="/releases"' in browser.get("/").text
        desk.accounts.change("siti", roles=[COMPLIANCE])
        assert 'href="/releases"' not in browser.get("/").text

    def test_idle(self, desk: Desk) -> None:
        """A session in which nothing is asked ends, and the log says so."""
        browser = desk.signed_in("siti", REVIEWER)
        desk.ahead += 14 * 60
        assert browser.get("/").status_code == 200
        desk.ahead += 14 * 60
        assert browser.get("/").status_code == 200
        desk.ahead += 15 * 60
        assert browser.get("/").status_code == 303
        assert told(desk)[-1] == ("console:session:ended", "", "session_idle")

    def test_polls_keep_nothing_alive(self, desk: Desk) -> None:
        """A page that asks by itself does not hold its session open."""
        browser = desk.signed_in("siti", REVIEWER)
        for _ in range(4):
            desk.ahead += 5 * 60
            browser.get("/", headers={"sotto-by-itself": "1"})
        assert browser.get("/").status_code == 303

    def test_whole(self, desk: Desk) -> None:
        """A session ends after its hours, however busy it is."""
        browser = desk.signed_in("siti", REVIEWER)
        for _ in range(61):
            desk.ahead += 10 * 60
            last = browser.get("/").status_code
        assert last == 303
        assert told(desk)[-1] == ("console:session:ended", "", "session_over")

    def test_sweep(self, desk: Desk) -> None:
        """A session that nobody comes back to is ended on time as well."""
        desk.signed_in("siti", REVIEWER)
        desk.ahead += 16 * 60
        desk.sessions.sweep()
        assert told(desk)[-1] == ("console:session:ended", "", "session_idle")

    def test_extend(self, desk: Desk) -> None:
        """Who is warned stays signed in by one button."""
        browser = desk.signed_in("siti", REVIEWER)
        desk.ahead += 14 * 60
        asked = {"sotto-by-itself": "1"}
        assert browser.get("/session/left", headers=asked).json()["seconds_left"] in {59, 60}
        assert browser.post("/session/extend").json() == {"seconds_left": 900}

    def test_sign_out(self, desk: Desk) -> None:
        """Signing out ends the session on the server, and has the browser forget us."""
        browser = desk.signed_in("siti", REVIEWER)
        token = browser.cookies[COOKIE]
        left = browser.post("/sign-out")
        assert left.headers["clear-site-data"] == '"cookies", "storage"'
        assert f'{COOKIE}=""' in left.headers["set-cookie"]
        assert desk.sessions.find(token) is None
        assert told(desk)[-1] == ("console:session:ended", "", "signed_out")

    def test_ended_by_an_administrator(self, desk: Desk) -> None:
        """An administrator ends a person's sessions; the log that was away learns of it later."""
        browser = desk.signed_in("siti", REVIEWER)
        desk.log.down = True
        assert desk.sessions.end_all("siti", Ending.ENDED) == 1
        assert browser.get("/").status_code == 303
        desk.log.down = False
        desk.outbox.pass_on(desk.trail)
        desk.outbox.pass_on(desk.trail)
        assert told(desk)[1:] == [("console:session:ended", "", "session_ended")]

    def test_a_new_account_ends_who_has_its_name_from_the_provider(self, desk: Desk) -> None:
        """One name is one person: the account was made while the provider's session lived."""
        client = desk.browser()
        token = desk.sessions.open("siti", ["reviewer"], HOST, source=Source.PROVIDER)
        client.cookies.set(COOKIE, token, domain=HOST, path="/")
        assert client.get("/").status_code == 200
        desk.accounts.add("siti", ["compliance"], [])
        assert client.get("/").headers["location"].startswith("/sign-in")
        assert desk.store.sessions() == []
        assert told(desk)[-1][0] == "console:session:ended"

    def test_step_up(self, desk: Desk) -> None:
        """Fresh authentication gives a new token; the old one opens nothing (ASVS 7.2.4)."""
        browser = desk.signed_in("siti", REVIEWER)
        before = browser.cookies[COOKIE]
        desk.ahead += 400
        data = {"password": PASSWORD, "code": desk.code(), "to": "/there"}
        done = browser.post("/step-up", data=data)

        assert (done.status_code, done.headers["location"]) == (303, "/there")
        assert desk.sessions.find(before) is None
        session = desk.sessions.find(browser.cookies[COOKIE])
        assert session is not None
        assert desk.sessions.is_fresh(session)
        assert told(desk)[-1] == ("console:session:stepped_up", "siti", "")

    def test_step_up_refused(self, desk: Desk) -> None:
        """A wrong password leaves the session as it was."""
        browser = desk.signed_in("siti", REVIEWER)
        done = browser.post("/step-up", data={"password": "x", "code": desk.code()})
        assert done.status_code == 403
        assert browser.get("/").status_code == 200


class TestSetUp:
    def test_from_code_to_account(self, desk: Desk) -> None:
        """A new account has a password and an authenticator of its person's own, and is in."""
        code = desk.accounts.add("siti", [REVIEWER], [])
        browser = desk.browser()
        begun = browser.post("/set-up", data={"account": "siti", "set_up_code": code.upper()})
        assert begun.headers["location"] == "/set-up/finish"
        page = browser.get("/set-up/finish").text
        shown = re.search(r"<code>([A-Z2-7 ]+)</code>", page)
        assert shown is not None
        account = desk.accounts.get("siti")
        assert shown[1].replace(" ", "") == totp.as_text(account.totp_secret)
        assert browser.get("/set-up/qr.svg").headers["content-type"] == "image/svg+xml"
        assert browser.get("/").status_code == 303

        desk.ahead += 30
        given = totp.code_at(account.totp_secret, totp.step_of(desk.now()))
        short = browser.post("/set-up/finish", data={"password": "short", "code": given})
        assert (short.status_code, "fewer than 12" in short.text) == (400, True)
        wrong = browser.post("/set-up/finish", data={"password": PASSWORD, "code": "1"})
        assert wrong.status_code == 400
        done = browser.post("/set-up/finish", data={"password": PASSWORD, "code": given})

        assert (done.status_code, done.headers["location"]) == (303, "/")
        assert browser.get("/").status_code == 200
        assert desk.accounts.get("siti").state is State.ACTIVE
        again = desk.browser().post("/set-up", data={"account": "siti", "set_up_code": code})
        assert again.status_code == 403

    def test_code_ends(self, desk: Desk) -> None:
        """A code that lay about for three days opens nothing."""
        code = desk.accounts.add("siti", [REVIEWER], [])
        desk.ahead += 73 * 3600
        data = {"account": "siti", "set_up_code": code}
        assert desk.browser().post("/set-up", data=data).status_code == 403

    def test_reset(self, desk: Desk) -> None:
        """After a recovery neither the old password nor the old authenticator is good."""
        desk.account("siti", REVIEWER)
        code = desk.accounts.reset("siti")
        assert desk.sign_in(desk.browser(), "siti").status_code == 403
        data = {"account": "siti", "set_up_code": code}
        assert desk.browser().post("/set-up", data=data).status_code == 303

    def test_only_while_setting_up(self, desk: Desk) -> None:
        """Nobody sees a secret who is signed in, or not at all."""
        assert desk.browser().get("/set-up/qr.svg").status_code == 303
        assert desk.signed_in("siti", REVIEWER).get("/set-up/finish").status_code == 303


class TestAddress:
    def test_is_recorded(self, desk: Desk) -> None:
        """The log has from where somebody signed in."""
        desk.account("siti", REVIEWER)
        desk.sign_in(desk.browser(), "siti")
        assert desk.log.events[0].attributes["address"] == HOST
