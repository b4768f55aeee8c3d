# SPDX-License-Identifier: Apache-2.0
"""The console in a real browser: Debian's Chromium, driven by Playwright."""

from __future__ import annotations

import contextlib
import json
import socket
import ssl
import threading
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, Self

import axe_playwright_python
import uvicorn
from playwright.sync_api import Browser, Page, Playwright, Request, sync_playwright

from services.common import certificate_authority
from tests.support.console import HOST, PASSWORD, Desk
from tests.support.tools import need

CHROMIUM = "/usr/bin/chromium"
WIDTHS = (1280, 768)
_AXE = Path(axe_playwright_python.__file__).with_name("axe.min.js")
#: All rules for WCAG up to 2.2 AA, and what axe calls best practice.
_RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
#: Says of what has the focus whether it is what is looked for, and what hides all of it.
_FOCUSED = """([selector, name]) => {
  const one = document.activeElement;
  if (!one) return [false, ""];  // A page that is only being built has nothing to look at.
  const box = one.getBoundingClientRect();
  const seen = [[.5, .5], [.02, .1], [.98, .1], [.02, .9], [.98, .9]].some(([x, y]) => {
    const top = document.elementFromPoint(box.x + box.width * x, box.y + box.height * y);
    return top && (one.contains(top) || top.contains(one) || top.closest("label")?.control === one);
  });
  const is_it = one.matches(selector) && (!name || one.innerText.trim() === name);
  return [is_it, one === document.body || seen ? "" : one.outerHTML.slice(0, 200)];
}"""
_MOST_TABS = 150
#: A machine with other work is slow: what does not come at all is meant to fail, not what is late.
_PATIENCE_MS = 120_000.0
#: Keys of one sign, which do nothing on a page where nobody writes.
_SIGNS = "abcdefghijklmnopqrstuvwxyz0123456789?/.,"
#: Smallest part of a page that Chromium keeps when somebody goes back; Playwright switches it off.
_BACK_CACHE_OFF = "--disable-back-forward-cache"


@contextlib.contextmanager
def serving(desk: Desk, folder: Path) -> Iterator[str]:
    """Serve a desk over HTTPS in this process, and give its address."""
    certificate_authority.ensure_authority(folder / "pki")
    certificate_authority.ensure_certificate(folder / "pki", "console")
    own = folder / "pki" / "console"
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(own / "cert.pem", own / "key.pem")
    listener = socket.create_server((HOST, 0))
    config = uvicorn.Config(
        desk.app,
        http="h11",
        ws="none",
        lifespan="off",
        log_config=None,
        access_log=False,
        timeout_graceful_shutdown=1,
        ssl_context_factory=lambda _config, _default: context,
    )
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]}, daemon=True)
    thread.start()
    while not server.started:
        time.sleep(0.01)
    try:
        yield f"https://{HOST}:{listener.getsockname()[1]}"
    finally:
        server.should_exit = True
        thread.join()
        listener.close()


class Chromium:
    """One browser for the tests of a module; each visitor has a profile of their own in it.

    With `keeps_pages` it keeps pages that were left, as people's browsers do.
    """

    def __init__(self, *, keeps_pages: bool = False) -> None:
        need("chromium")
        self._keeps_pages = keeps_pages
        self._playwright: Playwright | None = None
        self._browser: Browser | None = None

    def __enter__(self) -> Self:
        self._playwright = sync_playwright().start()
        self._browser = self._playwright.chromium.launch(
            executable_path=CHROMIUM,
            args=["--no-sandbox"],
            ignore_default_args=[_BACK_CACHE_OFF] if self._keeps_pages else None,
        )
        return self

    def __exit__(self, *_: object) -> None:
        if self._browser:
            self._browser.close()
        if self._playwright:
            self._playwright.stop()

    @contextlib.contextmanager
    def visiting(self, address: str, *, width: int = 1280, dark: bool = False) -> Iterator[Visitor]:
        """Give a visitor, and fail where a page broke the policy or a script failed."""
        assert self._browser is not None
        context = self._browser.new_context(
            base_url=address,
            ignore_https_errors=True,
            viewport={"width": width, "height": 900},
            color_scheme="dark" if dark else "light",
            reduced_motion="reduce",
        )
        context.set_default_timeout(_PATIENCE_MS)
        try:
            visitor = Visitor(context.new_page(), address)
            yield visitor
            assert visitor.faults == [], visitor.faults
        finally:
            context.close()


class Visitor:
    """A person at a browser. `faults` has what a page should not have done."""

    def __init__(self, page: Page, address: str) -> None:
        self.page = page
        self.address = address
        self.faults: list[str] = []
        #: Addresses that were asked for, to look for what should not stand in one.
        self.asked: list[str] = []
        #: What pages wrote into the browser's console.
        self.told: list[str] = []
        page.on("console", self._told)
        page.on("pageerror", lambda error: self.faults.append(f"script: {error}"))
        page.on("request", self._asks)

    def _told(self, message: Any) -> None:
        self.told.append(message.text)
        # An answer that refuses is told as an error as well; tests look at it themselves.
        is_answer = message.text.startswith("Failed to load resource")
        # Nor has a page done what axe says of sound that nobody has played yet.
        is_axe = message.text.startswith("axe.utils.preloadMedia")
        if message.type in {"error", "warning"} and not (is_answer or is_axe):
            self.faults.append(f"{message.type}: {message.text}")

    def _asks(self, request: Request) -> None:
        self.asked.append(request.url)
        if not request.url.startswith((self.address, "data:", "blob:")):
            self.faults.append(f"asked another server: {request.url}")

    def go(self, path: str) -> None:
        """Open a page by its path."""
        self.page.goto(path)

    def sign_in(self, desk: Desk, name: str) -> None:
        """Sign in by the form, as whoever has an account at the desk."""
        self.go("/sign-in")
        self.fill(account=name, password=PASSWORD, code=desk.code())
        self.press("Sign in")

    def fill(self, **fields: str) -> None:
        """Fill fields by their names."""
        for name, value in fields.items():
            self.page.locator(f"[name={name}]").fill(value)

    def press(self, name: str) -> None:
        """Press the button of that name in the content, and wait for what comes."""
        with self.page.expect_navigation():
            self.page.locator("main").get_by_role("button", name=name, exact=True).click()

    def follow(self, name: str) -> None:
        """Follow the link of that name with the mouse, and wait until its page stands.

        A click alone returns while the old page is shown or none: what is typed then is lost.
        """
        with self.page.expect_navigation():
            self.page.get_by_role("link", name=name).click()

    def tab_on(self, selector: str, name: str = "") -> None:
        """Go on by Tab to an element, with that text where one is given.

        Fails where something that has the focus is hidden by other content (WCAG 2.4.11).
        """
        for _ in range(_MOST_TABS):
            self.page.keyboard.press("Tab")
            is_it, hidden = self.page.evaluate(_FOCUSED, [selector, name])
            assert not hidden, f"{self.path}: hidden while it has the focus: {hidden}"
            if is_it:
                return
        raise AssertionError(f"{self.path}: no key leads to {selector} {name}")

    def write(self, **fields: str) -> None:
        """Write into fields by the keyboard alone, in the order of the page."""
        for name, value in fields.items():
            self.tab_on(f"main [name={name}], main #{name}")
            self.page.keyboard.press("Control+a")
            self.page.keyboard.insert_text(value)

    def choose(self, selector: str, text: str) -> None:
        """Choose from a list by the keyboard alone: by typing what it begins with."""
        self.tab_on(selector)
        self.page.keyboard.type(text)

    def enter(self, name: str) -> None:
        """Press a button or follow a link of the content by the keyboard, and wait for what comes.

        Buttons of other forms of the page may have the same name: the next one is taken.
        """
        self.tab_on("main button, main a", name)
        with self.page.expect_navigation(wait_until="domcontentloaded"):
            self.page.keyboard.press("Enter")

    def check_keys_and_pointer(self) -> None:
        """Check that keys of one sign do nothing (WCAG 2.1.4), and nothing is dragged (2.5.7)."""
        before = self.page.url
        self.page.evaluate("document.activeElement.blur()")
        self.page.keyboard.type(_SIGNS)
        assert self.page.url == before
        assert self.page.evaluate("document.activeElement === document.body"), self.path
        dragged = self.page.locator("[draggable=true], input[type=range]").count()
        assert dragged == 0, f"{self.path} has something to drag"

    @property
    def path(self) -> str:
        """The path of the page that is shown."""
        return self.page.url.removeprefix(self.address)

    @property
    def text(self) -> str:
        """What the page says."""
        return self.page.locator("body").inner_text()

    def focus_is_seen(self) -> None:
        """Wait until what has the focus is in the window, with nothing over it (WCAG 2.4.11)."""
        self.page.wait_for_function(
            "() => { const at = document.activeElement, box = at?.getBoundingClientRect();"
            " if (!box) return false;"
            " const x = box.left + box.width / 2, y = box.top + Math.min(box.height / 2, 8);"
            " const there = document.elementFromPoint(x, y);"
            " return !!there && (at.contains(there) || there.contains(at)); }"
        )

    def tab_to_named(self, name: str, role: str = "button") -> None:
        """Go to a control by its name with the key Tab alone."""
        wanted = self.page.get_by_role(role, name=name, exact=True).first  # type: ignore[arg-type]
        for _ in range(150):
            if wanted.evaluate("one => one === document.activeElement"):
                self.focus_is_seen()
                return
            self.page.keyboard.press("Tab")
        raise AssertionError(f"no Tab leads to {name}")

    def check(self, leave_out: Sequence[str] = ()) -> None:
        """Check the page by axe-core, and that nothing is wider than the window."""
        self.page.evaluate(_AXE.read_text("utf-8"))
        found = self.page.evaluate(
            # Sound is fetched when somebody plays it: axe would wait for it, and warn.
            "rules => axe.run(document, {runOnly: rules, resultTypes: ['violations'],"
            " preload: {assets: ['cssom']}})",
            _RULES,
        )
        faults = [
            f"{one['id']}: {node['html'][:160]} ({node['failureSummary'][:200]})"
            for one in found["violations"]
            if one["id"] not in leave_out
            for node in one["nodes"]
        ]
        assert faults == [], f"{self.path}: " + json.dumps(faults, indent=1)
        wider = self.page.evaluate(
            "document.documentElement.scrollWidth - document.documentElement.clientWidth"
        )
        assert wider <= 0, f"{self.path} is {wider} px wider than the window"

    def kept(self) -> str:
        """Return all that the browser keeps of us where scripts could read it."""
        stored: str = self.page.evaluate(
            "async () => JSON.stringify([{...localStorage}, {...sessionStorage}, document.cookie,"
            " await indexedDB.databases(), await caches.keys(), history.state])"
        )
        return stored

    def picture(self, path: Path, *, whole: bool = True) -> None:
        """Take a picture of the page."""
        path.parent.mkdir(parents=True, exist_ok=True)
        self.page.screenshot(path=path, full_page=whole)
