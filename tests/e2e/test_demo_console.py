# SPDX-License-Identifier: Apache-2.0
"""`sotto demo --console` in a browser. Slow: it takes the samples the whole way."""

from __future__ import annotations

import base64
import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Iterable, Iterator
from pathlib import Path
from urllib.parse import unquote

import pytest
import typer

from flows.demo import samples, speech_model
from services.console.domain import totp
from tests.support.console import PASSWORD
from tests.support.console_browser import Chromium, Visitor
from tests.support.deployment import ROOT
from tests.support.tools import missing

#: What each role finds in the navigation, at least.
LEADS_TO = {"researcher": "/releases"}


class Demonstration:
    """A running demonstration: its address, and the codes of its accounts by role."""

    def __init__(self, process: subprocess.Popen[str], home: Path) -> None:
        self._process = process
        self.home = home
        self.codes: dict[str, tuple[str, str]] = {}
        #: Another account of a role, where there are two.
        self.others: dict[str, tuple[str, str]] = {}
        self.address = ""
        #: Addresses that browsers asked for, what pages wrote into consoles, what browsers kept.
        self.traces: list[str] = []
        assert process.stdout is not None
        told = []
        for line in process.stdout:
            told.append(line)
            if found := re.match(r"(\w+) +(\w+) +([a-z2-7-]{29})\s*$", line):
                if found[2] in self.codes:
                    self.others[found[2]] = (found[1], found[3])
                self.codes.setdefault(found[2], (found[1], found[3]))
            if found := re.search(r"Open (https://[\d.:]+)/set-up", line):
                self.address = found[1]
            if "Stop with Ctrl-C" in line:
                return
        raise AssertionError("".join(told))

    def traces_must_lack(self, words: Iterable[str]) -> None:
        """Fail where words stand, in any case, in what browsers and processes left behind."""
        folders = ("logs", "prefect", "run", "console", "configuration")
        files = [one for name in folders for one in (self.home / name).rglob("*") if one.is_file()]
        assert {one.suffix for one in files} >= {".log", ".db"}
        texts = {str(one): one.read_bytes().decode("utf-8", "ignore").lower() for one in files}
        texts["browsers"] = unquote("\n".join(self.traces)).lower()
        for word in words:
            sought = re.compile(rf"(?<![a-z0-9]){re.escape(word.lower())}(?![a-z0-9])")
            found = [
                name for name, text in texts.items() if word.lower() in text and sought.search(text)
            ]
            assert found == [], word

    def set_up(self, visitor: Visitor, role: str) -> None:
        """Set the account of a role up, as its person does the first time."""
        self.set_up_account(visitor, *self.codes[role])

    def set_up_account(self, visitor: Visitor, name: str, code: str) -> None:
        """Set an account up with its code."""
        visitor.go("/set-up")
        visitor.fill(account=name, set_up_code=code)
        visitor.press("Go on")
        key = visitor.page.locator(".key code").inner_text().replace(" ", "")
        secret = base64.b32decode(key + "=" * (-len(key) % 8))
        code_now = totp.code_at(secret, totp.step_of(time.time()))
        visitor.fill(code=code_now, password=PASSWORD)
        visitor.press("Finish and sign in")


@pytest.fixture(scope="module")
def demonstration(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Demonstration]:
    """The command, as the README has it, until its pages can be opened."""
    try:
        speech_model.fetch(lambda _text: None)
    except typer.Exit:
        missing(LookupError("no speech model can be fetched"))
    home = tmp_path_factory.mktemp("demo") / "home"
    process = subprocess.Popen(
        [sys.executable, "-m", "flows.cli.main", "demo", "--console", "--home", str(home)],
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        cwd=ROOT,
        env={**os.environ, "SOTTO_PAGES_PORT": "0"},
    )
    try:
        yield Demonstration(process, home)
    finally:
        process.send_signal(signal.SIGINT)
        process.communicate(timeout=120)
        assert process.returncode == 0


@pytest.fixture(scope="module")
def chromium() -> Iterator[Chromium]:
    """One browser."""
    with Chromium() as started:
        yield started


@pytest.mark.timeout(600)
class TestDemonstration:
    @pytest.mark.parametrize("role", ["reviewer", "researcher", "compliance", "operator"])
    def test_every_role_comes_home(
        self, demonstration: Demonstration, chromium: Chromium, role: str
    ) -> None:
        """A person in each role sets an account up and finds the first page, without a fault."""
        with chromium.visiting(demonstration.address) as visitor:
            demonstration.set_up(visitor, role)
            assert visitor.path == "/"
            assert "What waits for you" in visitor.text
            assert "does not answer" not in visitor.text
            visitor.check()
            if role in LEADS_TO:
                assert visitor.page.locator(f"nav a[href='{LEADS_TO[role]}']").count() == 1
            for path in visitor.page.locator("header nav a").evaluate_all(
                "found => found.map(one => one.getAttribute('href'))"
            ):
                visitor.go(path)
                assert visitor.page.locator("h1").count() == 1, path
                visitor.check()
            assert visitor.kept() == '[{},{},"",[],[],null]'
            demonstration.traces += [*visitor.asked, *visitor.told, visitor.kept()]

    def test_a_reviewers_hour(self, demonstration: Demonstration, chromium: Chromium) -> None:
        """Every transcript that waits is cleared, heard and approved with the keyboard alone, in as
        many presses as it has places, plus ten.
        """
        name, code = demonstration.others["reviewer"]
        with chromium.visiting(demonstration.address) as visitor:
            demonstration.set_up_account(visitor, name, code)
            page, keys = visitor.page, visitor.page.keyboard
            left = page.locator("#left")
            visitor.tab_to_named("Review", "link")
            keys.press("Enter")
            page.wait_for_url("**/review")
            waiting = page.locator("table").first.locator("tbody a")
            heard = places = 0
            texts: list[str] = []
            names = waiting.all_inner_texts()
            assert names
            for one in names:
                visitor.tab_to_named(one, "link")
                keys.press("Enter")
                page.wait_for_url("**/review/rec-*")
                open_ = int(left.inner_text().split()[0])
                places += open_
                if page.locator("#clip").count():
                    page.wait_for_function("() => document.getElementById('clip').played.length")
                    heard += 1
                keys.press("i")
                page.locator(".identified").first.wait_for()
                texts += page.locator(".identified").all_inner_texts()
                if open_ and places == open_:
                    visitor.check()
                    keys.press("Shift+Enter")
                    page.locator("#mentions-title").wait_for()
                    visitor.focus_is_seen()
                    visitor.check()
                    visitor.tab_to_named("Back", "link")
                    keys.press("Enter")
                    page.locator("#current-title").wait_for()
                    # Words are typed instead of selected (WCAG 2.5.7); it is undone by a key.
                    turn = page.locator(".said").nth(1)
                    before = turn.inner_text()
                    word = max(re.findall(r"[a-z]{4,}", before), key=len)
                    for field, value in (("#add-turn", "1"), ("#add-words", word)):
                        page.locator(field).focus()
                        keys.press("Control+a")
                        keys.type(value)
                    visitor.tab_to_named("Redact these words")
                    keys.press("Enter")
                    page.wait_for_function(
                        "before => document.querySelectorAll('.said')[1]?.innerText !== before",
                        arg=before,
                    )
                    keys.press("u")
                    page.wait_for_function(
                        "before => document.querySelectorAll('.said')[1]?.innerText === before",
                        arg=before,
                    )
                presses = 0
                while not (now := left.inner_text()).startswith("0 "):
                    keys.press("a")
                    presses += 1
                    page.wait_for_function(
                        "before => document.getElementById('left').textContent !== before", arg=now
                    )
                    visitor.focus_is_seen()
                assert presses <= open_ + 10
                visitor.tab_to_named("Approve")
                keys.press("Enter")
                page.wait_for_url("**/review")
            assert waiting.count() == 0 or page.locator("table").count() == 1
            assert page.get_by_text(name, exact=True).count() >= len(names)
            assert heard >= 1
            assert places >= len(names)
            visitor.check()
            kept = visitor.kept()
            demonstration.traces += [*visitor.asked, *visitor.told, kept]
            assert kept == '[{},{},"",[],[],null]'
            demonstration.traces_must_lack([one for one in texts if len(one) > 20])

    def test_nobody_is_named_anywhere(self, demonstration: Demonstration) -> None:
        """Names and numbers of the interviews stand in no address that a browser asked for, in
        nothing that one keeps, in no log of a process, and in no record of the orchestrator.
        """
        assert demonstration.traces
        demonstration.traces_must_lack(
            word
            for one in samples.load()
            for forms in one.identifiers
            for word in forms
            # Four digits are a moment or a port as well.
            if len(re.sub(r"[^a-z]", "", word.lower())) > 3 or len(re.sub(r"[^0-9]", "", word)) > 5
        )
