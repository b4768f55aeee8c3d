# SPDX-License-Identifier: Apache-2.0
"""Whether the log is whole, for compliance: verified now, and every check so far."""

from __future__ import annotations

from fastapi import APIRouter
from starlette.responses import Response

from services.audit_client.answers import verification_history, witnesses
from services.audit_client.verifying import (
    LiveVerification,
    Trusted,
    record_review,
    record_verification,
    verify_log,
)
from services.audit_evidence.errors import InvalidFormat
from services.common.errors import InvalidInput
from services.console.pages import handles
from services.console.pages.log import read_moment
from services.console.pages.officer import Officer
from services.console.web.forms import GivenForm
from services.console.web.visit import Visit
from services.registry.attributes import FINDINGS
from services.registry.identities import AUDIT, COMPLIANCE

router = APIRouter()


@router.get("/verification")
def show(visit: Officer) -> Response:
    """Show when the log was checked, by whom, and what its witnesses do."""
    return _page(visit)


@router.post("/verification")
def verify(visit: Officer, form: GivenForm) -> Response:
    """Verify the whole log in this process, and have the log keep what came of it."""
    visit.step_up("/verification")
    given = Trusted(form.text("keys"), form.text("checkpoint"), form.text("policy"))
    try:
        with visit.calling(COMPLIANCE, "audit") as services:
            channel = services.channel(AUDIT)
            done = verify_log(channel, given)
            kept = record_verification(channel, done.report)
    except InvalidFormat as error:
        return _page(visit, fault=visit.say_error(error), status=400)
    return _page(visit, done, kept)


@router.post("/verification/review")
def review(visit: Officer, form: GivenForm) -> Response:
    """Have the log keep that the officer looked through a period, and what came of it."""
    verified = handles.read(visit, form.text("verified", most=64))
    since, until = (read_moment(form.text(name, most=40)) for name in ("since", "until"))
    try:
        if since is None or until is None:
            raise InvalidInput("say from when until when you looked through the log")
        with visit.calling(COMPLIANCE, "audit") as services:
            index = record_review(
                services.channel(AUDIT),
                (since, until),
                form.one_of("finding", FINDINGS),
                size=int(verified["size"]),
                root=bytes.fromhex(verified["root"]),
                is_whole=verified["whole"] == "yes",
            )
    except InvalidInput as error:
        return _page(visit, fault=visit.say_error(error), status=400)
    return visit.go(f"/log/{index}")


def _page(
    visit: Visit,
    done: LiveVerification | None = None,
    kept: int | None = None,
    *,
    fault: str = "",
    status: int = 200,
) -> Response:
    with visit.calling(COMPLIANCE, "audit") as services:
        channel = services.channel(AUDIT)
        history = verification_history(channel)[::-1]
        asked = witnesses(channel)
    return visit.render(
        "compliance/verification.html",
        status,
        done=done,
        verified=_verified(visit, done) if done else "",
        kept=kept,
        fault=fault,
        history=history,
        witnesses=asked,
        last_whole=next((one for one in history if one.is_whole), None),
        broken=[one for one in history if one.verdict == "not-whole"],
    )


def _verified(visit: Visit, done: LiveVerification) -> str:
    """Keep what was verified, for the review that may follow; not in the hands of a browser."""
    report = done.report
    return handles.keep(
        visit,
        {
            "size": str(report.size),
            "root": report.root.hex(),
            "whole": "yes" if report.ok else "no",
        },
    )
