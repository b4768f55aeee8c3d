# SPDX-License-Identifier: Apache-2.0
"""The console in this process, with accounts, and people who are signed in."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import grpc
import httpx
from fastapi import FastAPI
from starlette.testclient import TestClient

from services.common import identity
from services.common.audit import AuditTrail
from services.common.client import Peers
from services.common.delegation import PRIVATE_KEY, Delegate
from services.common.errors import Unavailable
from services.console import application
from services.console.adapters.record import AuditRecord, Outbox
from services.console.adapters.services import Channel
from services.console.adapters.sqlite_store import SqliteStore
from services.console.domain import totp
from services.console.domain.account import Account, State
from services.console.domain.accounts import Accounts
from services.console.domain.federation import Federation
from services.console.domain.passwords import Passwords
from services.console.domain.sessions import Lifetimes, Sessions
from services.console.domain.signing_in import SigningIn
from services.console.web.console import Assertions, Console
from services.console.web.guard import hosts
from services.registry.identities import CONSOLE
from tests.support.deployment import Deployment
from tests.support.fake_audit_log import FakeAuditLog

HOST = "127.0.0.1"
PASSWORD = "seven quiet herons wade"
_SECRET = b"a secret of 20 bytes"
_PASSWORDS = Passwords()
_KEPT = _PASSWORDS.hashed(PASSWORD)
#: What a browser sends with what a person does on our own pages.
OURS = {"sec-fetch-site": "same-origin", "sec-fetch-mode": "navigate", "sec-fetch-dest": "document"}


def no_service(name: str) -> grpc.Channel:
    """Say of each service that it is away; a test that needs one gives Desk a channel."""
    raise Unavailable(f"this test has no {name}")


class PlainAssertions:
    """Statements that no service of ours would take, to see what is stated."""

    def __init__(self) -> None:
        self.stated: list[dict[str, Any]] = []

    def assertion(self, **claims: Any) -> str:
        """Keep what is stated."""
        self.stated.append(claims)
        return "unsigned"


class OwnCertificate:
    """No statement: the calls of a test are made with the certificate of the role."""

    def assertion(self, **_claims: object) -> str:
        """State nothing."""
        return ""


@contextlib.contextmanager
def installed_desk(folder: Path, deployment: Deployment) -> Iterator[Desk]:
    """Give a console that calls the started services of a deployment, as the process does."""
    own = deployment.installation.pki / CONSOLE
    peers = Peers(identity.load(own), deployment.addresses)
    delegate = Delegate(own / PRIVATE_KEY)
    try:
        with Desk(folder, channel=peers.channel, assertions=delegate) as desk:
            yield desk
    finally:
        peers.close()


class Desk:
    """The console over a folder, with a clock that tests move, and a log that they read.

    `channel` leads to services; `assertions` states to them for whom the console calls, as
    `Delegate` of an installation does.
    """

    def __init__(
        self,
        folder: Path,
        *,
        channel: Channel | None = None,
        assertions: Assertions | None = None,
        federation: Federation | None = None,
    ) -> None:
        self.ahead = 0.0
        self.log = FakeAuditLog()
        self.store = SqliteStore(folder / "accounts.sqlite")
        trail = AuditTrail(self.log)
        self.outbox = Outbox(self.store)
        record = AuditRecord(trail, self.outbox)
        self.trail = trail
        self.sessions = Sessions(self.store, record, Lifetimes(900.0, 36000.0), self.now)
        self.accounts = Accounts(self.store, self.now)
        self.console = Console(
            store=self.store,
            accounts=self.accounts,
            sessions=self.sessions,
            signing_in=SigningIn(self.store, self.accounts, _PASSWORDS, record, self.now),
            channel=channel or no_service,
            assertions=assertions or PlainAssertions(),
            is_host=hosts(frozenset({HOST, "localhost"})),
            record=record,
            federation=federation,
        )
        self.app = application.build(self.console)
        self._clients: list[TestClient] = []

    def beside(self) -> TestClient:
        """Return a browser at a second console over the same store, as after a restart."""
        return self._client_of(application.build(self.console))

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.close()

    def close(self) -> None:
        """Close all browsers and the store."""
        for client in self._clients:
            client.close()
        self.store.close()

    def now(self) -> float:
        """Return the time of the console."""
        return time.time() + self.ahead

    def account(self, name: str, *roles: str, studies: Sequence[str] = ()) -> Account:
        """Make an account that is set up, with `PASSWORD`."""
        made = Account(
            name, roles, tuple(studies), State.ACTIVE, _KEPT, _SECRET, created=self.now()
        )
        self.store.put(made)
        return made

    def code(self) -> str:
        """Return what the authenticator shows now; each is good once, so time passes."""
        self.ahead += 30.0
        return totp.code_at(_SECRET, totp.step_of(self.now()))

    def browser(self) -> TestClient:
        """Return a browser in which nobody is signed in; it follows no redirect by itself."""
        return self._client_of(self.app)

    def _client_of(self, app: FastAPI) -> TestClient:
        client = TestClient(
            app,
            base_url=f"https://{HOST}:8443",
            headers=OURS,
            follow_redirects=False,
            raise_server_exceptions=False,
            client=(HOST, 50000),
        )
        self._clients.append(client)
        return client

    def signed_in(self, name: str, *roles: str, studies: Sequence[str] = ()) -> TestClient:
        """Return a browser in which a person is signed in, in the roles that are given."""
        if roles:
            self.account(name, *roles, studies=studies)
        client = self.browser()
        token = self.sessions.open(name, self.accounts.get(name).roles, HOST)
        client.cookies.set("__Host-sotto", token, domain=HOST, path="/")
        return client

    def sign_in(self, client: TestClient, name: str, to: str = "/") -> httpx.Response:
        """Sign in as a person does, by the form."""
        return client.post(
            "/sign-in",
            data={"account": name, "password": PASSWORD, "code": self.code(), "to": to},
        )
