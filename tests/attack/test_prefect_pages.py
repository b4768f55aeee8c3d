# SPDX-License-Identifier: Apache-2.0
"""Prefect's pages call nobody else, tell nothing without the password, and stay where they were."""

from __future__ import annotations

import base64
import stat
import urllib.error
import urllib.request
from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest

from services.registry.processes import SCHEDULER
from tests.support.deployment import Deployment
from tests.support.ports import free_port

#: Sources in a content security policy that are this server, or no server.
HARMLESS = {"'self'", "'none'", "'unsafe-inline'", "'unsafe-eval'", "data:", "blob:"}
PAGES = ("/", "/runs", "/v2/", "/v2/runs", "/settings", "/ui-settings", "/nothing", "/api/nothing")


@pytest.fixture(scope="module")
def pages(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Deployment]:
    """An installation whose scheduler runs, with a port of its own in the settings."""
    home = tmp_path_factory.mktemp("pages") / "home"
    with Deployment(home, {"SOTTO_PAGES_PORT": str(free_port())}) as deployment:
        yield deployment.start(SCHEDULER)


def ask(
    deployment: Deployment, path: str, *, login: str = "", body: bytes | None = None
) -> tuple[int, Mapping[str, str]]:
    """Return status and headers of an answer, as a browser on this machine gets it."""
    request = urllib.request.Request(
        f"http://{deployment.addresses[SCHEDULER]}{path}",
        body,
        {"Accept": "text/html", "Content-Type": "application/json"},
    )
    if login:
        told = base64.b64encode(login.encode()).decode()
        request.add_header("Authorization", f"Basic {told}")
    try:
        with urllib.request.urlopen(request, timeout=30) as answer:  # noqa: S310 - it is http
            return answer.status, dict(answer.headers.items())
    except urllib.error.HTTPError as refusal:
        return refusal.code, dict(refusal.headers.items())


def policy(headers: Mapping[str, str]) -> dict[str, set[str]]:
    """Return the content security policy of an answer: sources by directive."""
    lowered = {name.lower(): value for name, value in headers.items()}
    parts = [one.split() for one in lowered["content-security-policy"].split(";")]
    return {name: set(sources) for name, *sources in parts}


class TestThirdParties:
    @pytest.mark.parametrize("path", PAGES)
    def test_no_answer_lets_a_browser_call_anybody_else(self, pages: Deployment, path: str) -> None:
        """Each has a policy that names no other server; what it does not name falls back to
        `default-src` (W3C, Content Security Policy Level 3), forms and base addresses excepted.
        """
        found = policy(ask(pages, path)[1])
        assert {"default-src", "form-action", "base-uri", "frame-ancestors"} <= set(found)
        assert set().union(*found.values()) <= HARMLESS

    def test_the_older_pages_are_shown(self, pages: Deployment) -> None:
        """The root leads to those that report to nobody."""
        with urllib.request.urlopen(f"http://{pages.addresses[SCHEDULER]}/", timeout=30) as answer:
            assert "/v2" not in answer.url
            assert b"amplitude" not in answer.read()


class TestWithoutPassword:
    @pytest.mark.parametrize(
        "path", ["/docs", "/docs/oauth2-redirect", "/redoc", "/openapi.json",
                 "/api/docs", "/api/redoc", "/api/openapi.json"],
    )  # fmt: skip
    def test_no_description_of_the_api(self, pages: Deployment, path: str) -> None:
        """Its description, whose pages load scripts from elsewhere, is not served at all."""
        assert ask(pages, path)[0] == 404

    @pytest.mark.parametrize(
        "path", ["/api/admin/version", "/api/version", "/api/admin/settings", "/api/flows/count"]
    )
    def test_the_api_tells_nothing(self, pages: Deployment, path: str) -> None:
        """Whatever is about this installation asks for the password."""
        body = b"{}" if path.endswith("count") else None
        assert ask(pages, path, body=body)[0] == 401
        assert ask(pages, path, body=body, login="sotto:wrong")[0] == 401
        password = (pages.root / "prefect" / "api.password").read_text("ascii").strip()
        assert ask(pages, path, body=body, login=f"sotto:{password}")[0] == 200

    def test_probes_are_answered(self, pages: Deployment) -> None:
        """Whether it runs is told to everybody on this machine."""
        assert ask(pages, "/api/health")[0] == 200


class TestAtRest:
    def test_files_are_their_owners(self, pages: Deployment) -> None:
        """Nobody else may read Prefect's database, or what lies beside it."""
        files = [path for path in (pages.root / "prefect").rglob("*") if path.is_file()]
        assert pages.root / "prefect" / "prefect.db" in files
        assert {stat.S_IMODE(path.stat().st_mode) & 0o077 for path in files} == {0}


class TestAddress:
    def test_is_the_same_each_time(self, pages: Deployment) -> None:
        """A bookmark finds the pages, as long as nothing else has their port."""
        address = f"127.0.0.1:{pages.environment['SOTTO_PAGES_PORT']}"
        assert pages.addresses[SCHEDULER] == address

    def test_taken(self, pages: Deployment, tmp_path: Path) -> None:
        """A second installation takes a free port and logs that; one whose settings name the taken
        address does not start, and says what to do.
        """
        port = pages.environment["SOTTO_PAGES_PORT"]
        with Deployment(tmp_path / "other", {"SOTTO_PAGES_PORT": port}) as other:
            other.start(SCHEDULER)
            assert other.addresses[SCHEDULER] != pages.addresses[SCHEDULER]
            assert "pages_port_taken" in other.logs()
        (tmp_path / "third").mkdir(mode=0o700)
        (tmp_path / "third" / "sotto.toml").write_text(
            f'[scheduler]\nlisten = "127.0.0.1:{port}"\n', "utf-8"
        )
        third = Deployment(tmp_path / "third")
        refused = third.sotto("up")
        assert refused.code == 5
        assert "under [scheduler]" in third.logs()
