# SPDX-License-Identifier: Apache-2.0
"""Names that a study knows and that are never missed: added or replaced, and shown to nobody."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from typing import TypeVar

from fastapi import APIRouter
from pydantic import ValidationError
from starlette.responses import Response

from services.common.roster_document import Roster, RosterPerson, RosterPlace
from services.console.errors import SignInRefused, TooManyAttempts
from services.console.pages.studies import Operator
from services.console.web import proof
from services.console.web.faults import Fault, Unusable, of_record
from services.console.web.forms import Form, GivenForm
from services.console.web.visit import Visit
from services.registry.identities import OPERATOR
from services.studies import studies
from services.studies.study_changes import Change, of_added_names, of_roster
from sotto.study.v1 import study_pb2

router = APIRouter()

_ADD, _REPLACE = "add", "replace"
_LISTS: Mapping[str, tuple[str, ...]] = {
    "people": ("name", "also", "role", "participant"),
    "places": ("name", "also", "kind"),
}
_MOST = 500_000
_Entry = TypeVar("_Entry", RosterPerson, RosterPlace)


@router.get("/studies/{study_id}/names")
def ask(visit: Operator, study_id: str) -> Response:
    """Say how many names are known, and take others."""
    return _form(visit, study_id, {"people": "", "places": "", "how": _ADD})


@router.post("/studies/{study_id}/names")
def look(visit: Operator, study_id: str, form: GivenForm) -> Response:
    """Show how many names would be there; nothing is changed yet."""
    return _decide(visit, study_id, form, is_wanted=False)


@router.post("/studies/{study_id}/names/write")
def write(visit: Operator, study_id: str, form: GivenForm) -> Response:
    """Seal the names; where fewer would be there, one shows again who one is."""
    return _decide(visit, study_id, form, is_wanted=True)


def _decide(visit: Visit, study_id: str, form: Form, *, is_wanted: bool) -> Response:
    given = {name: form.exact(name, most=_MOST) for name in _LISTS}
    given["how"] = form.one_of("how", (_ADD, _REPLACE))
    fault, status, token = "", 200, ""
    with visit.calling(OPERATOR, purpose="operations") as services:
        study = services.clinical.study(study_id)
        try:
            roster = _roster(given, study)
        except Unusable as error:
            return _form(visit, study_id, given, error.faults)
        compared = studies.compare_roster(services, study_id, roster)
        change = _change(given["how"], compared.names_before, roster)
        if is_wanted:
            if form.text("seen") != str(compared.names_before):
                fault = "The names were changed meanwhile. Look at what would change now."
                status = 409
            else:
                try:
                    token = proof.take(visit, form) if change.is_grave else ""
                except (SignInRefused, TooManyAttempts) as error:
                    fault, status = visit.say_error(error), 403
        if is_wanted and not fault:
            put = studies.add_names if given["how"] == _ADD else studies.replace_roster
            put(services, study_id, roster)
            return proof.keep(visit.go(f"/studies/{study_id}/names"), token)
    return visit.render(
        "studies/names_changes.html",
        status,
        study=study,
        given=given,
        change=change,
        existed=compared.existed,
        whose=sorted(Counter(one.participant for one in roster.people).items()),
        place_count=len(roster.places),
        seen=compared.names_before,
        proof_needed=change.is_grave and proof.is_needed(visit),
        fault=fault,
    )


def _change(how: str, before: int, roster: Roster) -> Change:
    if how == _ADD:
        return of_added_names(before, roster.name_count)
    return of_roster(before, roster.name_count)


def _form(
    visit: Visit, study_id: str, given: Mapping[str, str], faults: Sequence[Fault] = ()
) -> Response:
    with visit.calling(OPERATOR, purpose="operations") as services:
        study = services.clinical.study(study_id)
        known = studies.compare_roster(services, study_id, Roster()).names_before
    return visit.render(
        "studies/names.html",
        400 if faults else 200,
        study=study,
        known=known,
        given=given,
        faults=faults,
        hows=[
            (_ADD, visit.say("Add these to the names that are there")),
            (_REPLACE, visit.say("Replace the names that are there by these")),
        ],
    )


def _roster(given: Mapping[str, str], study: study_pb2.Study) -> Roster:
    """Return the names of a form; raises Unusable with list and line of each fault, and no name."""
    faults: list[Fault] = []
    found = {name: list(_entries(given[name], name, faults)) for name in _LISTS}
    people = list(_checked(RosterPerson, found["people"], "people", faults))
    places = list(_checked(RosterPlace, found["places"], "places", faults))
    codes = set(study.participants)
    for line, one in people:
        if one.participant and one.participant not in codes:
            faults.append(Fault("people", "the fourth part is a participant of the study", line))
    if not faults and not people and not places:
        faults.append(Fault("people", "is needed, or a place below"))
    if faults:
        raise Unusable(sorted(faults, key=lambda one: (one.field, one.line)))
    return Roster(people=tuple(one for _, one in people), places=tuple(one for _, one in places))


def _entries(text: str, field: str, faults: list[Fault]) -> Iterator[tuple[int, dict[str, object]]]:
    """Yield the parts of each line by name, with its number."""
    names = _LISTS[field]
    for number, line in enumerate(text.splitlines(), start=1):
        if not line.strip():
            continue
        parts = [part.strip() for part in re.split(r"[;\t]", line)]
        if len(parts) > len(names):
            faults.append(Fault(field, f"a line has {len(names)} parts at most", number))
            continue
        values: dict[str, object] = {k: v for k, v in zip(names, parts, strict=False) if v}
        if "also" in values:
            values["also"] = [one.strip() for one in str(values["also"]).split(",") if one.strip()]
        yield number, values


def _checked(
    kind: type[_Entry],
    found: Sequence[tuple[int, dict[str, object]]],
    field: str,
    faults: list[Fault],
) -> Iterator[tuple[int, _Entry]]:
    for number, values in found:
        try:
            yield number, kind.model_validate(values)
        except ValidationError as error:
            told = of_record(error, {})
            faults += [Fault(field, f"{one.field}: {one.text}", number) for one in told]
