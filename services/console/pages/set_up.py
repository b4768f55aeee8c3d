# SPDX-License-Identifier: Apache-2.0
"""Setting an account up: from a one-time code to a password and an authenticator."""

from __future__ import annotations

import io

import segno
from fastapi import APIRouter
from starlette.responses import Response

from services.common.errors import InvalidInput
from services.console.domain import totp
from services.console.domain.account import Account
from services.console.domain.session import Ending, Stage
from services.console.errors import SignInNeeded, SignInRefused, TooManyAttempts
from services.console.web import cookies
from services.console.web.forms import GivenForm
from services.console.web.visit import AnyVisit, Visit

router = APIRouter()


@router.get("/set-up")
def ask(visit: AnyVisit) -> Response:
    """Ask for the account and its set-up code."""
    return visit.render("set_up/code.html", fault="", account="")


@router.post("/set-up")
def check(visit: AnyVisit, form: GivenForm) -> Response:
    """Go on with whoever has the code."""
    name, code = form.text("account"), form.text("set_up_code")
    try:
        account = visit.console.signing_in.begin_set_up(name, code, visit.address)
    except (SignInRefused, TooManyAttempts) as error:
        return visit.render("set_up/code.html", 403, fault=visit.say_error(error), account=name)
    answer = visit.go("/set-up/finish")
    token = visit.console.sessions.open(
        account.name, account.roles, visit.address, stage=Stage.SET_UP
    )
    cookies.give(answer, token)
    return answer


@router.get("/set-up/finish")
def finish(visit: AnyVisit) -> Response:
    """Show the secret to scan, and ask for a password and the first code."""
    return _finish(visit, _setting_up(visit))


@router.post("/set-up/finish")
def done(visit: AnyVisit, form: GivenForm) -> Response:
    """Take the password, and sign in."""
    account = _setting_up(visit)
    try:
        visit.console.signing_in.finish_set_up(
            account.name, form.exact("password"), form.text("code"), visit.address
        )
    except (InvalidInput, SignInRefused, TooManyAttempts) as error:
        return _finish(visit, account, 400, visit.say_error(error))
    if visit.session:
        visit.console.sessions.end(visit.session, Ending.SIGNED_OUT)
    answer = visit.go("/")
    cookies.give(answer, visit.console.sessions.open(account.name, account.roles, visit.address))
    return answer


@router.get("/set-up/qr.svg")
def picture(visit: AnyVisit) -> Response:
    """Draw the secret for a phone's camera."""
    account = _setting_up(visit)
    drawn = io.BytesIO()
    code = segno.make(totp.uri(account.totp_secret, account.name), error="m", micro=False)
    code.save(drawn, kind="svg", scale=5, border=4, dark="#000", light="#fff", xmldecl=False)
    return Response(drawn.getvalue(), media_type="image/svg+xml")


def _setting_up(visit: Visit) -> Account:
    account = visit.console.store.account(visit.person) if visit.session else None
    if visit.session is None or visit.session.stage is not Stage.SET_UP or account is None:
        raise SignInNeeded("/")
    return account


def _finish(visit: Visit, account: Account, status: int = 200, fault: str = "") -> Response:
    text = totp.as_text(account.totp_secret)
    secret = " ".join(text[at : at + 4] for at in range(0, len(text), 4))
    return visit.render("set_up/finish.html", status, account=account, secret=secret, fault=fault)
