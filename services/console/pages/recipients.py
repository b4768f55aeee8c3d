# SPDX-License-Identifier: Apache-2.0
"""Copies of a study's releases, for compliance: who holds what, who knows, who destroyed theirs."""

from __future__ import annotations

from fastapi import APIRouter
from starlette.responses import Response

from services.audit_client.copies import held_copies, unrecorded_exports
from services.common.errors import NotFound
from services.console.pages import handles
from services.console.pages.copy_words import moment_of, notices_of, purpose_of
from services.console.pages.officer import Officer
from services.console.web.forms import GivenForm
from services.console.web.visit import Visit
from services.recordings_client.catalog import require_study
from services.registry.identities import AUDIT, COMPLIANCE, RELEASE

router = APIRouter()


@router.get("/recipients")
def ask(visit: Officer) -> Response:
    """Ask for a study."""
    return _form(visit)


@router.post("/recipients")
def find(visit: Officer, form: GivenForm) -> Response:
    """Look whether there is such a study, and go to its copies by a handle."""
    study = form.text("study", most=39)
    try:
        with visit.calling(COMPLIANCE, "audit") as services:
            require_study(services, study)
    except NotFound as error:
        return _form(visit, visit.say_error(error))
    return visit.go(f"/recipients/{handles.keep(visit, {'study': study})}")


@router.get("/recipients/{handle}")
def show(visit: Officer, handle: str) -> Response:
    """Show who took copies, for what, what concerns these, and what people say of them."""
    study = handles.read(visit, handle)["study"]
    with visit.calling(COMPLIANCE, "audit") as services:
        found = held_copies(services.channel(RELEASE), study)
        before = unrecorded_exports(services.channel(AUDIT), study)
    return visit.render(
        "compliance/recipients.html",
        study=study,
        copies=found.copies,
        terms=found.terms,
        before=before,
        moment_of=moment_of,
        notices_of=notices_of,
        purpose_of=purpose_of,
    )


def _form(visit: Visit, fault: str = "") -> Response:
    with visit.calling(COMPLIANCE, "audit") as services:
        studies = services.clinical.studies()
    return visit.render(
        "compliance/recipients_form.html",
        404 if fault else 200,
        studies=[(one, one) for one in studies],
        fault=fault,
    )
