# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

import re
from collections.abc import Iterator

import pytest

from services.console.domain import totp
from services.registry.identities import PEOPLE, REVIEWER
from tests.support.console import PASSWORD, Desk
from tests.support.console_browser import WIDTHS, Chromium, serving


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desk]:
    """A console without services, with an account in each role and in all."""
    with Desk(tmp_path_factory.mktemp("desk")) as opened:
        opened.account("everybody", *PEOPLE)
        yield opened


@pytest.fixture(scope="module")
def address(desk: Desk, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Where it is served."""
    with serving(desk, tmp_path_factory.mktemp("pki")) as told:
        yield told


@pytest.fixture(scope="module")
def chromium() -> Iterator[Chromium]:
    """A browser that keeps pages that were left, as people's do."""
    with Chromium(keeps_pages=True) as started:
        yield started


class TestSettingUp:
    def test_by_keyboard(self, desk: Desk, address: str, chromium: Chromium) -> None:
        """A person sets an account up and signs in, out and in again with the keyboard alone."""
        code = desk.accounts.add("siti", [REVIEWER], [])
        with chromium.visiting(address) as visitor:
            keys = visitor.page.keyboard
            visitor.go("/sign-in")
            visitor.page.get_by_role("link", name="I have a set-up code").focus()
            keys.press("Enter")
            visitor.page.wait_for_url("**/set-up")
            visitor.page.get_by_label("Account").focus()
            keys.type("siti")
            keys.press("Tab")
            keys.type(code)
            keys.press("Enter")
            visitor.page.wait_for_url("**/set-up/finish")
            visitor.check()
            shown = visitor.page.locator(".key code").inner_text().replace(" ", "")
            secret = desk.accounts.get("siti").totp_secret
            assert shown == totp.as_text(secret)
            assert visitor.page.locator(".qr").evaluate("one => one.naturalWidth") > 100
            visitor.page.get_by_label("Code").focus()
            keys.type(totp.code_at(secret, totp.step_of(desk.now())))
            keys.press("Tab")
            keys.type(PASSWORD)
            keys.press("Enter")
            visitor.page.wait_for_url(f"{address}/")
            assert "What waits for you" in visitor.text
            assert visitor.kept().replace("null", "") in {
                '[{},{},"",[],[],]',
                '[{},{},"",[],[],{}]',
            }


class TestPages:
    @pytest.mark.parametrize("width", WIDTHS)
    @pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
    def test_before_signing_in(
        self, address: str, chromium: Chromium, width: int, dark: bool
    ) -> None:
        """Pages for everybody can be used by everybody, at both widths, light and dark."""
        with chromium.visiting(address, width=width, dark=dark) as visitor:
            for path in ("/sign-in", "/set-up", "/sign-in?out=1", "/nowhere"):
                visitor.go(path)
                visitor.check()

    @pytest.mark.parametrize("width", WIDTHS)
    @pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
    def test_signed_in(
        self, desk: Desk, address: str, chromium: Chromium, width: int, dark: bool
    ) -> None:
        """So can those for who is signed in, in both languages."""
        with chromium.visiting(address, width=width, dark=dark) as visitor:
            visitor.sign_in(desk, "everybody")
            for path in ("/", "/step-up", "/nowhere"):
                visitor.go(path)
                visitor.check()
            with visitor.page.expect_navigation():
                visitor.page.get_by_role("button", name="Bahasa Melayu").click()
            assert visitor.page.locator("html").get_attribute("lang") == "ms"
            visitor.check()
            with visitor.page.expect_navigation():
                visitor.page.get_by_role("button", name="English").click()


class TestLeaving:
    def test_page_that_the_browser_kept_is_asked_for_again(
        self, desk: Desk, address: str, chromium: Chromium
    ) -> None:
        """Chromium may keep a page in spite of `no-store`, and show it again unasked: the page
        itself then asks, and the server gives it or refuses.
        """
        # Whether a page is kept hangs on the machine, so that the event is sent as well.
        shown = "new PageTransitionEvent('pageshow', {persisted: true})"
        with chromium.visiting(address) as visitor:
            visitor.sign_in(desk, "everybody")
            visitor.go("/step-up?to=/")
            with visitor.page.expect_navigation(url=f"{address}/step-up?to=/"):
                visitor.page.evaluate(f"window.dispatchEvent({shown})")
            visitor.go("/")
            with visitor.page.expect_request(f"{address}/step-up?to=/"):
                visitor.page.go_back(wait_until="commit")
            visitor.page.wait_for_selector("html:not(.left)")
            visitor.go("/")
            desk.sessions.end_all("everybody")
            visitor.page.go_back(wait_until="commit")
            visitor.page.wait_for_url(re.compile("/sign-in"))

    def test_nothing_comes_back(self, desk: Desk, address: str, chromium: Chromium) -> None:
        """Going back after the session ended leads to the sign-in."""
        with chromium.visiting(address) as visitor:
            visitor.sign_in(desk, "everybody")
            visitor.go("/step-up?to=/")
            visitor.go("/")
            desk.sessions.end_all("everybody")
            visitor.page.go_back(wait_until="commit")
            visitor.page.wait_for_url(re.compile("/sign-in"))
            assert "Show again" not in visitor.text

    def test_page_that_was_left_is_hidden(
        self, desk: Desk, address: str, chromium: Chromium
    ) -> None:
        """A page hides itself before the browser puts it away."""
        with chromium.visiting(address) as visitor:
            visitor.sign_in(desk, "everybody")
            visitor.page.evaluate("window.dispatchEvent(new PageTransitionEvent('pagehide'))")
            assert (
                visitor.page.locator("body").evaluate("one => getComputedStyle(one).visibility")
                == "hidden"
            )


class TestSessionEnd:
    def test_warning(self, desk: Desk, address: str, chromium: Chromium) -> None:
        """Two minutes before the end the page warns, and a button goes on (WCAG 2.2.1)."""
        with chromium.visiting(address) as visitor:
            visitor.page.clock.install()
            visitor.sign_in(desk, "everybody")
            desk.ahead += 14 * 60
            visitor.page.clock.fast_forward(14 * 60 * 1000)
            visitor.page.get_by_role("button", name="Stay signed in").wait_for()
            visitor.check()
            visitor.page.get_by_role("button", name="Stay signed in").click()
            visitor.page.locator("#session-end").wait_for(state="hidden")
            desk.ahead += 10 * 60
            visitor.go("/step-up")
            assert visitor.path == "/step-up"

    def test_end(self, desk: Desk, address: str, chromium: Chromium) -> None:
        """A page whose session has ended leads to the sign-in by itself."""
        with chromium.visiting(address) as visitor:
            visitor.page.clock.install()
            visitor.sign_in(desk, "everybody")
            desk.ahead += 16 * 60
            visitor.page.clock.fast_forward(16 * 60 * 1000)
            visitor.page.wait_for_url(re.compile("/sign-in"))
