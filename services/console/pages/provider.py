# SPDX-License-Identifier: Apache-2.0
"""Signing in and out by the hospital's identity provider."""

from __future__ import annotations

from dataclasses import replace

from fastapi import APIRouter
from starlette.responses import PlainTextResponse, RedirectResponse, Response

from services.common.errors import NotFound
from services.console.domain.federation import Arrival, Federation
from services.console.domain.session import Ending, Source
from services.console.errors import SignInRefused
from services.console.web import cookies
from services.console.web.forms import GivenForm
from services.console.web.visit import AnyVisit, SignedIn, Visit, local_path

router = APIRouter()

#: What the provider calls by itself, with a proof in the message.
LOGOUT_PATH = "/sign-out/provider"


@router.get("/sign-in/provider")
def begin(visit: AnyVisit, to: str = "/") -> Response:
    """Lead to the hospital's sign-in."""
    return _leave(visit, local_path(to))


@router.get("/step-up/provider")
def begin_step_up(visit: SignedIn, to: str = "/") -> Response:
    """Lead to the hospital's sign-in, which asks again who the person is."""
    handle = visit.session.handle if visit.session else ""
    return _leave(visit, local_path(to), handle)


@router.get("/sign-in/provider/return")
def arrive(visit: AnyVisit) -> Response:
    """Let in whoever comes back from the hospital's sign-in."""
    federation = _federation(visit)
    kept = visit.request.cookies.get(cookies.TRIP, "")
    try:
        arrival = federation.finish(kept, dict(visit.request.query_params))
        answer = _let_in(visit, arrival)
    except SignInRefused as error:
        visit.console.record.refused("", error.reason, visit.address)
        answer = visit.render(
            "sign_in.html", 403, to="/", fault=visit.say_error(error), account="", is_out=False
        )
    cookies.take_trip(answer)
    return answer


@router.post(LOGOUT_PATH)
def end(visit: AnyVisit, form: GivenForm) -> Response:
    """End the sessions that the provider says have ended (OpenID Connect Back-Channel Logout)."""
    try:
        session, person = _federation(visit).ended(form.exact("logout_token", most=16_000))
    except SignInRefused as error:
        visit.console.record.refused("", error.reason, visit.address)
        return PlainTextResponse("invalid_request", 400)
    sessions = visit.console.sessions
    for one in visit.console.store.sessions():
        is_meant = one.provider_session == session if session else one.person == person
        if one.source is Source.PROVIDER and is_meant:
            sessions.end(one, Ending.ENDED)
    return Response(status_code=200)


def _leave(visit: Visit, to: str, handle: str = "") -> Response:
    where, kept = _federation(visit).begin(to, handle)
    answer = RedirectResponse(where, 303)
    cookies.give_trip(answer, kept)
    return answer


def _let_in(visit: Visit, arrival: Arrival) -> Response:
    sessions, member = visit.console.sessions, arrival.member
    answer = visit.go(arrival.to)
    if arrival.handle:
        session = visit.session
        if session is None or (session.handle, session.person) != (arrival.handle, member.person):
            raise SignInRefused(
                "you signed in as somebody else than before; sign out, then sign in again",
                reason="person_changed",
            )
        renewed = replace(session, provider_session=arrival.provider_session)
        cookies.give(answer, sessions.step_up(renewed))
        return answer
    if visit.console.store.account(member.person) is not None:
        raise SignInRefused(
            "there is an account {person} of the console too; sign in with that one, or"
            " have it removed: one name is one person",
            reason="account_of_another",
            person=member.person,
        )
    if visit.session:
        sessions.end(visit.session, Ending.SIGNED_OUT)
    token = sessions.open(
        member.person,
        member.roles,
        visit.address,
        source=Source.PROVIDER,
        studies=member.studies,
        provider_session=arrival.provider_session,
        authenticated=arrival.authenticated,
    )
    cookies.give(answer, token)
    return answer


def _federation(visit: Visit) -> Federation:
    if visit.console.federation is None:
        raise NotFound("this console has no sign-in by the hospital's accounts")
    return visit.console.federation
