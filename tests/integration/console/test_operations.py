# SPDX-License-Identifier: Apache-2.0
"""Hospital IT's way in a real browser: describe a study, upload, look, seal, watch."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from services.registry import processes
from services.registry.identities import OPERATOR
from tests.support.console import Desk, installed_desk
from tests.support.console_browser import WIDTHS, Chromium, Visitor, serving
from tests.support.deployment import Deployment

ROOT = Path(__file__).resolve().parents[3]
TRANSCRIPT = (
    "I: How was the week?\nP02: Faizal came by, and we talked.\nI: And then?\nP02: It was fine.\n"
)


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desk]:
    """A console on all services; hospital IT has an account."""
    with (
        Deployment(tmp_path_factory.mktemp("home")).start(*processes.SERVICES) as deployment,
        installed_desk(tmp_path_factory.mktemp("desk"), deployment) as opened,
    ):
        opened.ahead = -600.0  # codes of the authenticator take time, and nobody signs in later
        opened.account("siti", OPERATOR)
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


def describe(visitor: Visitor) -> None:
    """Describe a study by the form."""
    visitor.go("/studies/new")
    visitor.fill(id="trial", title="A study", participants="P01\nP02", members="tan: reviewer")
    visitor.press("Show what changes")
    assert "It would stand like this" in visitor.text, visitor.text
    visitor.press("Make the study")


def upload(visitor: Visitor, path: Path, participant: str) -> None:
    """Upload a file, and wait for the report."""
    visitor.go("/upload")
    visitor.page.get_by_label("Study and participant").select_option(participant)
    visitor.page.locator("#file").set_input_files(path)
    visitor.press("Upload")
    visitor.page.wait_for_url("**/upload/report")


class TestHospitalIt:
    def test_the_way_of_a_file(
        self, desk: Desk, address: str, chromium: Chromium, tmp_path: Path
    ) -> None:
        """From an empty list to a sealed recording; what is odd is told before it is sealed."""
        transcript = tmp_path / "Faizal.txt"
        transcript.write_text(TRANSCRIPT, "utf-8")
        with chromium.visiting(address) as visitor:
            visitor.sign_in(desk, "siti")
            describe(visitor)
            upload(visitor, transcript, "P01")
            assert "the code of another participant" in visitor.text
            look(visitor, "report", WIDTHS[0])
            visitor.press("Drop this upload")
            upload(visitor, transcript, "P02")
            assert "Nothing is odd about it" in visitor.text
            assert "read as txt" in visitor.text
            visitor.press("Seal it as a recording")
            visitor.page.wait_for_url("**/recordings/rec-*")
            assert "P02, interview 1" in visitor.text
            look(visitor, "recording", WIDTHS[0])
            upload(visitor, ROOT / "flows/demo/samples/interview-a.ogg", "P01")
            assert "a recording (ogg)" in visitor.text
            visitor.press("Seal it as a recording")
            visitor.page.wait_for_url("**/recordings/rec-*")
            visitor.go("/recordings?show=progress")
            assert "It is its turn" in visitor.text
            assert not any("Faizal" in one or "P02" in one for one in visitor.asked)
            assert "Faizal" not in visitor.kept()

    @pytest.mark.parametrize("width", WIDTHS)
    def test_every_page_can_be_used(
        self, desk: Desk, address: str, chromium: Chromium, width: int
    ) -> None:
        """At both widths, by axe, and nothing is wider than the window."""
        with chromium.visiting(address, width=width, dark=width == WIDTHS[1]) as visitor:
            visitor.sign_in(desk, "siti")
            for name, path in (
                ("recordings", "/recordings"), ("upload", "/upload"), ("studies", "/studies"),
                ("study", "/studies/trial"), ("new-study", "/studies/new"), ("system", "/system"),
                ("over-time", "/recordings-over-time"),
            ):  # fmt: skip
                visitor.go(path)
                look(visitor, name, width)
