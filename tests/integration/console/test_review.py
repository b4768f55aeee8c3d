# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from starlette.testclient import TestClient

from services.console.domain.review_keys import COMMANDS
from services.registry.identities import RESEARCHER, REVIEWER
from tests.support.console import HOST, Desk
from tests.support.console_browser import WIDTHS, Chromium, Visitor, serving
from tests.support.release_service import ReleaseDeployment
from tests.support.review_desk import review_desk

NAMES = ("Ahmad", "Siti", "Faizal", "Devi", "Ipoh", "Kampar", "Mei", "Ravi")
SPOKEN = tuple(
    (
        f"S{1 + number % 2}",
        ("interviewer", "participant")[number % 2],
        f"Turn {number}: [Person 1] met ?{NAMES[number // 10 % 8]} here."
        if number % 10 == 3
        else f"Turn {number} says nothing of anybody.",
        1000 * number,
        1000 * number + 900,
    )
    for number in range(120)
)
DOUBTS = 12
HTMX = {"hx-request": "true"}
Started = tuple[Desk, ReleaseDeployment]


@pytest.fixture(scope="module")
def started(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Started]:
    """A console before real services, with a study that two people review."""
    with review_desk(tmp_path_factory.mktemp("review")) as found:
        desk, deployment = found
        deployment.create_study("bench")
        for name in ("dr.lim", "dr.tan"):
            desk.account(name, REVIEWER)
        desk.account("nur", RESEARCHER)
        yield found


def transcript(deployment: ReleaseDeployment, number: int) -> str:
    """Store a transcript that waits, and return its recording."""
    ref, _ = deployment.add_transcript("bench", "P07", number, spoken=SPOKEN, risk=0.4)
    return ref.recording_id


def act(client: TestClient, recording: str, action: str, **fields: str) -> str:
    """Take a step as the page does, and return what is shown then."""
    answer = client.post(
        f"/review/{recording}/step", data={"action": action, **fields}, headers=HTMX
    )
    assert answer.status_code == 200, answer.text
    return answer.text


class TestBench:
    """A reviewer clears a transcript."""

    def test_a_step_and_its_undoing_outlive_the_session(self, started: Started) -> None:
        """What was accepted is opened again by another browser of the same person."""
        desk, deployment = started
        recording = transcript(deployment, 1)
        client = desk.signed_in("dr.lim")
        assert recording in client.get("/review").text
        page = client.get(f"/review/{recording}").text
        assert f"{DOUBTS} doubtful places left" in page
        assert "looks like a name that nothing replaced" in page.lower()
        after = act(client, recording, "accept", place="3:2")
        assert f"{DOUBTS - 1} doubtful places left" in after
        assert 'data-place="13:2"' in after
        other = desk.signed_in("dr.lim")
        assert f"{DOUBTS - 1} doubtful places left" in other.get(f"/review/{recording}").text
        assert f"{DOUBTS} doubtful places left" in act(other, recording, "undo")
        assert f"{DOUBTS - 1} doubtful places left" in act(other, recording, "redo")

    def test_a_pseudonym_leads_to_asking_who_it_is(self, started: Started) -> None:
        """By a form, so that no address has the label; plain words lead nowhere."""
        desk, deployment = started
        recording = transcript(deployment, 10)
        client = desk.signed_in("dr.lim")
        page = client.get(f"/review/{recording}").text
        assert "/reveals/for" not in page
        [place, *_] = re.findall(r'href="[^"]*[?]at=([0-9:]+)"[^>]*>\[Person 1\]', page)
        shown = client.get(f"/review/{recording}?at={place}").text
        assert "Ask who stands behind [Person 1]" in shown
        form = shown.partition('action="/reveals/for#ask"')[2].partition("</form>")[0]
        assert dict(re.findall(r'name="([a-z]+)" value="([^"]*)"', form)) == {
            "study": "bench", "participant": "P07", "recording": recording, "label": "Person 1",
        }  # fmt: skip

    def test_goes_on_at_another_console(self, started: Started) -> None:
        """Steps of one page may reach several consoles by turns: each shows what all have done."""
        desk, deployment = started
        recording = transcript(deployment, 9)
        here = desk.signed_in("dr.lim")
        there = desk.beside()
        there.cookies = here.cookies
        here.get(f"/review/{recording}")
        left = DOUBTS
        for client, place in ((here, "3:2"), (there, "13:2"), (here, "23:2"), (there, "33:2")):
            left -= 1
            assert f"{left} doubtful places left" in act(client, recording, "accept", place=place)
        restarted = desk.beside()
        restarted.cookies = here.cookies
        assert f"{left + 1} doubtful places left" in act(restarted, recording, "undo")

    def test_turns_come_in_windows(self, started: Started) -> None:
        """Of fifty, and the next is asked for."""
        desk, deployment = started
        recording = transcript(deployment, 2)
        client = desk.signed_in("dr.lim")
        page = client.get(f"/review/{recording}").text
        assert "Turn 49 says" in page
        assert "Turn 50 says" not in page
        later = client.get(f"/review/{recording}?window=1", headers=HTMX).text
        assert "Turn 99 says" in later
        assert "<html" not in later

    def test_others_steps_are_shown_before_ours(self, started: Started) -> None:
        """Who works beside somebody else sees what they did."""
        desk, deployment = started
        recording = transcript(deployment, 3)
        lim, tan = desk.signed_in("dr.lim"), desk.signed_in("dr.tan")
        lim.get(f"/review/{recording}")
        tan.get(f"/review/{recording}")
        act(tan, recording, "accept", place="13:2")
        assert f"{DOUBTS - 2} doubtful places left" in act(lim, recording, "accept", place="3:2")

    def test_all_mentions_are_listed_before_they_are_taken(self, started: Started) -> None:
        """What is unticked stays open; one undo opens all again."""
        desk, deployment = started
        recording = transcript(deployment, 4)
        client = desk.signed_in("dr.lim")
        client.get(f"/review/{recording}")
        listed = client.post(
            f"/review/{recording}/mentions",
            data={"action": "accept", "place": "3:2", "kind": "PERSON"},
            headers=HTMX,
        ).text
        assert listed.count('name="ticked"') == 2
        ticked = [part.split('"')[0] for part in listed.split('name="ticked" value="')[1:]]
        answer = client.post(
            f"/review/{recording}/step",
            data={"action": "accept", "place": "3:2", "listed": ticked, "ticked": ticked},
            headers=HTMX,
        ).text
        assert f"{DOUBTS - 2} doubtful places left" in answer
        assert f"{DOUBTS} doubtful places left" in act(client, recording, "undo")

    def test_a_decision_wants_a_fresh_sign_in(self, started: Started) -> None:
        """A rejection keeps its reason; an approval leads to the password first."""
        desk, deployment = started
        recording = transcript(deployment, 5)
        client = desk.signed_in("dr.lim")
        page = client.get(f"/review/{recording}").text
        run = page.split('name="run" value="')[1].split('"')[0]
        decided = client.post(
            f"/review/{recording}/decide",
            data={"decision": "reject", "run": run, "reason": "a nickname is left"},
        )
        assert decided.headers["location"] == "/review"
        assert "a nickname" not in client.get("/review").text
        desk.ahead += 400
        asked = client.post(f"/review/{recording}/decide", data={"decision": "approve", "run": run})
        desk.ahead = 0.0
        assert asked.headers["location"].startswith("/step-up")

    def test_what_was_corrected_is_approved(self, started: Started) -> None:
        """By the page on which it was corrected; once somebody else stepped in it is not."""
        desk, deployment = started
        client, other = desk.signed_in("dr.lim"), desk.signed_in("dr.tan")
        roles = {"role-S1": "participant", "role-S2": "interviewer"}

        def approve(recording: str, page: str) -> int:
            run = page.split('name="run" value="')[1].split('"', maxsplit=1)[0]
            form = {"decision": "approve", "run": run}
            return client.post(f"/review/{recording}/decide", data=form).status_code

        recording = transcript(deployment, 8)
        client.get(f"/review/{recording}")
        page = act(client, recording, "roles", **roles)
        assert approve(recording, page) == 303
        recording = transcript(deployment, 9)
        client.get(f"/review/{recording}")
        page = act(client, recording, "roles", **roles)
        other.get(f"/review/{recording}")
        act(other, recording, "accept", place="3:2")
        assert approve(recording, page) == 409

    def test_nobody_else_gets_in(self, started: Started) -> None:
        """A researcher is refused, a recording that is none answers as a missing one."""
        desk, deployment = started
        recording = transcript(deployment, 6)
        assert desk.signed_in("nur").get(f"/review/{recording}").status_code == 403
        client = desk.signed_in("dr.lim")
        assert client.get("/review/rec-" + "a" * 26).status_code == 404
        assert client.get("/review/whoever").status_code == 404
        # Sound is for the page's own element alone.
        client.get(f"/review/{recording}")
        assert client.get(f"/review/{recording}/clip/3:2").status_code == 404


@contextmanager
def at_bench(desk: Desk, folder: Path, recording: str) -> Iterator[Visitor]:
    """A reviewer at a browser that shows the bench of a recording.

    By a session of now: services refuse one of a clock that is ahead.
    """
    with (
        serving(desk, folder) as address,
        Chromium() as chromium,
        chromium.visiting(address) as visitor,
    ):
        token = desk.sessions.open("dr.lim", (REVIEWER,), HOST)
        visitor.page.context.add_cookies(
            [{"name": "__Host-sotto", "value": token, "url": address, "secure": True}]
        )
        visitor.go(f"/review/{recording}")
        yield visitor


class TestKeyboard:
    """The bench in a browser."""

    def test_what_needs_words_or_a_choice_asks_for_it(
        self, started: Started, tmp_path_factory: pytest.TempPathFactory
    ) -> None:
        """The keys of wording, merging and kinds lead to the field; nothing typed is a command."""
        desk, deployment = started
        spoken = (("S1", "interviewer", "[Person 1] met [Person 2] and ?Faizal there.", 0, 900),)
        ref, _ = deployment.add_transcript("bench", "P07", 8, spoken=spoken, risk=0.4)
        with at_bench(desk, tmp_path_factory.mktemp("pki"), ref.recording_id) as visitor:
            keys = visitor.page.keyboard
            keys.press("r")
            assert "does nothing" in visitor.page.locator("#live").inner_text()
            keys.press("w")
            keys.type(" na x")
            assert visitor.page.locator("#wording").input_value().endswith("there. na x")
            assert visitor.page.locator("#left").inner_text().startswith("1 ")
            keys.press("Escape")
            assert visitor.page.evaluate("document.activeElement.id") == "current-title"
            visitor.go(f"/review/{ref.recording_id}?at=0:1")
            for key, field in (("m", "into"), ("t", "kind")):
                keys.press(key)
                assert visitor.page.evaluate("document.activeElement.id") == field
                keys.press("Escape")
            keys.press("m")
            keys.press("ArrowDown")
            assert visitor.page.locator("#into").input_value() == "[Person 2]"
            keys.press("Enter")
            visitor.page.locator(".context").filter(has_text="[Person 2] met [Person 2]").wait_for()

    def test_a_transcript_is_cleared_by_keys(
        self, started: Started, tmp_path_factory: pytest.TempPathFactory
    ) -> None:
        """In no more presses than it has places, plus ten; a reload keeps what can be undone."""
        desk, deployment = started
        recording = transcript(deployment, 7)
        with at_bench(desk, tmp_path_factory.mktemp("pki"), recording) as visitor:
            left = visitor.page.locator("#left")
            presses = 0
            while "12" in left.inner_text() or not left.inner_text().startswith("0"):
                before = left.inner_text()
                visitor.page.keyboard.press("a")
                presses += 1
                visitor.page.wait_for_function(
                    "before => document.getElementById('left').textContent !== before", arg=before
                )
                assert presses <= DOUBTS + 10
            assert visitor.page.evaluate("document.activeElement.id") == "current-title"
            assert "0 doubtful places left" in visitor.page.locator("#live").inner_text()
            visitor.page.reload()
            visitor.page.keyboard.press("u")
            visitor.page.wait_for_function(
                "() => document.getElementById('left').textContent.startsWith('1 ')"
            )
            visitor.page.keyboard.press("?")
            shown = visitor.page.locator("#keys-help tbody tr")
            assert shown.count() == len(COMMANDS)
            assert visitor.page.evaluate("document.activeElement.id") == "keys-title"
            visitor.page.keyboard.press("Tab")
            assert "Change the keys" in visitor.page.locator(":focus").inner_text()
            visitor.page.keyboard.press("Enter")
            visitor.page.get_by_label("Press a key here to see its name").wait_for()
            visitor.check()
            # Other keys, found by pressing them, count on the bench; the usual one no more.
            visitor.page.get_by_label("Press a key here to see its name").press("Shift+ArrowDown")
            name = visitor.page.locator("#try").input_value()
            assert name == "Shift+ArrowDown"
            visitor.fill(undo="", redo=name)
            visitor.press("Keep these keys")
            visitor.page.wait_for_url(f"**/review/{recording}")
            visitor.page.keyboard.press("u")
            visitor.page.keyboard.press("Shift+ArrowDown")
            left.filter(has_text="0 ").wait_for()
            visitor.go(f"/review/keys?to=/review/{recording}")
            visitor.press("Switch the keys off")
            visitor.page.keyboard.press("n")
            assert visitor.page.locator("[data-keys]:not([data-keys=''])").count() == 0
            visitor.go(f"/review/keys?to=/review/{recording}")
            visitor.press("Switch the keys on")
            visitor.check()
            assert visitor.page.evaluate("localStorage.length + sessionStorage.length") == 0
            for width in WIDTHS:
                visitor.page.set_viewport_size({"width": width, "height": 900})
                wide = visitor.page.evaluate("document.documentElement.scrollWidth")
                assert wide <= width
            visitor.go("/review")
            visitor.check()
