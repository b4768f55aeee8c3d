# SPDX-License-Identifier: Apache-2.0
"""A participant, for compliance: who saw their words, which releases hold them, withdrawal."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from fastapi import APIRouter
from starlette.responses import Response

from services.audit_client import withdrawal
from services.audit_client.answers import who_saw_participant
from services.audit_evidence.plain_words import ended
from services.audit_evidence.plain_words import who as name_of
from services.audit_evidence.releases import LoggedRelease
from services.common.errors import InvalidInput, NotFound
from services.console.adapters.services import Services
from services.console.pages import handles
from services.console.pages.log import read_period
from services.console.pages.officer import Officer
from services.console.web.forms import GivenForm
from services.console.web.visit import Visit
from services.recordings_client.catalog import require_participant
from services.registry.identities import AUDIT, COMPLIANCE

router = APIRouter()

_WITHDRAWAL = "withdrawal"


@router.get("/participants")
def ask(visit: Officer) -> Response:
    """Ask for a study and a code."""
    return _form(visit)


@router.post("/participants")
def find(visit: Officer, form: GivenForm) -> Response:
    """Look whether there is such a participant, and go to them by a handle."""
    study, code = form.text("study", most=39), form.text("participant", most=16)
    times = {name: form.text(name, most=40) for name in ("since", "until")}
    try:
        read_period(times["since"], times["until"])
        with visit.calling(COMPLIANCE, "audit") as services:
            require_participant(services, study, code)
    except (NotFound, InvalidInput) as error:
        is_known = isinstance(error, InvalidInput)
        asked = {"study": study, "participant": code, **times}
        return _form(visit, visit.say_error(error), asked, is_known=is_known)
    values = {"study": study, "participant": code, **{k: v for k, v in times.items() if v}}
    return visit.go(f"/participants/{handles.keep(visit, values)}")


@router.get("/participants/{handle}")
def who(visit: Officer, handle: str) -> Response:
    """Show who saw the words, when and why, and to whom releases with them went."""
    asked = handles.read(visit, handle)
    since, until = read_period(asked.get("since", ""), asked.get("until", ""))
    with visit.calling(COMPLIANCE, "audit") as services:
        try:
            answer = who_saw_participant(
                services.channel(AUDIT), asked["study"], asked["participant"], since, until
            )
        except NotFound:  # the catalogue knows the code, the log nothing that was done with it
            answer = None
    return visit.render(
        "compliance/who.html",
        handle=handle,
        asked=asked,
        answer=answer,
        hand_outs=_hand_outs(answer.releases) if answer else [],
    )


@router.get("/participants/{handle}/withdrawal")
def preview(visit: Officer, handle: str) -> Response:
    """Show what a withdrawal would take in both zones, what stays, and whom to tell."""
    return _preview(visit, handle)


@router.post("/participants/{handle}/withdrawal")
def withdraw(visit: Officer, handle: str, form: GivenForm) -> Response:
    """Erase the participant in both zones; the code is typed again, and fresh proof shown."""
    asked = handles.read(visit, handle)
    visit.step_up(f"/participants/{handle}/withdrawal")
    if form.text("again", most=16) != asked["participant"]:
        return _preview(visit, handle, fault="The code that you typed is not this one's.")
    with visit.calling(COMPLIANCE, _WITHDRAWAL) as services:
        require_participant(services, asked["study"], asked["participant"])
        done = withdrawal.withdraw(services.channel, asked["study"], asked["participant"])
    return visit.render("compliance/receipt.html", done=done, handle=handle)


@dataclass(frozen=True, slots=True)
class HandOut:
    """A release with the words, and one of the people who got it; `to` is empty for nobody."""

    release_id: str
    built: str
    to: str
    time: str
    file_format: str
    ended: str


def _hand_outs(found: Sequence[LoggedRelease]) -> list[HandOut]:
    rows: list[HandOut] = []
    for one in found:
        built = f"{one.built.began.time:%Y-%m-%d %H:%M} UTC" if one.built else ""
        if not one.exports:
            rows.append(HandOut(one.release_id, built, "", "", "", ""))
        rows += [
            HandOut(
                one.release_id, built, name_of(step), f"{step.began.time:%Y-%m-%d %H:%M} UTC",
                step.attributes.get("format", ""), ended(step),
            )
            for step in one.exports
        ]  # fmt: skip
    return rows


def _preview(visit: Visit, handle: str, fault: str = "") -> Response:
    asked = handles.read(visit, handle)
    with visit.calling(COMPLIANCE, _WITHDRAWAL) as services:
        zones = withdrawal.preview(services.channel, asked["study"], asked["participant"])
        told, unknown = withdrawal.people_to_tell(
            services.channel, asked["study"], asked["participant"]
        )
    return visit.render(
        "compliance/withdrawal.html",
        400 if fault else 200,
        handle=handle,
        asked=asked,
        zones=zones,
        told=told,
        unknown=unknown,
        words=withdrawal.KIND_WORDS,
        fault=fault,
    )


def _form(
    visit: Visit,
    fault: str = "",
    asked: Mapping[str, str] | None = None,
    *,
    is_known: bool = False,
) -> Response:
    with visit.calling(COMPLIANCE, "audit") as services:
        studies = _studies(services)
    return visit.render(
        "compliance/participants.html",
        (400 if is_known else 404) if fault else 200,
        studies=[(one, one) for one in studies],
        fault=fault,
        is_known=is_known,
        asked={"study": "", "participant": "", "since": "", "until": "", **(asked or {})},
    )


def _studies(services: Services) -> list[str]:
    return services.clinical.studies()
