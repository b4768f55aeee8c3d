# SPDX-License-Identifier: Apache-2.0
"""A researcher by keyboard alone: terms, purpose, files, a notice, the word that it is gone."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from services.registry.identities import RESEARCHER
from tests.support.console import Desk, installed_desk
from tests.support.console_browser import Chromium, Visitor, serving
from tests.support.release_service import ReleaseDeployment

STUDY = "copies-browsed"


@pytest.fixture(scope="module")
def deployment(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ReleaseDeployment]:
    """Audit, research storage and release, with a release of two interviews."""
    with ReleaseDeployment(tmp_path_factory.mktemp("home")).start() as started:
        started.create_study(STUDY, automatic=True, members={"nur": "researcher"})
        for code in ("P07", "P08"):
            started.add_approved(STUDY, code)
        started.build(STUDY)
        yield started


@pytest.fixture(scope="module")
def desk(deployment: ReleaseDeployment, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desk]:
    """A console on it, with an account for the researcher."""
    with installed_desk(tmp_path_factory.mktemp("desk"), deployment) as opened:
        opened.ahead = -600.0  # a code of the authenticator takes time
        opened.account("nur", RESEARCHER)
        yield opened


def tab_to(visitor: Visitor, selector: str) -> None:
    """Press Tab until an element has the focus."""
    for _ in range(200):
        visitor.page.keyboard.press("Tab")
        if visitor.page.evaluate("wanted => document.activeElement.matches(wanted)", selector):
            return
    raise AssertionError(f"no key leads to {selector}")


def enter(visitor: Visitor, selector: str, key: str = "Enter") -> None:
    """Go to an element by Tab and press a key there, and wait for what comes."""
    tab_to(visitor, selector)
    with visitor.page.expect_navigation():
        visitor.page.keyboard.press(key)


def test_by_keyboard(desk: Desk, deployment: ReleaseDeployment, tmp_path: Path) -> None:
    """Files, notices and the word that a copy is gone; every page passes axe."""
    with (
        serving(desk, tmp_path) as address,
        Chromium() as chromium,
        chromium.visiting(address) as nur,
    ):
        nur.sign_in(desk, "nur")
        enter(nur, f'a[href^="/releases/{STUDY}/rel-"]')
        nur.check()
        tab_to(nur, "#accepted")
        nur.page.keyboard.press("Space")
        tab_to(nur, "#purpose")
        nur.page.keyboard.press("ArrowDown")
        tab_to(nur, 'button[value="docx:verbatim"]')
        with nur.page.expect_download() as coming:
            nur.page.keyboard.press("Enter")
        taken = zipfile.ZipFile(io.BytesIO(Path(coming.value.path()).read_bytes()))
        assert "P07_S1.docx" in taken.namelist()
        deployment.erase(STUDY, "P08")
        newer = deployment.build(STUDY).release.release_id
        nur.go("/")
        assert "A copy that you hold has to be destroyed." in nur.text
        enter(nur, 'a[href="/copies"]')
        assert "P08 withdrew. Destroy the copy" in nur.text
        assert nur.page.locator(f'a[href="/releases/{STUDY}/{newer}"]').count() == 1
        nur.check()
        enter(nur, 'form[action="/copies/read"] button')
        assert nur.page.locator('form[action="/copies/read"]').count() == 0
        tab_to(nur, '[name="sure"]')
        nur.page.keyboard.press("Space")
        enter(nur, 'form[action="/copies/destroyed"] button')
        assert "You hold no copy" in nur.text
        assert "Declared destroyed" in nur.text
        nur.check()
        kept = nur.kept()
        nur.go(f"/releases/{STUDY}/{newer}/legend")
        nur.check()
        assert "P08" not in kept
