# SPDX-License-Identifier: Apache-2.0
"""What all pages share: accounts, sessions, and the way to the services."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Protocol, cast

from fastapi import Request

from services.console.adapters.services import Channel
from services.console.domain.accounts import Accounts
from services.console.domain.federation import Federation
from services.console.domain.ports import Record, Store
from services.console.domain.sessions import Sessions
from services.console.domain.signing_in import SigningIn


class Assertions(Protocol):
    """What states for whom the console calls a service, signed; `Delegate` does."""

    def assertion(
        self,
        *,
        person: str,
        role: str,
        studies: tuple[str, ...],
        session: str,
        authenticated_at: float,
    ) -> str:
        """Return a statement that lives for a minute."""
        ...


@dataclass(frozen=True, slots=True)
class Console:
    """The parts of the application; `federation` is None where no identity provider is set.

    `certificates` returns when those of this process end, by what they are for.
    """

    store: Store
    accounts: Accounts
    sessions: Sessions
    signing_in: SigningIn
    channel: Channel
    assertions: Assertions
    is_host: Callable[[str], bool]
    record: Record
    federation: Federation | None = None
    certificates: Callable[[], Mapping[str, dt.datetime]] = dict


def console_of(request: Request) -> Console:
    """Return the parts of the application that serves a request."""
    return cast("Console", request.app.state.console)
