# SPDX-License-Identifier: Apache-2.0
"""A real identity provider on loopback: the npm package `oidc-provider`, of pinned versions."""

from __future__ import annotations

import contextlib
import fcntl
import json
import os
import shutil
import subprocess
import threading
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx

from tests.support import tools
from tests.support.ports import free_port

_HERE = Path(__file__).parent
_FILES = ("package.json", "package-lock.json", "provider.mjs")
_INSTALL_SECONDS = 120.0
_START_SECONDS = 60.0
CLIENT = "sotto-console"
SECRET = "a secret of a test and long enough"
BASE = "https://127.0.0.1:8443"
RETURN = f"{BASE}/sign-in/provider/return"


def installed() -> Path:
    """Return the folder with the provider, installed into the cache of tests when it is missing."""
    tools.need("node", "npm")
    default = Path(os.environ.get("XDG_CACHE_HOME", "~/.cache")).expanduser() / "sotto-tests"
    folder = Path(os.environ.get("SOTTO_TEST_CACHE", default)) / "identity_provider"
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        stale = [
            name
            for name in _FILES
            if not (folder / name).exists()
            or (folder / name).read_bytes() != (_HERE / name).read_bytes()
        ]
        for name in stale:
            shutil.copyfile(_HERE / name, folder / name)
        if "package-lock.json" in stale or not (folder / "node_modules").is_dir():
            subprocess.run(
                ["npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"],
                cwd=folder,
                check=True,
                timeout=_INSTALL_SECONDS,
                capture_output=True,
            )
    return folder


@dataclass
class IdentityProvider:
    """A running provider; `events` are what it said of itself, `logouts` the tokens it sent."""

    issuer: str
    logouts: list[str]
    arrived: threading.Event
    events: list[Mapping[str, Any]] = field(default_factory=list)
    browsers: list[httpx.Client] = field(default_factory=list)

    def browser(self) -> httpx.Client:
        """Return what keeps a person's session at the provider."""
        self.browsers.append(httpx.Client(follow_redirects=False, trust_env=False, timeout=20))
        return self.browsers[-1]

    def forget_browsers(self) -> None:
        """Close the browsers, and with them what they kept."""
        for one in self.browsers:
            one.close()
        self.browsers.clear()

    def visit(self, browser: httpx.Client, url: str, person: str, acr: str = "") -> dict[str, str]:
        """Go where the console leads, sign in where asked, and return what comes back with it.

        A person who is signed in at the provider already is not asked again by it.
        """
        answer = browser.get(url)
        while answer.is_redirect:
            where = str(httpx.URL(str(answer.request.url)).join(answer.headers["location"]))
            if where.startswith(BASE):
                return {key: value for key, [value] in parse_qs(urlsplit(where).query).items()}
            if "/login/" in where:
                where += f"?as={person}&acr={acr}"
            answer = browser.get(where)
        raise AssertionError(f"the provider answered {answer.status_code}: {answer.text[:300]}")

    def sign_out(self, browser: httpx.Client, url: str) -> str:
        """Sign out at the provider as a person does, and return the logout token that it sent."""
        self.arrived.clear()
        page = browser.get(url)
        form = dict(part.split('" value="') for part in _fields(page.text))
        done = browser.post(
            f"{self.issuer}/session/end/confirm", data={"logout": "yes", "xsrf": form["xsrf"]}
        )
        assert done.is_redirect, done.text[:300]
        assert self.arrived.wait(20), self.events
        return self.logouts[-1]


def _fields(page: str) -> list[str]:
    found = [part.split('name="')[1] for part in page.split("<input")[1:] if 'name="' in part]
    return [one.split('"/>')[0].split('">')[0] for one in found if '" value="' in one]


@contextlib.contextmanager
def running(people: Mapping[str, Mapping[str, Any]]) -> Iterator[IdentityProvider]:
    """Run a provider that knows these people, by subject: what is claimed of them."""
    folder = installed()
    logouts: list[str] = []
    arrived = threading.Event()

    class Receiver(BaseHTTPRequestHandler):
        """What takes logout tokens in the place of the console's port."""

        def do_POST(self) -> None:
            """Keep the token."""
            body = self.rfile.read(int(self.headers["content-length"])).decode()
            self.send_response(200)
            self.end_headers()
            logouts.append(parse_qs(body)["logout_token"][0])
            arrived.set()

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    receiver = HTTPServer(("127.0.0.1", 0), Receiver)
    threading.Thread(target=receiver.serve_forever, daemon=True).start()
    port = free_port()
    client = {
        "client_id": CLIENT,
        "client_secret": SECRET,
        "redirect_uris": [RETURN],
        "post_logout_redirect_uris": [f"{BASE}/sign-in?out=1"],
        "backchannel_logout_uri": f"http://127.0.0.1:{receiver.server_port}/logout",
    }
    told = json.dumps({"port": port, "client": client, "people": people})
    process = subprocess.Popen(
        ["node", "provider.mjs", told],
        cwd=folder,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    )
    found = IdentityProvider(f"http://127.0.0.1:{port}", logouts, arrived)
    ready = threading.Event()

    def listen() -> None:
        for line in process.stdout or ():
            if not line.startswith("{"):  # a notice of the library
                continue
            found.events.append(json.loads(line))
            if found.events[-1]["event"] == "ready":
                ready.set()

    listener = threading.Thread(target=listen, daemon=True)
    listener.start()
    try:
        assert ready.wait(_START_SECONDS), "the identity provider did not start"
        yield found
    finally:
        process.terminate()
        process.wait()
        listener.join()
        if process.stdout:
            process.stdout.close()
        receiver.shutdown()
        receiver.server_close()
