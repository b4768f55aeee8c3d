# SPDX-License-Identifier: Apache-2.0
"""The calendar of retention, for compliance: what the rules end when, and legal holds."""

from __future__ import annotations

from fastapi import APIRouter
from starlette.responses import Response

from services.audit_client.calendar import calendar, put_hold
from services.console.pages.officer import Officer
from services.console.web.forms import GivenForm
from services.registry.identities import CLINICAL, COMPLIANCE

router = APIRouter()


@router.get("/retention")
def show(visit: Officer) -> Response:
    """Show every recording with what becomes of it, the soonest first."""
    with visit.calling(COMPLIANCE, "audit") as services:
        entries = calendar(services.channel(CLINICAL), services.clinical.studies())
    return visit.render("compliance/retention.html", entries=entries)


@router.post("/retention/hold")
def hold(visit: Officer, form: GivenForm) -> Response:
    """Set a legal hold, or lift it."""
    held = form.one_of("to", {"held", "free"}) == "held"
    with visit.calling(COMPLIANCE, "legal_hold") as services:
        channel = services.channel(CLINICAL)
        entries = calendar(channel, services.clinical.studies())
        put_hold(channel, entries, form.text("recording", most=64), held=held)
    return visit.go("/retention")
