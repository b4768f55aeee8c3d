# SPDX-License-Identifier: Apache-2.0
"""The pages of pseudonyms over the service's rules: what each person sees and may do."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from starlette.testclient import TestClient

from tests.support.captured_log import CapturedLog
from tests.support.console import Desk
from tests.support.reveal_desk import Hospital


@pytest.fixture
def hospital() -> Hospital:
    """The services, with nothing asked."""
    return Hospital()


@pytest.fixture
def desk(tmp_path: Path, hospital: Hospital) -> Iterator[Desk]:
    """The console over these."""
    with Desk(tmp_path, channel=hospital.channel) as opened:
        yield opened


def ask(client: TestClient, label: str = "Nurse 2") -> None:
    """Ask for a label of P07."""
    data = {"study": "peer", "participant": "P07", "label": label, "reason": "safety_report"}
    assert client.post("/reveals/ask", data=data).status_code == 303


def which(client: TestClient) -> dict[str, str]:
    """Return the form fields of the first request of a page."""
    found = re.search(r'name="reveal" value="(rvl-[a-z2-7]{26})"', client.get("/reveals").text)
    assert found
    return {"study": "peer", "reveal": found[1]}


class TestReveals:
    def test_one_asks_another_grants_the_first_sees(self, desk: Desk, log: CapturedLog) -> None:
        """The name is in the answer to the form, watermarked, kept by nobody, and only there."""
        reviewer = desk.signed_in("lim", "reviewer")
        officer = desk.signed_in("nora", "compliance")
        ask(reviewer, "[Nurse 2]")
        assert "waits for an officer" in reviewer.get("/reveals").text
        page = officer.get("/reveals").text
        assert ("[Nurse 2]" in page, "asked by lim" in page) == (True, True)
        assert "Requests to reveal a pseudonym" in officer.get("/").text
        granted = officer.post(
            "/reveals/decide", data={**which(officer), "decision": "grant", "hours": "1"}
        )
        assert granted.status_code == 303
        assert "siti" not in officer.get("/reveals").text
        assert "Pseudonyms to be shown to you" in reviewer.get("/").text
        given = which(reviewer)
        shown = reviewer.post("/reveals/show", data=given)
        assert "siti aminah" in shown.text
        assert 'class="watermark"' in shown.text
        assert shown.headers["cache-control"] == "no-store"
        assert "siti" not in reviewer.get("/reveals").text
        again = reviewer.post("/reveals/show", data=given)
        assert (again.status_code, "siti" in again.text) == (409, False)
        assert "siti" not in repr(log.records)

    def test_the_bench_fills_the_form(self, desk: Desk) -> None:
        """Nothing is asked yet, and the label is in no address."""
        reviewer = desk.signed_in("lim", "reviewer")
        data = {"study": "peer", "participant": "P07", "label": "Nurse 2"}
        page = reviewer.post("/reveals/for", data=data)
        assert page.status_code == 200
        assert all(f'value="{one}"' in page.text for one in data.values())
        assert "You asked for none" in page.text
        assert reviewer.get("/reveals/for?label=Nurse+2").status_code == 405

    def test_nobody_decides_on_their_own(self, desk: Desk, hospital: Hospital) -> None:
        """Also where one person has both roles: the page says so, and the service holds it."""
        both = desk.signed_in("nora", "reviewer", "compliance")
        ask(both)
        page = both.get("/reveals").text
        assert "another officer decides" in page
        assert 'value="grant"' not in page
        [reveal] = hospital.zone.kept
        answer = both.post(
            "/reveals/decide", data={"study": "peer", "reveal": reveal, "decision": "grant"}
        )
        assert answer.status_code == 403

    def test_grant_and_show_ask_again_who_one_is(self, desk: Desk) -> None:
        """Refusing does not."""
        reviewer = desk.signed_in("lim", "reviewer")
        officer = desk.signed_in("nora", "compliance")
        ask(reviewer)
        given = which(officer)
        desk.ahead += 301
        answer = officer.post("/reveals/decide", data={**given, "decision": "grant"})
        assert answer.headers["location"].startswith("/step-up")
        assert reviewer.post("/reveals/show", data=given).headers["location"].startswith("/step-up")
        refused = officer.post("/reveals/decide", data={**given, "decision": "refuse"})
        assert refused.headers["location"] == "/reveals"
        assert "refused" in reviewer.get("/reveals").text

    def test_what_cannot_be_asked_is_told_on_the_page(self, desk: Desk) -> None:
        """What was typed stays; nothing waits."""
        reviewer = desk.signed_in("lim", "reviewer")
        page = reviewer.post(
            "/reveals/ask",
            data={"study": "peer", "participant": "P07", "label": "Nurse 99",
                  "reason": "legal_duty", "recording": ""},
        )  # fmt: skip
        assert page.status_code == 400
        assert "Nothing is known under this label" in page.text
        assert 'value="Nurse 99"' in page.text
        assert "You asked for none" in page.text

    def test_others_have_no_such_page(self, desk: Desk) -> None:
        """Researchers ask through a reviewer; whoever runs the machine asks for nothing."""
        for role in ("researcher", "operator"):
            client = desk.signed_in(f"a-{role}", role)
            assert client.get("/reveals").status_code == 403
            given = {"study": "peer", "reveal": "rvl-" + "a" * 26}
            assert client.post("/reveals/show", data=given).status_code == 403
            assert (
                client.post("/reveals/decide", data={**given, "decision": "grant"}).status_code
                == 403
            )
