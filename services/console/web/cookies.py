# SPDX-License-Identifier: Apache-2.0
"""The cookies: the token of a session, and of a sign-in under way; the language of a visitor."""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import Response

#: The prefix has browsers demand Secure, no Domain and the path / (RFC 6265bis, 4.1.3.2).
SESSION = "__Host-sotto"
LANGUAGE = "__Host-sotto-language"
TRIP = "__Host-sotto-sign-in"
_TRIP_SECONDS = 600
_YEAR_SECONDS = 365 * 24 * 3600


def token_of(request: Request) -> str:
    """Return the token that a browser shows, empty for none."""
    return request.cookies.get(SESSION, "")


def give(response: Response, token: str) -> None:
    """Have a browser keep a token until it is closed; the server ends it sooner."""
    response.set_cookie(SESSION, token, path="/", secure=True, httponly=True, samesite="lax")


def take(response: Response) -> None:
    """Have a browser forget the token, and whatever else it keeps of us."""
    response.delete_cookie(SESSION, path="/", secure=True, httponly=True, samesite="lax")
    response.headers["clear-site-data"] = '"cookies", "storage"'


def give_trip(response: Response, token: str) -> None:
    """Have a browser keep what tells that a sign-in by the provider was begun in it."""
    response.set_cookie(
        TRIP, token, _TRIP_SECONDS, path="/", secure=True, httponly=True, samesite="lax"
    )


def take_trip(response: Response) -> None:
    """Have a browser forget a sign-in by the provider, which has ended."""
    response.delete_cookie(TRIP, path="/", secure=True, httponly=True, samesite="lax")


def give_language(response: Response, language: str) -> None:
    """Have a browser keep the language that somebody chose who is not signed in."""
    response.set_cookie(
        LANGUAGE, language, _YEAR_SECONDS, path="/", secure=True, httponly=True, samesite="lax"
    )
