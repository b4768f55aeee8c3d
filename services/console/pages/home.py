# SPDX-License-Identifier: Apache-2.0
"""The first page: what waits for the person, and where it is."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import structlog
from fastapi import APIRouter
from starlette.responses import Response

from services.common.errors import SottoError
from services.console.web.visit import SignedIn, Visit

_log = structlog.get_logger(__name__)
router = APIRouter()


@dataclass(frozen=True, slots=True)
class Waiting:
    """What waits for a person: a heading, a sentence and a link, in the visitor's language."""

    heading: str
    text: str
    path: str
    link: str
    count: int | None = None


Look = Callable[[Visit], Sequence[Waiting]]
"""Looks what waits for a visitor in a role."""

#: By role, in the order of the page. Each page family has its row.
SECTIONS: tuple[tuple[str, Look], ...] = ()


@router.get("/")
def home(visit: SignedIn) -> Response:
    """Show what waits, role by role; where a service is away, the other parts are shown."""
    waiting: list[Waiting] = []
    faults: list[str] = []
    for role, look in SECTIONS:
        if role in visit.roles:
            try:
                waiting += look(visit)
            except SottoError as error:
                _log.warning("home_part_failed", reason=error.reason)
                faults.append(error.message)
    return visit.render("home.html", waiting=waiting, faults=list(dict.fromkeys(faults)))
