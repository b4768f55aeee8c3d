# SPDX-License-Identifier: Apache-2.0
"""Keys of the review pages: a person switches them off, or gives them others (WCAG 2.1.4)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated

from fastapi import APIRouter, Depends
from starlette.responses import Response

from services.common.errors import InvalidInput
from services.console.domain import review_keys
from services.console.domain.review_keys import COMMANDS, NAMED, Keymap
from services.console.web.forms import GivenForm
from services.console.web.visit import Visit, in_role, local_path
from services.registry.identities import REVIEWER

router = APIRouter()
Reviewer = Annotated[Visit, Depends(in_role(REVIEWER))]


@router.get("/review/keys")
def keys(visit: Reviewer, to: str = "") -> Response:
    """Show the keys of the person, to be changed."""
    return _show(visit, visit.keys, to)


@router.post("/review/keys")
def keep(visit: Reviewer, form: GivenForm) -> Response:
    """Keep the keys that were given, go back to the usual ones, or switch them off or on."""
    act = form.one_of("action", ("keep", "usual", "off", "on"))
    to = local_path(form.text("to")) if form.text("to") else "/review/keys"
    before = visit.keys
    if act == "keep":
        given = {one.control: form.text(one.control, most=100) for one in COMMANDS}
        try:
            made = review_keys.chosen(given, is_on=before.is_on)
        except InvalidInput as error:
            return _show(visit, before, to, given=given, fault=visit.say_error(error), status=422)
    elif act == "usual":
        made = Keymap({}, before.is_on)
    else:
        made = Keymap(before.chosen, act == "on")
    visit.console.store.set_keys(visit.person, made.text())
    return visit.go(to)


def _show(
    visit: Visit,
    found: Keymap,
    to: str,
    *,
    given: Mapping[str, str] | None = None,
    fault: str = "",
    status: int = 200,
) -> Response:
    rows = [
        (one, " ".join(found.keys(one.control)) if given is None else given[one.control])
        for one in COMMANDS
    ]
    return visit.render(
        "review/keys.html",
        status,
        rows=rows,
        is_on=found.is_on,
        is_usual=not found.chosen,
        named=NAMED,
        to=local_path(to) if to else "/review",
        fault=fault,
    )
