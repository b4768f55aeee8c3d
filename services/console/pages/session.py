# SPDX-License-Identifier: Apache-2.0
"""What concerns the session itself: that it goes on, and in which language."""

from __future__ import annotations

from fastapi import APIRouter
from starlette.responses import JSONResponse, Response

from services.console.web import cookies
from services.console.web.forms import GivenForm
from services.console.web.language import LANGUAGES
from services.console.web.visit import AnyVisit, SignedIn, local_path

router = APIRouter()


@router.post("/session/extend")
def extend(visit: SignedIn) -> Response:
    """Let the session go on, and say for how many seconds."""
    sessions = visit.console.sessions
    left = sessions.seconds_left(sessions.extend(visit.session)) if visit.session else 0
    return JSONResponse({"seconds_left": round(left)})


@router.get("/session/left")
def left(visit: SignedIn) -> Response:
    """Say for how many seconds the session goes on, which another page may have extended."""
    sessions = visit.console.sessions
    seconds = sessions.seconds_left(visit.session) if visit.session else 0
    return JSONResponse({"seconds_left": round(seconds)})


@router.post("/language")
def choose(visit: AnyVisit, form: GivenForm) -> Response:
    """Take the language that somebody chose, and go on where they were."""
    language = form.one_of("language", LANGUAGES)
    answer = visit.go(local_path(form.text("to")))
    cookies.give_language(answer, language)
    if visit.person:
        visit.console.store.set_language(visit.person, language)
    return answer
