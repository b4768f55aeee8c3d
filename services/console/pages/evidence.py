# SPDX-License-Identifier: Apache-2.0
"""Evidence and breach reports, for compliance: to read, to print and to sign."""

from __future__ import annotations

from datetime import UTC, datetime

from fastapi import APIRouter
from starlette.responses import Response

from services.audit_client import reporting
from services.audit_client.entries import LogClient
from services.audit_evidence.breach import Suspicion
from services.audit_evidence.pdf import pdf_bytes
from services.audit_evidence.report_model import Letterhead, ReportDocument
from services.common.errors import InvalidInput, NotFound
from services.console.adapters.services import Services
from services.console.pages.log import read_moment, read_period
from services.console.pages.officer import Officer
from services.console.web import language, report_words
from services.console.web.forms import Form, GivenForm
from services.console.web.headers import attachment
from services.console.web.visit import Visit
from services.registry.identities import AUDIT, COMPLIANCE

router = APIRouter()

_FORMS = {"page", "pdf"}
BREACH = ("subject", "since", "until", "told")


@router.get("/evidence")
def ask(visit: Officer) -> Response:
    """Ask which report."""
    return _form(visit)


@router.post("/evidence")
def evidence(visit: Officer, form: GivenForm) -> Response:
    """Make the evidence report of a month."""
    visit.step_up("/evidence")
    month = form.text("month", most=40)
    try:
        with visit.calling(COMPLIANCE, "audit") as services:
            found = reporting.evidence(services.channel(AUDIT), month, _head(visit, services))
    except InvalidInput as error:
        return _form(visit, visit.say_error(error), {"month": month})
    return _answer(visit, form, found, f"evidence-{month}", {"month": month}, "/evidence")


@router.post("/evidence/breach")
def breach(visit: Officer, form: GivenForm) -> Response:
    """Make the report of what a person or a credential touched."""
    visit.step_up("/evidence")
    asked = {name: form.text(name, most=260) for name in BREACH}
    try:
        since, until = read_period(asked["since"], asked["until"])
        if not asked["subject"] or since is None or until is None:
            raise InvalidInput("say whom or what, and between which two times")
        suspicion = Suspicion(asked["subject"], since, until, read_moment(asked["told"]))
        with visit.calling(COMPLIANCE, "audit") as services:
            found = reporting.breach(services.channel(AUDIT), suspicion, _head(visit, services))
    except (InvalidInput, NotFound) as error:
        return _form(visit, visit.say_error(error), asked)
    return _answer(visit, form, found, "breach", asked, "/evidence/breach")


def _head(visit: Visit, services: Services) -> Letterhead:
    """Return whose report it is: the hospital by the settings of the log, and who asked for it."""
    hospital = LogClient(services.channel(AUDIT)).state().hospital
    return Letterhead(hospital, f"{visit.person} (signed in to the console)", datetime.now(UTC))


def _answer(
    visit: Visit,
    form: Form,
    found: ReportDocument,
    name: str,
    asked: dict[str, str],
    path: str,
) -> Response:
    chosen = form.one_of("language", language.LANGUAGES)
    with language.speaking(chosen):
        said = report_words.in_language(found)
    if form.one_of("as", _FORMS) == "pdf":
        data = pdf_bytes(said, datetime.now(UTC))
        return Response(data, media_type="application/pdf", headers=attachment(f"{name}.pdf"))
    return visit.render(
        "compliance/report.html", report=said, asked={**asked, "language": chosen}, path=path
    )


def _form(visit: Visit, fault: str = "", asked: dict[str, str] | None = None) -> Response:
    return visit.render(
        "compliance/evidence.html",
        400 if fault else 200,
        fault=fault,
        in_languages=[*language.LANGUAGES.items()],
        asked={"month": f"{datetime.now(UTC):%Y-%m}", **dict.fromkeys(BREACH, ""), **(asked or {})},
    )
