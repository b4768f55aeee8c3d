# SPDX-License-Identifier: Apache-2.0
"""Showing again who one is, before what matters most."""

from __future__ import annotations

from fastapi import APIRouter
from starlette.responses import Response

from services.console.errors import SignInRefused, TooManyAttempts
from services.console.web import cookies
from services.console.web.forms import GivenForm
from services.console.web.visit import SignedIn, local_path

router = APIRouter()


@router.get("/step-up")
def ask(visit: SignedIn, to: str = "/") -> Response:
    """Ask for password and code of the person who is signed in."""
    return visit.render("step_up.html", to=local_path(to), fault="")


@router.get("/step-up/shown")
def shown(visit: SignedIn) -> Response:
    """Say, in the tab that was opened for it, that it is enough."""
    return visit.render("step_up_shown.html")


@router.post("/step-up")
def check(visit: SignedIn, form: GivenForm) -> Response:
    """Give the session a new token, and lead back."""
    to = local_path(form.text("to"))
    try:
        visit.console.signing_in.check(
            visit.person, form.exact("password"), form.text("code"), visit.address
        )
    except (SignInRefused, TooManyAttempts) as error:
        return visit.render("step_up.html", 403, to=to, fault=visit.say_error(error))
    answer = visit.go(to)
    if visit.session:
        cookies.give(answer, visit.console.sessions.step_up(visit.session))
    return answer
