# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

import json

import pytest
from starlette.testclient import TestClient

from services.console.web.guard import hosts
from services.registry.identities import REVIEWER
from tests.support.captured_log import CapturedLog
from tests.support.console import Desk

FORM = {"language": "ms", "to": "/sign-in"}


@pytest.fixture
def browser(desk: Desk) -> TestClient:
    """A browser that sends of itself neither where a request comes from nor what it is for."""
    client = desk.browser()
    for name in list(client.headers):
        if name.startswith("sec-fetch"):
            del client.headers[name]
    return client


class TestOrigin:
    @pytest.mark.parametrize(
        ("headers", "status"),
        [
            ({"sec-fetch-site": "same-origin"}, 303),
            ({"origin": "https://127.0.0.1:8443"}, 303),
            ({"sec-fetch-site": "cross-site", "origin": "https://127.0.0.1:8443"}, 403),
            ({"sec-fetch-site": "same-site"}, 403),
            ({"sec-fetch-site": "none"}, 403),
            ({"origin": "https://evil.example"}, 403),
            ({"origin": "http://127.0.0.1:8443"}, 403),
            ({"origin": "null"}, 403),
            ({}, 403),
        ],
    )
    def test_changes(self, browser: TestClient, headers: dict[str, str], status: int) -> None:
        """What changes something comes from a page of ours, or is refused (CSRF)."""
        assert browser.post("/language", data=FORM, headers=headers).status_code == status

    @pytest.mark.parametrize(
        ("site", "mode", "dest", "status"),
        [
            ("none", "navigate", "document", 200),
            ("same-origin", "cors", "empty", 200),
            ("cross-site", "navigate", "document", 200),
            ("cross-site", "navigate", "iframe", 403),
            ("cross-site", "no-cors", "image", 403),
            ("same-site", "cors", "empty", 403),
        ],
    )
    def test_looks(self, browser: TestClient, site: str, mode: str, dest: str, status: int) -> None:
        """Another site may link to a page, and neither frame nor fetch it."""
        headers = {"sec-fetch-site": site, "sec-fetch-mode": mode, "sec-fetch-dest": dest}
        assert browser.get("/sign-in", headers=headers).status_code == status

    @pytest.mark.parametrize("method", ["PUT", "DELETE", "TRACE", "PATCH", "OPTIONS"])
    def test_methods(self, browser: TestClient, method: str) -> None:
        """Methods that no page uses are refused before any page (ASVS 3.5.3)."""
        headers = {"sec-fetch-site": "same-origin"}
        assert browser.request(method, "/sign-in", headers=headers).status_code == 405

    @pytest.mark.parametrize(
        ("host", "status"),
        [("127.0.0.1:8443", 200), ("LOCALHOST", 200), ("evil.example", 421), ("", 421)],
    )
    def test_host(self, browser: TestClient, host: str, status: int) -> None:
        """A name that is not ours is refused, whatever points here (DNS rebinding)."""
        assert browser.get("/sign-in", headers={"host": host}).status_code == status

    def test_names(self) -> None:
        """Names are compared whole; a star stands for one label, brackets for an IPv6 address."""
        is_host = hosts(frozenset({"sotto.h.example", "*.wild.example", "::1"}))
        assert is_host("sotto.h.example:443")
        assert is_host("a.wild.example")
        assert is_host("[::1]:8443")
        assert not is_host("a.b.wild.example")
        assert not is_host("wild.example")
        assert not is_host("sotto.h.example.evil.example")


class TestBodies:
    def test_length_that_is_told(self, browser: TestClient) -> None:
        """A body that says that it is too long is not read."""
        headers = {"sec-fetch-site": "same-origin"}
        answer = browser.post("/language", content=b"x" * 300_000, headers=headers)
        assert answer.status_code == 413

    def test_length_that_is_not_told(self, browser: TestClient) -> None:
        """One that goes on and on is read no further than it may be."""
        headers = {
            "sec-fetch-site": "same-origin",
            "content-type": "application/x-www-form-urlencoded",
        }
        parts = (b"x=" + b"y" * 100_000 for _ in range(10))
        assert browser.post("/language", content=parts, headers=headers).status_code >= 400

    @pytest.mark.parametrize(
        ("kind", "body"),
        [
            ("application/json", b"{}"),
            ("multipart/form-data; boundary=x", b"--x--"),
            ("text/plain", b"language=ms"),
            ("application/x-www-form-urlencoded", b"language=%ff"),
            ("application/x-www-form-urlencoded", b"language=ms&language=en"),
            ("application/x-www-form-urlencoded", b"language=xx"),
            ("application/x-www-form-urlencoded", b"&".join([b"a=1"] * 3000)),
        ],
    )
    def test_other_forms(self, browser: TestClient, kind: str, body: bytes) -> None:
        """A form comes urlencoded, each field once, with a value that it takes."""
        headers = {"sec-fetch-site": "same-origin", "content-type": kind}
        assert browser.post("/language", content=body, headers=headers).status_code == 400


class TestHeaders:
    @pytest.mark.parametrize("path", ["/sign-in", "/", "/nowhere", "/static/console.css"])
    def test_on_every_answer(self, desk: Desk, path: str) -> None:
        """Pages, redirects, errors and files all say what a browser may do with them."""
        headers = desk.browser().get(path).headers
        assert headers["cache-control"] == "no-store"
        assert headers["content-security-policy"].startswith("default-src 'none'; ")
        assert "unsafe" not in headers["content-security-policy"]
        assert "frame-ancestors 'none'" in headers["content-security-policy"]
        assert headers["x-content-type-options"] == "nosniff"
        assert headers["referrer-policy"] == "no-referrer"
        assert headers["strict-transport-security"] == "max-age=31536000"
        assert headers["cross-origin-opener-policy"] == "same-origin"
        assert headers["cross-origin-resource-policy"] == "same-origin"
        assert "camera=()" in headers["permissions-policy"]

    def test_on_what_is_refused(self, browser: TestClient) -> None:
        """What the guard refuses has them as well."""
        assert browser.post("/sign-in").headers["cache-control"] == "no-store"


class TestReports:
    def test_directive_alone_is_noted(self, desk: Desk, log: CapturedLog) -> None:
        """The log has which directive was violated, and not on which page or by what."""
        told = {"effective-directive": "script-src-elem", "document-uri": "https://x/secret-name"}
        headers = {"content-type": "application/csp-report"}
        answer = desk.browser().post(
            "/csp-report", content=json.dumps({"csp-report": told}), headers=headers
        )
        assert answer.status_code == 204
        assert "script-src" in log.text
        assert "secret-name" not in log.text

    @pytest.mark.parametrize("body", [b"", b"[]", b"{}", b'{"csp-report": 1}', b"\xff"])
    def test_others(self, desk: Desk, body: bytes) -> None:
        """What is no report is refused."""
        assert desk.browser().post("/csp-report", content=body).status_code == 400


class TestErrors:
    def test_page_that_is_not_there(self, desk: Desk) -> None:
        """An unknown page says so in the language of whoever asks."""
        browser = desk.signed_in("siti", REVIEWER)
        browser.post("/language", data={"language": "ms", "to": "/"})
        answer = browser.get("/nowhere")
        assert answer.status_code == 404
        assert '<html lang="ms">' in answer.text
        assert "Halaman ini tiada" in answer.text

    def test_fragments(self, desk: Desk) -> None:
        """An answer that goes into a page is no page; without a session it leads out of it."""
        asked = {"hx-request": "true"}
        answer = desk.signed_in("siti", REVIEWER).get("/nowhere", headers=asked)
        assert "<html" not in answer.text
        out = desk.browser().get("/", headers=asked)
        assert (out.status_code, out.headers["hx-redirect"]) == (204, "/sign-in?to=/")


class TestLog:
    def test_holds_no_query(self, desk: Desk, log: CapturedLog) -> None:
        """A line says what kind of page was asked for, and not which."""
        desk.browser().get("/sign-in?to=/review/secret-name")
        desk.browser().get("/static/secret-name")
        names = [one["name"] for one in log.records if one["event"] == "request"]
        assert names == ["/sign-in", "/static/{name}"]
        assert "secret-name" not in log.text
