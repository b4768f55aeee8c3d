# SPDX-License-Identifier: Apache-2.0
"""Errors as pages: what happened and what to do."""

from __future__ import annotations

from collections.abc import Mapping
from urllib.parse import quote

import structlog
from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.responses import Response

from services.common.errors import SottoError
from services.console.errors import SignInNeeded, StepUpNeeded
from services.console.web.language import ENGLISH
from services.console.web.visit import Visit, local_path, visit_of

_log = structlog.get_logger(__name__)

_STATUSES: Mapping[str, int] = {
    "INVALID_ARGUMENT": 400,
    "NOT_FOUND": 404,
    "ALREADY_EXISTS": 409,
    "PERMISSION_DENIED": 403,
    "UNAUTHENTICATED": 403,
    "FAILED_PRECONDITION": 409,
    "ABORTED": 409,
    "UNAVAILABLE": 503,
    "DEADLINE_EXCEEDED": 504,
    "CANCELLED": 503,
    "RESOURCE_EXHAUSTED": 429,
    "DATA_LOSS": 500,
}
#: What stands above the message, by status.
TITLES: Mapping[int, str] = {
    400: "This could not be used",
    403: "This is not yours to do",
    404: "There is nothing here",
    405: "There is nothing here",
    409: "This does not fit any more",
    429: "Not now",
    503: "A part of Sotto does not answer",
    504: "A part of Sotto does not answer",
}
DEFECT = "This went wrong on our side"
_NOTHING = "There is no such page, or it is not one of yours; start from the first page"
_WRONG = "The request was not understood; go back and try again"
_DEFECT = (
    "The console has a defect here; nothing is known to be lost. Tell hospital IT when it"
    " happened: the log of the console has the place"
)


def install(app: FastAPI) -> None:
    """Have the application answer with pages to whatever is raised."""
    app.add_exception_handler(SottoError, _sotto)
    app.add_exception_handler(HTTPException, _http)
    app.add_exception_handler(RequestValidationError, _invalid)
    app.add_exception_handler(Exception, _defect)


def _sotto(request: Request, error: Exception) -> Response:
    if isinstance(error, SignInNeeded):
        return visit_of(request).go(f"/sign-in?to={quote(local_path(error.path))}")
    if not isinstance(error, SottoError):
        return _defect(request, error)
    if error.reason == "step_up_required":
        path = error.path if isinstance(error, StepUpNeeded) else _page_of(request)
        return visit_of(request).go(f"/step-up?to={quote(local_path(path))}")
    status = _STATUSES.get(error.status, 500)
    if status >= 500:
        _log.warning("page_failed", reason=error.reason, status=status)
    visit = visit_of(request)
    said = visit.say_error(error)
    return _shown(visit, status, said, is_known=said != error.message)


def _page_of(request: Request) -> str:
    """Return the page to come back to: the one that was asked for, or that has the form."""
    visit = visit_of(request)
    return visit.path if request.method == "GET" else request.url.path


def _http(request: Request, error: Exception) -> Response:
    status = error.status_code if isinstance(error, HTTPException) else 404
    return _page(request, status, _NOTHING if status in {404, 405} else _WRONG)


def _invalid(request: Request, _error: Exception) -> Response:
    return _page(request, 400, _WRONG)


def _defect(request: Request, error: Exception) -> Response:
    _log.error("page_broke", exc_info=error)
    return _page(request, 500, _DEFECT)


def _page(request: Request, status: int, message: str) -> Response:
    visit = visit_of(request)
    return _shown(visit, status, visit.say(message), is_known=True)


def _shown(visit: Visit, status: int, message: str, *, is_known: bool) -> Response:
    """Show a message; one that is not known in the visitor's language is English."""
    return visit.render(
        "errors/fragment.html" if visit.is_fragment else "errors/page.html",
        status,
        title=TITLES.get(status, DEFECT),
        message=message,
        message_language=visit.language if is_known else ENGLISH,
    )
