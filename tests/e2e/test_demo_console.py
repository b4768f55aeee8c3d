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
from collections.abc import Iterator

import pytest
import typer

from flows.demo import speech_model
from services.console.domain import totp
from tests.support.console import PASSWORD
from tests.support.console_browser import Chromium, Visitor
from tests.support.deployment import ROOT
from tests.support.tools import missing

#: What each role finds in the navigation, at least.
LEADS_TO = {"researcher": "/releases"}


class Demonstration:
    """A running demonstration: its address, and the codes of its accounts by role."""

    def __init__(self, process: subprocess.Popen[str]) -> None:
        self._process = process
        self.codes: dict[str, tuple[str, str]] = {}
        self.address = ""
        assert process.stdout is not None
        told = []
        for line in process.stdout:
            told.append(line)
            if found := re.match(r"(\w+) +(\w+) +([a-z2-7-]{29})\s*$", line):
                self.codes.setdefault(found[2], (found[1], found[3]))
            if found := re.search(r"Open (https://[\d.:]+)/set-up", line):
                self.address = found[1]
            if "Stop with Ctrl-C" in line:
                return
        raise AssertionError("".join(told))

    def set_up(self, visitor: Visitor, role: str) -> None:
        """Set the account of a role up, as its person does the first time."""
        name, code = self.codes[role]
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
        yield Demonstration(process)
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
