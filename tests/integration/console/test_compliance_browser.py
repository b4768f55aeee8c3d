# SPDX-License-Identifier: Apache-2.0
"""The compliance officer's way in a real browser."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from services.registry.identities import COMPLIANCE
from tests.support.compliance_desk import RECORDING, Hospital
from tests.support.console import Desk
from tests.support.console_browser import WIDTHS, Chromium, Visitor, serving


@pytest.fixture(scope="module")
def hospital(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Hospital]:
    """A log with a story, and both zones."""
    made = Hospital(tmp_path_factory.mktemp("log") / "audit")
    made.log.tell_story()
    yield made
    made.log.close()


@pytest.fixture(scope="module")
def desk(hospital: Hospital, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desk]:
    """The console over these, with an officer."""
    with Desk(tmp_path_factory.mktemp("desk"), channel=hospital.channel) as opened:
        opened.account("nora", COMPLIANCE)
        yield opened


@pytest.fixture(scope="module")
def address(desk: Desk, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Where it is served."""
    with serving(desk, tmp_path_factory.mktemp("pki")) as told:
        yield told


@pytest.fixture(scope="module")
def chromium() -> Iterator[Chromium]:
    """A browser."""
    with Chromium() as started:
        yield started


def look(visitor: Visitor, name: str, width: int) -> None:
    """Check a page, and keep a picture of it where somebody asked for pictures."""
    visitor.check()
    if folder := os.environ.get("SOTTO_TEST_PICTURES"):
        visitor.picture(Path(folder) / f"{name}-{width}.png")


def walk(visitor: Visitor, *keys: str) -> None:
    """Press keys, one after the other; a text that is no key is typed."""
    for key in keys:
        if key in {"Tab", "Enter", "Space"}:
            visitor.page.keyboard.press(key)
        else:
            visitor.page.keyboard.type(key)
    visitor.page.wait_for_load_state()


class TestOfficer:
    @pytest.mark.parametrize("width", WIDTHS)
    def test_every_page_can_be_used(
        self, desk: Desk, address: str, chromium: Chromium, width: int
    ) -> None:
        """At both widths, by axe, and nothing is wider than the window."""
        with chromium.visiting(address, width=width, dark=width == WIDTHS[1]) as visitor:
            visitor.sign_in(desk, "nora")
            for name, path in (
                ("log", "/log"), ("entry", "/log/2"), ("custody", f"/custody/{RECORDING}"),
                ("verification", "/verification"), ("retention", "/retention"),
                ("evidence", "/evidence"), ("participants", "/participants"),
            ):  # fmt: skip
                visitor.go(path)
                look(visitor, name, width)
            visitor.page.get_by_label("Participant code").fill("P01")
            visitor.press("Show")
            look(visitor, "who", width)
            visitor.follow("Withdrawal of consent")
            visitor.page.wait_for_url("**/withdrawal")
            look(visitor, "withdrawal", width)
            visitor.go("/verification")
            visitor.press("Verify the log")
            assert "The log is whole" in visitor.text
            look(visitor, "verified", width)
            visitor.go("/evidence")
            visitor.page.get_by_role("button", name="Show to print").first.click()
            visitor.page.wait_for_load_state()
            assert "Hospital Sentosa" in visitor.text
            look(visitor, "report", width)

    def test_withdrawal_by_keyboard(
        self, desk: Desk, hospital: Hospital, address: str, chromium: Chromium
    ) -> None:
        """From the first page to the receipt; no address and no storage holds the participant."""
        with chromium.visiting(address) as visitor:
            visitor.sign_in(desk, "nora")
            page = visitor.page
            page.get_by_role("link", name="Participants").focus()
            walk(visitor, "Enter")
            page.wait_for_url("**/participants")
            page.get_by_label("Participant code").focus()
            walk(visitor, "P01", "Enter")
            page.wait_for_url(re.compile("/participants/.+"))
            assert "ben" in visitor.text
            page.get_by_role("link", name="Withdrawal of consent").focus()
            walk(visitor, "Enter")
            page.wait_for_url("**/withdrawal")
            assert "What stays, and why" in visitor.text
            desk.ahead += 600  # the sign-in is too long ago by now
            page.get_by_label("Type the participant's code once more").focus()
            walk(visitor, "P01", "Tab", "Enter")
            page.wait_for_url(re.compile("/step-up"))
            assert not hospital.clinical.erased
            visitor.fill(password="seven quiet herons wade", code=desk.code())
            visitor.press("Go on")
            page.wait_for_url("**/withdrawal")
            page.get_by_label("Type the participant's code once more").focus()
            walk(visitor, "P01", "Tab", "Enter")
            page.get_by_role("heading", name="Receipt of a withdrawal").wait_for()
            look(visitor, "receipt", WIDTHS[0])
            assert hospital.clinical.erased == [("nora", "st1", "P01")]
            assert not [one for one in visitor.asked if re.search("P01|ben|nora", one)]
            assert "P01" not in visitor.kept()


class TestWatermark:
    def test_stands_in_the_print(self, desk: Desk, address: str, chromium: Chromium) -> None:
        """Paper bears it too, also where backgrounds are not printed; it lets the words through."""
        with chromium.visiting(address) as visitor:
            visitor.sign_in(desk, "nora")
            visitor.go("/evidence")
            plain = visitor.page.pdf(print_background=False)
            visitor.page.evaluate(
                "document.querySelector('main').insertAdjacentHTML('beforeend',"
                " '<div class=watermark aria-hidden=true></div>')"
            )
            with visitor.page.expect_response("**/watermark.svg"):
                visitor.page.locator(".watermark").scroll_into_view_if_needed()
            marked = visitor.page.pdf(print_background=False)
            assert len(marked) > len(plain) + 2000
            visitor.page.get_by_label("Month").click()
            assert visitor.page.get_by_label("Month").evaluate("one => one.matches(':focus')")
