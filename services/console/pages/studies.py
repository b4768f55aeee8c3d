# SPDX-License-Identifier: Apache-2.0
"""Studies: what stands, and a form or a file whose changes are shown before they are made."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated

from fastapi import APIRouter, Depends
from starlette.responses import Response

from services.console.pages import study_changes, study_form
from services.console.web.faults import Fault, Unusable
from services.console.web.forms import Form, GivenForm
from services.console.web.visit import Visit, in_role
from services.registry.identities import OPERATOR
from services.registry.policies import SHIPPED
from services.studies import studies
from sotto.study.v1 import study_pb2

router = APIRouter()

Operator = Annotated[Visit, Depends(in_role(OPERATOR))]


@router.get("/studies")
def show_all(visit: Operator) -> Response:
    """List the studies."""
    with visit.calling(OPERATOR, purpose="operations") as services:
        found = [services.clinical.study(one) for one in services.clinical.studies()]
    return visit.render("studies/list.html", studies=found)


@router.get("/studies/new")
def new(visit: Operator) -> Response:
    """Show an empty form."""
    study = study_pb2.Study(
        languages=["en", "ms"], policy=SHIPPED[0], review=study_pb2.REVIEW_MODE_REQUIRED
    )
    return _form(visit, study_form.texts_of(study), is_new=True)


@router.get("/studies/file")
def file(visit: Operator) -> Response:
    """Ask for a study file as it stands."""
    return _file(visit, {"file": "", "policy_document": ""})


@router.get("/studies/{study_id}")
def one(visit: Operator, study_id: str) -> Response:
    """Show a study as it is stored, with the form to change it."""
    with visit.calling(OPERATOR, purpose="operations") as services:
        study, signed = studies.countersignatures(services, study_id)
        policy = studies.validate(services, study)
    signers = [
        one.person
        for one in signed
        if one.policy_digest == policy.digest and one.person not in study.policy_changed_by
    ]
    return _form(
        visit,
        study_form.texts_of(study),
        is_new=False,
        title=study.title,
        below_floor=list(policy.below_floor),
        signers=signers,
    )


@router.post("/studies/changes")
def look(visit: Operator, form: GivenForm) -> Response:
    """Show what a form or a file would change; nothing is changed yet."""
    try:
        with visit.calling(OPERATOR, purpose="operations") as services:
            found = study_changes.wanted(services, form)
    except Unusable as error:
        return _again(visit, form, error.faults)
    return study_changes.show(visit, form, found)


@router.post("/studies/write")
def write(visit: Operator, form: GivenForm) -> Response:
    """Change the study as it was shown; what is grave asks again who one is."""
    try:
        return study_changes.write(visit, form)
    except Unusable as error:
        return _again(visit, form, error.faults)


def _again(visit: Visit, form: Form, faults: Sequence[Fault]) -> Response:
    """Show what was given again, with what is wrong with it."""
    if form.text("from_file"):
        names = {"file": study_form.MOST_OF_FILE, "policy_document": study_form.MOST_OF_POLICY}
        given = {name: form.exact(name, most=most) for name, most in names.items()}
        return _file(visit, given, faults)
    texts = study_form.typed(form)
    return _form(
        visit, texts, is_new=bool(form.text("is_new")), title=texts["title"], faults=faults
    )


def _file(visit: Visit, given: dict[str, str], faults: Sequence[Fault] = ()) -> Response:
    return visit.render("studies/file.html", 400 if faults else 200, given=given, faults=faults)


def _form(
    visit: Visit,
    texts: dict[str, str],
    *,
    is_new: bool,
    title: str = "",
    below_floor: Sequence[str] = (),
    signers: Sequence[str] = (),
    faults: Sequence[Fault] = (),
) -> Response:
    return visit.render(
        "studies/form.html",
        400 if faults else 200,
        study=texts,
        is_new=is_new,
        title=title,
        below_floor=below_floor,
        signers=signers,
        faults=faults,
        policies=[
            *((name, name) for name in SHIPPED),
            (study_form.OWN_POLICY, visit.say("One of the study's own, as below")),
        ],
    )
