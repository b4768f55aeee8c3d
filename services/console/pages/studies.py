# SPDX-License-Identifier: Apache-2.0
"""Studies: what stands, and a form whose changes are shown before they are made."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Annotated, cast

from fastapi import APIRouter, Depends
from starlette.responses import Response

from services.common.errors import InvalidInput
from services.console.web.forms import Form, GivenForm
from services.console.web.visit import Visit, in_role
from services.registry import ids
from services.registry.identities import OPERATOR
from services.registry.notations import Notation
from services.registry.policies import SHIPPED
from services.studies import studies
from services.studies.study_changes import audio_of, changes, describe, members_of, notation_of
from services.studies.study_file import AudioMode, MemberRole
from sotto.study.v1 import study_pb2

router = APIRouter()

Operator = Annotated[Visit, Depends(in_role(OPERATOR))]

_TICKS = ("roster_hotwords", "disguise_voices", "mark_doubtful_words")


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
    return _form(visit, study, is_new=True)


@router.get("/studies/{study_id}")
def one(visit: Operator, study_id: str) -> Response:
    """Show a study as it is stored, with the form to change it."""
    with visit.calling(OPERATOR, purpose="operations") as services:
        study = services.clinical.study(study_id)
        policy = studies.validate(services, study)
    return _form(visit, study, is_new=False, below_floor=list(policy.below_floor))


@router.post("/studies/changes")
def look(visit: Operator, form: GivenForm) -> Response:
    """Show what the form would change; nothing is changed yet."""
    with visit.calling(OPERATOR, purpose="operations") as services:
        before = studies.stored(services, form.text("id"))
        after = _study(form, before)
        policy = studies.validate(services, after)
    found = changes(before, after) if before else []
    return visit.render(
        "studies/changes.html",
        form=form,
        before=before,
        after=after,
        record=describe(after),
        changes=found,
        is_grave=any(one.is_grave for one in found),
        below_floor=list(policy.below_floor),
    )


@router.post("/studies/write")
def write(visit: Operator, form: GivenForm) -> Response:
    """Change the study as it was shown; what is grave asks again who one is."""
    study_id = form.text("id")
    with visit.calling(OPERATOR, purpose="operations") as services:
        before = studies.stored(services, study_id)
        after = _study(form, before)
        if before is None or any(one.is_grave for one in changes(before, after)):
            visit.step_up(f"/studies/{study_id}" if before else "/studies/new")
        studies.write(services, after)
    return visit.go(f"/studies/{study_id}")


def _form(
    visit: Visit, study: study_pb2.Study, *, is_new: bool, below_floor: Sequence[str] = ()
) -> Response:
    policies = [*SHIPPED, *([study.policy] if study.policy_document else [])]
    return visit.render(
        "studies/form.html",
        study=study,
        is_new=is_new,
        below_floor=below_floor,
        policies=[(name, name) for name in policies],
        reviews=[
            ("required", visit.say("A reviewer reads and approves each transcript")),
            ("automatic", visit.say("The rule of the policy may approve by itself")),
        ],
        notations=[(one.value, one.value) for one in Notation],
        sounds=[(one.value, one.value) for one in AudioMode],
        notation=notation_of(study),
        audio=audio_of(study),
        members="\n".join(f"{who}: {' '.join(roles)}" for who, roles in members_of(study).items()),
    )


def _study(form: Form, before: study_pb2.Study | None) -> study_pb2.Study:
    """Return the study as the form has it; what the form does not show stays as it is."""
    study = study_pb2.Study()
    if before is not None:
        study.CopyFrom(before)
    study.id, study.title = form.text("id"), form.text("title", most=300)
    if not re.fullmatch(ids.STUDY_ID, study.id):
        raise InvalidInput(ids.ADVICE[ids.STUDY_ID])
    policy = form.text("policy")
    if policy != study.policy:
        study.policy, study.policy_document = policy, ""
    is_automatic = form.one_of("review", ("required", "automatic")) == "automatic"
    study.review = (
        study_pb2.REVIEW_MODE_AUTOMATIC if is_automatic else study_pb2.REVIEW_MODE_REQUIRED
    )
    study.keep_recordings_days = form.number("keep_recordings_days")
    study.speakers = form.number("speakers")
    notations = {one.value: one.number for one in Notation}
    notation = notations[form.one_of("notation", notations)]
    audio = form.one_of("audio", [one.value for one in AudioMode])
    number = 0 if audio == "none" else study_pb2.AudioMode.Value(f"AUDIO_MODE_{audio.upper()}")
    study.notation = cast("study_pb2.Notation", notation)
    study.audio = cast("study_pb2.AudioMode", number)
    for name in _TICKS:
        setattr(study, name, bool(form.text(name)))
    del study.languages[:], study.participants[:], study.members[:]
    study.languages.extend(_words(form.text("languages")))
    study.participants.extend(dict.fromkeys(_words(form.text("participants", most=200_000))))
    study.members.extend(map(_member, form.text("members", most=100_000).splitlines()))
    return study


def _words(text: str) -> list[str]:
    return re.split(r"[\s,;]+", text) if text else []


def _member(line: str) -> study_pb2.Member:
    person, mark, said = (part.strip() for part in line.partition(":"))
    roles = _words(said)
    if not mark or not roles or not re.fullmatch(ids.PERSON, person):
        raise InvalidInput("a member is a line such as siti: reviewer, or tan: researcher")
    known = {one.value for one in MemberRole}
    if unknown := sorted(set(roles) - known):
        raise InvalidInput(f"a member is {' or '.join(sorted(known))}, and {unknown[0]} is neither")
    return study_pb2.Member(person=person, roles=[f"MEMBER_ROLE_{one.upper()}" for one in roles])
