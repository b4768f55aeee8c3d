# SPDX-License-Identifier: Apache-2.0
"""Take the pictures of the console in README.md, of a demonstration that is running.

Run `sotto demo --console --home HOME` beside it, then `python -m infra.dev.screenshots HOME`. It
gives the people of the demonstration new passwords, and uses Debian's Chromium. With `--all FOLDER`
it takes every page of the navigation at two widths, light and dark, for whoever changes the looks.
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
from collections.abc import Mapping
from pathlib import Path

from playwright.sync_api import Browser, Page, sync_playwright

from services.console.domain import totp

ROOT = Path(__file__).resolve().parents[2]
PICTURES = ROOT / "docs" / "pictures"
_CHROMIUM = "/usr/bin/chromium"
_PEOPLE = {"reviewer": "siti", "researcher": "mei", "compliance": "aminah", "operator": "faiz"}
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
    return page


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


def _take_all(page: Page, folder: Path) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    page.goto("/")
    seen = page.locator("header nav a").evaluate_all("all => all.map(one => one.href)")
    deeper = []
    for path in seen:
        page.goto(path)
        inner = page.locator("main a").evaluate_all("all => all.map(one => one.href)")
        deeper += inner[:2]
    for width in (1280, 768):
        for scheme in ("light", "dark"):
            page.set_viewport_size({"width": width, "height": 860})
            page.emulate_media(color_scheme="dark" if scheme == "dark" else "light")
            for number, path in enumerate(dict.fromkeys(["/", *seen, *deeper])):
                page.goto(path)
                page.screenshot(path=folder / f"{number:02}-{width}-{scheme}.png", full_page=True)


def main() -> int:
    """Read the command line, and take pictures."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0] if __doc__ else "")
    parser.add_argument("home", type=Path, help="home of the demonstration that is running")
    parser.add_argument("--all", type=Path, metavar="FOLDER", help="every page, into a folder")
    given = parser.parse_args()
    take(given.home, given.all)
    return 0


if __name__ == "__main__":
    sys.exit(main())
