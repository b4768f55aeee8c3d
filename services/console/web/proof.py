# SPDX-License-Identifier: Apache-2.0
"""Fresh proof of who one is within a form, so that nothing that was typed is lost on the way."""

from __future__ import annotations

from starlette.responses import Response

from services.console.domain.session import Source
from services.console.errors import SignInRefused
from services.console.web import cookies
from services.console.web.forms import Form
from services.console.web.visit import Visit


def is_needed(visit: Visit) -> bool:
    """Return whether the person has to show again who it is."""
    return visit.session is None or not visit.console.sessions.is_fresh(visit.session)


def take(visit: Visit, form: Form) -> str:
    """Take password and code from a form where they are needed, and return the session's new token.

    It is empty where none were needed. Raises SignInRefused where they are wrong, and where a
    provider signs people in, which asks on a page of its own.
    """
    if not is_needed(visit) or visit.session is None:
        return ""
    if visit.session.source is Source.PROVIDER:
        raise SignInRefused("your hospital's sign-in has not confirmed yet that it is you")
    visit.console.signing_in.check(
        visit.person, form.exact("password"), form.text("code"), visit.address
    )
    token = visit.console.sessions.step_up(visit.session)
    visit.session = visit.console.sessions.find(token)
    return token


def keep(answer: Response, token: str) -> Response:
    """Have the browser keep the new token of its session, if there is one."""
    if token:
        cookies.give(answer, token)
    return answer
