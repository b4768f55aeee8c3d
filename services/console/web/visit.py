# SPDX-License-Identifier: Apache-2.0
"""A visit: a request of a person who is signed in, or of nobody yet."""

from __future__ import annotations

import ipaddress
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import cached_property
from typing import Annotated

from fastapi import Depends, Request
from starlette.responses import HTMLResponse, RedirectResponse, Response

from services.common import context
from services.common.errors import SottoError
from services.console.adapters.services import Services
from services.console.domain.account import State
from services.console.domain.review_keys import Keymap
from services.console.domain.session import Ending, Session, Source, Stage
from services.console.errors import RoleLacking, SignInNeeded, StepUpNeeded, Worded
from services.console.web import cookies, language, navigation, templates
from services.console.web.console import Console, console_of
from services.console.web.refusals import say_refusal

#: Sent with requests that a page makes by itself, which keep no session alive.
BY_ITSELF = "sotto-by-itself"


class Visit:
    """What a page is given: for whom it is, and what it answers with.

    `session` is None, and `person` empty, for whoever is not signed in.
    """

    def __init__(
        self,
        request: Request,
        console: Console,
        session: Session | None,
        roles: tuple[str, ...] = (),
        studies: tuple[str, ...] = (),
    ) -> None:
        self.request = request
        self.console = console
        self.session = session
        self.roles = roles
        self.studies = studies
        self.person = session.person if session else ""
        chosen = console.store.language(self.person) if session else ""
        chosen = chosen or request.cookies.get(cookies.LANGUAGE, "")
        self.language = chosen if chosen in language.LANGUAGES else language.ENGLISH

    @cached_property
    def keys(self) -> Keymap:
        """The keys of the person."""
        return Keymap.read(self.console.store.keys(self.person))

    @property
    def address(self) -> str:
        """The network address that the request comes from, empty where it is none."""
        told = self.request.client.host if self.request.client else ""
        try:
            return str(ipaddress.ip_address(told.partition("%")[0]))
        except ValueError:
            return ""

    @property
    def path(self) -> str:
        """The path of the request with its query, to come back to."""
        query = self.request.url.query
        return self.request.url.path + (f"?{query}" if query else "")

    @property
    def is_fragment(self) -> bool:
        """Whether htmx asks, which puts the answer into a page that is there."""
        return self.request.headers.get("hx-request") == "true"

    def say(self, text: str, **values: object) -> str:
        """Return an English text in the visitor's language."""
        with language.speaking(self.language):
            return language.say(text, **values)

    def say_count(self, count: int, one: str, many: str, **values: object) -> str:
        """Return a text for one or for many, in the visitor's language."""
        return self.say(one if count == 1 else many, count=count, **values)

    def say_error(self, error: SottoError) -> str:
        """Return what an error says in the visitor's language, where it is known in it."""
        if isinstance(error, Worded):
            said = {name: self.say(value) for name, value in error.values.items()}
            return self.say(error.text, **said)
        with language.speaking(self.language):
            return say_refusal(error.message)

    def render(self, template: str, status: int = 200, **values: object) -> HTMLResponse:
        """Answer with a template; it knows the visit as `visit`."""
        session = self.session
        shown = {
            "visit": self,
            "places": navigation.places_of(self.roles),
            "seconds_left": round(self.console.sessions.seconds_left(session)) if session else 0,
        }
        with language.speaking(self.language):
            return HTMLResponse(templates.render(template, {**shown, **values}), status)

    def go(self, path: str) -> Response:
        """Answer with another page, which is asked for by GET."""
        if self.is_fragment:
            return Response(status_code=204, headers={"HX-Redirect": path})
        return RedirectResponse(path, 303)

    @contextmanager
    def calling(self, role: str, purpose: str = "research") -> Iterator[Services]:
        """Call services for the person in one of their roles, while the block lasts.

        A stream that was begun in the block may be read to its end after it. Raises
        PermissionDenied for a role that the person does not have.
        """
        if role not in self.roles or self.session is None:
            raise RoleLacking(role)
        assertion = self.console.assertions.assertion(
            person=self.person,
            role=role,
            studies=self.studies,
            session=self.session.handle,
            authenticated_at=self.session.authenticated,
        )
        with context.acting(
            person=self.person,
            role=role,
            purpose=purpose,
            request_id=context.new_request_id(),
            assertion=assertion,
        ):
            yield Services(self.console.channel)

    def step_up(self, path: str = "") -> None:
        """Demand that the person signed in within minutes, else lead to it and back to `path`.

        Without `path` the way leads back to this page.
        """
        if self.session is None or not self.console.sessions.is_fresh(self.session):
            raise StepUpNeeded(path or self.path)


def visit_of(request: Request) -> Visit:
    """Return the visit of a request, of whomever it is."""
    console = console_of(request)
    is_used = BY_ITSELF not in request.headers
    session = console.sessions.find(cookies.token_of(request), is_used=is_used)
    if session is None:
        return Visit(request, console, None)
    account = console.store.account(session.person)
    if session.source is Source.PROVIDER and account is not None:
        # One name is one person: the account was made while the provider's session lived.
        console.sessions.end(session, Ending.ENDED)
        return Visit(request, console, None)
    if session.source is Source.PROVIDER:
        return Visit(request, console, session, session.roles, session.studies)
    if session.stage is Stage.SET_UP:
        return Visit(request, console, session)
    if account is None or account.state is not State.ACTIVE:
        return Visit(request, console, None)
    return Visit(request, console, session, account.roles, account.studies)


def anybody(request: Request) -> Visit:
    """Return the visit, also of somebody who is not signed in."""
    return visit_of(request)


def signed_in(request: Request) -> Visit:
    """Return the visit of a person; others are led to the sign-in."""
    visit = visit_of(request)
    if visit.session is None or visit.session.stage is not Stage.SIGNED_IN:
        raise SignInNeeded(visit.path if request.method == "GET" else "/")
    return visit


def in_role(role: str) -> Callable[[Visit], Visit]:
    """Return a dependency that gives the visit of a person in a role; others may not."""

    def visit_in_role(visit: Annotated[Visit, Depends(signed_in)]) -> Visit:
        if role not in visit.roles:
            raise RoleLacking(role)
        return visit

    return visit_in_role


def local_path(text: str) -> str:
    """Return a path of ours to come back to; / for anything else, such as another site."""
    is_ours = text.startswith("/") and not text.startswith("//") and "\\" not in text
    return text if is_ours and text.isprintable() else "/"


AnyVisit = Annotated[Visit, Depends(anybody)]
"""The visit of anybody, for the parameters of a page."""

SignedIn = Annotated[Visit, Depends(signed_in)]
"""The visit of a person who is signed in, for the parameters of a page."""
