# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

import html
import re
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from starlette.testclient import TestClient

from services.common.client import Peers
from services.common.delegation import PRIVATE_KEY, Delegate
from services.registry import identities
from services.registry.identities import COMPLIANCE, REVIEWER
from services.release_client.quality import Quality
from sotto.study.v1 import study_pb2
from tests.support.console import Desk
from tests.support.console_browser import WIDTHS, Chromium, Visitor, serving
from tests.support.release_service import ReleaseDeployment

STUDY = "paged"
BROWSED = "browsed"
MEMBERS = dict.fromkeys(("dr.lim", "dr.tan", "dr.ong", "dr.sim", "dr.yap"), "reviewer")
GATE = study_pb2.QualityGate(
    bound=0.4,
    alpha=0.05,
    second_reader=0.1,
    planted=2,
    detection=0.5,
    agreement=0.5,
    other_signer=True,
)
SPOKEN = tuple(
    (
        "S2",
        "participant",
        f"Line {at} of [Person 1]." if at else "We ?met <b>there</b>.",
        at,
        at + 1,
    )
    for at in range(12)
)


@pytest.fixture(scope="module")
def deployment(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ReleaseDeployment]:
    """Audit, research storage and release, with a study whose transcript is approved."""
    with ReleaseDeployment(tmp_path_factory.mktemp("home")).start() as started:
        started.create_study(STUDY, members=MEMBERS, quality=GATE)
        ref, _ = started.add_transcript(STUDY, "P07", spoken=SPOKEN)
        started.approve(ref)
        started.create_study(BROWSED, members=MEMBERS, quality=GATE)
        other, _ = started.add_transcript(BROWSED, "P07", 7, spoken=SPOKEN)
        started.approve(other)
        with started.peers(identities.REVIEWER, "dr.lim") as peers:
            Quality(peers.channel(identities.RELEASE)).open(BROWSED)
        yield started


@pytest.fixture(scope="module")
def desk(deployment: ReleaseDeployment, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desk]:
    """The console in this process, before those services."""
    peers = Peers(deployment.credentials(identities.CONSOLE), deployment.addresses)
    key = deployment.installation.pki / identities.CONSOLE / PRIVATE_KEY
    with Desk(
        tmp_path_factory.mktemp("console"), channel=peers.channel, assertions=Delegate(key)
    ) as opened:
        yield opened
    peers.close()


def shown(text: str) -> tuple[str, str]:
    """Return the number of the passage on a page, and its words."""
    number = re.search(r'name="passage" value="(\d+)"', text)
    words = re.search(r"<span data-text[^>]*>(.*?)</span>\s*</p>", text, re.DOTALL)
    assert number is not None
    assert words is not None
    return number[1], html.unescape(re.sub(r"<[^>]+>", "", words[1]))


def read_all(client: TestClient) -> int:
    """Read what is left on the pages, mark what nobody said, and return how much it was."""
    for count in range(100):
        page = client.get(f"/quality/{STUDY}/1/read")
        assert page.status_code == 200
        if "Nothing is left for you" in page.text:
            return count
        number, words = shown(page.text)
        known = ".".join(words.split(".")[:1]) + "."
        planted = words.removeprefix(known).strip()
        form = {"passage": number, "words1": planted, "type1": "PERSON"}
        answer = client.post(f"/quality/{STUDY}/1/read", data=form)
        assert answer.status_code == 303, answer.text
    raise AssertionError("the sample has no end")


class TestPages:
    """A round by the pages alone, from the draw to the signature."""

    def test_is_drawn_read_by_two_and_signed_by_a_third(self, desk: Desk) -> None:
        """Each page says what comes next; a signature asks for a fresh proof."""
        lim = desk.signed_in("dr.lim", REVIEWER)
        assert f'href="/quality/{STUDY}"' in lim.get("/quality").text
        page = lim.get(f"/quality/{STUDY}")
        assert "1 approved transcript waits for it." in page.text
        assert lim.post(f"/quality/{STUDY}/open").status_code == 303
        page = lim.get(f"/quality/{STUDY}")
        assert "being read" in page.text
        assert "See what comes next" in lim.get("/").text
        assert "Draw a sample" not in page.text
        assert read_all(lim) >= 2

        tan = desk.signed_in("dr.tan", REVIEWER)
        assert read_all(tan) >= 1
        page = tan.get(f"/quality/{STUDY}")
        assert "waits for a signature" in page.text
        assert '<svg class="chart"' in page.text
        assert "Two others have to disagree" in tan.get(f"/quality/{STUDY}/1/rule").text

        ong = desk.signed_in("dr.ong", REVIEWER)
        generation = re.search(
            r'name="generation" value="(\d+)"', ong.get(f"/quality/{STUDY}").text
        )
        assert generation is not None
        form = {"generation": generation[1]}
        assert "so somebody else signs" in lim.get(f"/quality/{STUDY}").text
        refused = lim.post(f"/quality/{STUDY}/1/sign", data=form)
        assert refused.status_code == 403
        desk.ahead += 600.0
        late = ong.post(f"/quality/{STUDY}/1/sign", data=form)
        assert late.headers["location"].startswith("/step-up?")
        desk.ahead -= 600.0
        assert ong.post(f"/quality/{STUDY}/1/sign", data=form).status_code == 303
        page = ong.get(f"/quality/{STUDY}")
        assert "Its transcripts may be released." in page.text
        assert "dr.lim, dr.tan" in page.text
        assert "What may be left" in page.text
        assert "which is faster than a person reads: dr.lim" in page.text

    def test_words_are_text(self, desk: Desk) -> None:
        """What was said is never markup, and a page with it is kept nowhere."""
        client = desk.signed_in("dr.lim")
        page = client.get(f"/quality/{STUDY}")
        assert page.headers["cache-control"].startswith("no-store")
        assert "<b>there</b>" not in page.text

    def test_a_fault_is_told_beside_the_passage(self, desk: Desk) -> None:
        """Words that do not stand there lose nothing."""
        client = desk.signed_in("dr.lim")
        form = {"passage": "0", "words1": "Zulkifli", "type1": "PERSON"}
        answer = client.post(f"/quality/{STUDY}/1/read", data=form)
        assert answer.status_code == 400 or "is at another point" in answer.text

    def test_an_officer_sees_and_does_nothing(self, desk: Desk) -> None:
        """Numbers and who read, without a button; passages are refused."""
        client = desk.signed_in("officer", COMPLIANCE)
        page = client.get(f"/quality/{STUDY}")
        assert "passed" in page.text
        assert '<form method="post" action="/quality' not in page.text
        assert client.get(f"/quality/{STUDY}/1/read").status_code == 403

    def test_a_stranger_is_refused(self, desk: Desk) -> None:
        """A reviewer of another study is told that there is no such study."""
        for client in (
            desk.signed_in("dr.new", REVIEWER),
            desk.signed_in("dr.far", REVIEWER, studies=["other"]),
        ):
            answer = client.get(f"/quality/{STUDY}")
            assert answer.status_code == 404
            assert STUDY not in answer.text.partition("<main")[2]

    def test_speaks_malay(self, desk: Desk) -> None:
        """As every page does."""
        client = desk.signed_in("dr.lim")
        client.cookies.set("sotto-language", "ms")
        client.post("/language", data={"language": "ms", "to": "/quality"})
        assert "Pusingan" in client.get(f"/quality/{STUDY}").text


def carry(visitor: Visitor, cookies: httpx.Cookies) -> None:
    """Let a visitor go on with a session: the clock of a sign-in by form runs ahead."""
    visitor.page.context.add_cookies(
        [
            {"name": one.name, "value": one.value or "", "url": visitor.address, "secure": True}
            for one in cookies.jar
        ]
    )


class TestBrowser:
    """The pages as they are seen, by mouse and by keyboard."""

    @pytest.mark.parametrize("width", WIDTHS)
    def test_fit_and_are_accessible(self, desk: Desk, tmp_path: Path, width: int) -> None:
        """No rule of axe is broken, nothing is wider than the window, the policy is kept."""
        token = desk.signed_in("dr.sim", REVIEWER).cookies
        with serving(desk, tmp_path) as address, Chromium() as chromium:
            with chromium.visiting(address, width=width) as visitor:
                carry(visitor, token)
                for name in ("/quality", f"/quality/{BROWSED}", f"/quality/{BROWSED}/1/read"):
                    visitor.go(name)
                    visitor.check()
                    visitor.picture(tmp_path / f"{name.strip('/').replace('/', '-')}-{width}.png")
            with chromium.visiting(address, width=width, dark=True) as visitor:
                carry(visitor, token)
                visitor.go(f"/quality/{BROWSED}")
                visitor.check()
                visitor.picture(tmp_path / f"dark-{width}.png")

    def test_selected_words_go_into_a_field_and_enter_goes_on(
        self, desk: Desk, tmp_path: Path
    ) -> None:
        """With x on a selection; a page without marks needs one key."""
        token = desk.signed_in("dr.yap", REVIEWER).cookies
        with (
            serving(desk, tmp_path) as address,
            Chromium() as chromium,
            chromium.visiting(address) as visitor,
        ):
            carry(visitor, token)
            visitor.go(f"/quality/{BROWSED}/1/read")
            before = visitor.page.locator("[name=passage]").input_value()
            visitor.page.evaluate(
                "() => { const text = document.querySelector('[data-text]').firstChild;"
                " const range = document.createRange(); range.setStart(text, 0);"
                " range.setEnd(text, 4); getSelection().removeAllRanges();"
                " getSelection().addRange(range); }"
            )
            visitor.page.locator("#passage").press("x")
            assert len(visitor.page.locator("[name=words1]").input_value()) >= 2
            visitor.page.locator("[name=words1]").fill("")
            visitor.page.get_by_role("button", name="Record and go on").press("Enter")
            visitor.page.wait_for_load_state()
            assert visitor.page.locator("[name=passage]").input_value() != before
            assert visitor.kept().count("Line") == 0

    def test_a_sample_is_read_to_its_end_by_keyboard(self, desk: Desk, tmp_path: Path) -> None:
        """Enter where all is well; where not, the words are typed in the field before the button.

        One key for each passage, and as many as the words have where something is marked.
        """
        token = desk.signed_in("dr.tan", REVIEWER).cookies
        with (
            serving(desk, tmp_path) as address,
            Chromium() as chromium,
            chromium.visiting(address) as visitor,
        ):
            carry(visitor, token)
            visitor.go(f"/quality/{BROWSED}/1/read")
            keys = visitor.page.keyboard
            read = marked = 0
            while visitor.page.locator("[name=passage]").count():
                number = visitor.page.locator("[name=passage]").input_value()
                words = visitor.page.locator("[data-text]").inner_text()
                planted = words.partition(".")[2].strip()
                if planted:
                    while visitor.page.evaluate("document.activeElement.name") != "words1":
                        keys.press("Shift+Tab")
                    keys.type(planted)
                    marked += 1
                keys.press("Enter")
                visitor.page.wait_for_function(
                    "number => document.querySelector('[name=passage]')?.value !== number",
                    arg=number,
                )
                read += 1
            assert "Nothing is left for you" in visitor.text
            assert read >= 2
            assert marked >= 1
            visitor.go(f"/quality/{BROWSED}")
            assert f"of {read}" in visitor.text
