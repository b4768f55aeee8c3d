# SPDX-License-Identifier: Apache-2.0
"""Take the pictures of the console in README.md, of a demonstration that is running.

Run `sotto demo --console --home HOME` beside it, then `python -m infra.dev.screenshots HOME`. It
gives the people of the demonstration new passwords, and uses Debian's Chromium. With `--all FOLDER`
it takes every page of the navigation, with those behind it and an officer's answers, at two widths,
light, dark, as printed, and in Malay, for whoever changes the looks. `--walks FOLDER` takes what
stands behind acts of several people (`screenshot_walks.py`); it changes the demonstration, and
erases a participant of it.
"""

from __future__ import annotations

import argparse
import base64
import json
import re
import secrets
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from pathlib import Path

from playwright.sync_api import Browser, Page, sync_playwright

from infra.dev import screenshot_walks
from services.console.domain import totp

ROOT = Path(__file__).resolve().parents[2]
PICTURES = ROOT / "docs" / "pictures"
_CHROMIUM = "/usr/bin/chromium"
_PEOPLE = {"reviewer": "siti", "researcher": "mei", "compliance": "aminah", "operator": "faiz"}
#: Who acts in the walks.
WALKERS = (*_PEOPLE.values(), "arjun", "jamal")
#: Pictures of README.md beside the sign-in: by name, who sees the page, the links that lead to it.
SHOTS: Mapping[str, tuple[str, tuple[str, ...]]] = {
    "console-review": ("reviewer", (r"/review", r"/review/rec-\w+")),
    "console-release": ("researcher", (r"/releases", r"/releases/demo/rel-\w+")),
    "console-log": ("compliance", (r"/log",)),
}


def take(home: Path, everything: Path | None) -> None:
    """Take the pictures of README.md, or those of all pages into a folder."""
    PICTURES.mkdir(exist_ok=True)
    address = f"https://{(home / 'run' / 'console.address').read_text('ascii').strip()}"
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=_CHROMIUM, args=["--no-sandbox"])
        if not everything:
            _take_sign_in(browser, address)
        for role, person in _PEOPLE.items():
            page = _signed_in(browser, address, home, person)
            if everything:
                _take_all(page, everything / role)
            for name, (whose, links) in SHOTS.items():
                if whose == role and not everything:
                    _follow(page, links)
                    page.evaluate("window.scrollTo(0, 0)")
                    page.screenshot(path=PICTURES / f"{name}.png")
            page.context.close()
        browser.close()


def take_walks(home: Path, folder: Path) -> None:
    """Take what stands behind acts of several people, into a folder."""
    folder.mkdir(parents=True, exist_ok=True)
    address = f"https://{(home / 'run' / 'console.address').read_text('ascii').strip()}"
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=_CHROMIUM, args=["--no-sandbox"])
        people = {one: _signed_in(browser, address, home, one) for one in WALKERS}
        for prepare, walk in screenshot_walks.WALKS:
            prepare(people)
            for language, looks in (("en", LOOKS), ("ms", LOOKS[:1])):
                for page in people.values():
                    _speak(page, language)

                def look(
                    page: Page, name: str, language: str = language, looks: Sequence[str] = looks
                ) -> None:
                    _take_looks(page, folder, f"{name}-{language}", looks)

                walk(people, language, look)
        browser.close()


def _take_sign_in(browser: Browser, address: str) -> None:
    """Take the page that everybody sees first."""
    page = browser.new_page(ignore_https_errors=True, viewport={"width": 1280, "height": 900})
    page.goto(f"{address}/sign-in")
    page.screenshot(path=PICTURES / "console-sign-in.png")
    page.close()


def _signed_in(browser: Browser, address: str, home: Path, person: str) -> Page:
    """Set a person's account up anew, and return a page on which they are signed in."""
    context = browser.new_context(
        base_url=address,
        ignore_https_errors=True,
        viewport={"width": 1280, "height": 860},
        reduced_motion="reduce",
    )
    page = context.new_page()
    page.goto("/set-up")
    page.fill("[name=account]", person)
    page.fill("[name=set_up_code]", _new_code(home, person))
    page.locator("main button").click()
    key = page.locator(".key code").inner_text().replace(" ", "")
    secret = base64.b32decode(key + "=" * (-len(key) % 8))
    page.fill("[name=code]", totp.code_at(secret, totp.step_of(time.time())))
    page.fill("[name=password]", secrets.token_urlsafe(24))
    page.locator("main button").click()
    page.wait_for_url(f"{address}/")
    _speak(page, "en")
    return page


def _speak(page: Page, language: str) -> None:
    """Go on in a language, which the account remembers."""
    page.goto("/")
    page.request.post(
        f"{page.url}language", form={"language": language, "to": "/"},
        headers={"sec-fetch-site": "same-origin"},
    )  # fmt: skip


def _new_code(home: Path, person: str) -> str:
    words = ["console", "accounts", "change", person, "--reset", "--json", "--home", str(home)]
    done = subprocess.run(
        [sys.executable, "-m", "flows.cli.main", *words], capture_output=True, check=True
    )
    return str(json.loads(done.stdout)["set_up_code"])


def _follow(page: Page, links: tuple[str, ...]) -> None:
    """Go to the first page, and from link to link; raises LookupError where one is missing."""
    page.goto("/")
    for pattern in links:
        page.goto(_link(page, pattern))


def _link(page: Page, pattern: str) -> str:
    for found in page.locator("a").evaluate_all("all => all.map(one => one.getAttribute('href'))"):
        if re.fullmatch(pattern, found or ""):
            return str(found)
    raise LookupError(f"no link on the page is like {pattern}")


#: Links to a file, which no page shows.
_FILES = ("/releases/key",)


def _hrefs(page: Page, links: str) -> list[str]:
    own = page.locator(links).evaluate_all("all => all.map(one => one.pathname)")
    return [str(path) for path in own]


def _kind(path: str) -> str:
    """Return a path without what is of one recording, release or entry alone."""
    return re.sub(r"/(rec-\w+|rel-\w+|\d+)", "/*", path)


def _take_all(page: Page, folder: Path) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    page.goto("/")
    seen = _hrefs(page, "header nav a")
    paths = ["/", *seen]
    kinds = {_kind(path) for path in paths}
    for path in paths:  # which grows: pages behind pages are gone through too
        page.goto(path)
        for found in _hrefs(page, "main a"):
            if _kind(found) not in kinds and not found.endswith(_FILES):
                kinds.add(_kind(found))
                paths.append(found)
    for language, looks in (("en", LOOKS), ("ms", LOOKS[:1])):
        _speak(page, language)
        for number, path in enumerate(paths):
            page.goto(path)
            _take_looks(page, folder, f"{number:02}-{language}", looks)
        if folder.name == "compliance":
            for name, fill in ANSWERS.items():
                _answer(page, fill)
                _take_looks(page, folder, f"{name}-{language}", looks)


#: What an officer asks for: the page, what is filled in, and the button.
ANSWERS: Mapping[str, tuple[str, Mapping[str, str], str]] = {
    "who": ("/participants", {"participant": "P02"}, "main form button.primary"),
    "withdrawal": ("/participants", {"participant": "P02"}, "main form button.primary"),
    "verified": ("/verification", {}, "main form[action='/verification'] button"),
    "evidence": ("/evidence", {}, "main form[action='/evidence'] button.primary"),
    "breach": (
        "/evidence",
        {"subject": "mei", "since": "2020-01-01", "until": "2999-01-01"},
        "main form[action='/evidence/breach'] button.primary",
    ),
}
LOOKS = ("light", "dark", "print")


def _answer(page: Page, fill: tuple[str, Mapping[str, str], str]) -> None:
    path, fields, button = fill
    page.goto(path)
    for name, value in fields.items():
        page.fill(f"[name={name}]", value)
    page.locator(button).click()
    page.wait_for_load_state()
    if fill is ANSWERS["withdrawal"]:
        page.goto(_link(page, r"/participants/[^/]+/withdrawal"))


def _take_looks(page: Page, folder: Path, name: str, looks: Sequence[str]) -> None:
    """Take what the page shows now at both widths, and as paper: at one width, and as PDF."""
    for look in looks:
        is_print = look == "print"
        page.emulate_media(
            color_scheme="dark" if look == "dark" else "light",
            media="print" if is_print else "screen",
        )
        for width in (794,) if is_print else (1280, 768):  # A4 has 794 CSS pixels
            page.set_viewport_size({"width": width, "height": 860})
            page.screenshot(path=folder / f"{name}-{width}-{look}.png", full_page=True)
        if is_print:
            page.pdf(path=folder / f"{name}.pdf", format="A4")
    page.emulate_media(media="screen", color_scheme="light")


def main() -> int:
    """Read the command line, and take pictures."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0] if __doc__ else "")
    parser.add_argument("home", type=Path, help="home of the demonstration that is running")
    parser.add_argument("--all", type=Path, metavar="FOLDER", help="every page, into a folder")
    parser.add_argument("--walks", type=Path, metavar="FOLDER", help="acts of several people")
    given = parser.parse_args()
    if given.walks:
        take_walks(given.home, given.walks)
    else:
        take(given.home, given.all)
    return 0


if __name__ == "__main__":
    sys.exit(main())
