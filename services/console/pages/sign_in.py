# SPDX-License-Identifier: Apache-2.0
"""Signing in, and out."""

from __future__ import annotations

from fastapi import APIRouter
from starlette.responses import Response

from services.console.domain.session import Ending, Stage
from services.console.errors import SignInRefused, TooManyAttempts
from services.console.web import cookies
from services.console.web.forms import Form, GivenForm
from services.console.web.visit import AnyVisit, SignedIn, Visit, local_path

router = APIRouter()


@router.get("/sign-in")
def ask(visit: AnyVisit, to: str = "/") -> Response:
    """Ask for account, password and code."""
    if visit.session and visit.session.stage is Stage.SIGNED_IN:
        return visit.go(local_path(to))
    return _page(visit, local_path(to))


@router.post("/sign-in")
def check(visit: AnyVisit, form: GivenForm) -> Response:
    """Sign in whoever gave what belongs together."""
    to = local_path(form.text("to"))
    try:
        account = visit.console.signing_in.check(*_given(form), visit.address)
    except (SignInRefused, TooManyAttempts) as error:
        status = 429 if isinstance(error, TooManyAttempts) else 403
        return _page(visit, to, status, visit.say_error(error), form.text("account"))
    if visit.session:
        visit.console.sessions.end(visit.session, Ending.SIGNED_OUT)
    answer = visit.go(to)
    cookies.give(answer, visit.console.sessions.open(account.name, account.roles, visit.address))
    return answer


@router.post("/sign-out")
def leave(visit: SignedIn) -> Response:
    """End the session, here and on the server."""
    if visit.session:
        visit.console.sessions.end(visit.session, Ending.SIGNED_OUT)
    answer = visit.go("/sign-in?out=1")
    cookies.take(answer)
    return answer


def _given(form: Form) -> tuple[str, str, str]:
    return form.text("account"), form.exact("password"), form.text("code")


def _page(visit: Visit, to: str, status: int = 200, fault: str = "", account: str = "") -> Response:
    return visit.render(
        "sign_in.html",
        status,
        to=to,
        fault=fault,
        account=account,
        is_out="out" in visit.request.query_params,
    )
