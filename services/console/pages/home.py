# SPDX-License-Identifier: Apache-2.0
"""The first page: what waits for the person, and where it is."""

from __future__ import annotations

import structlog
from fastapi import APIRouter
from starlette.responses import Response

from services.common.errors import SottoError
from services.console.pages import (
    copies,
    officer_home,
    policies,
    quality,
    recordings,
    releases,
    reveals,
    review_home,
)
from services.console.web.visit import SignedIn
from services.console.web.waiting import Look, Waiting
from services.registry.identities import COMPLIANCE, OPERATOR, RESEARCHER, REVIEWER

_log = structlog.get_logger(__name__)
router = APIRouter()

#: By role, in the order of the page. Each page family has its row.
SECTIONS: tuple[tuple[str, Look], ...] = (
    (REVIEWER, review_home.look),
    (REVIEWER, quality.waiting),
    (REVIEWER, reveals.waiting),
    (RESEARCHER, copies.waiting),
    (RESEARCHER, releases.waiting),
    (COMPLIANCE, policies.waiting),
    (COMPLIANCE, officer_home.look),
    (COMPLIANCE, reveals.waiting_officer),
    (OPERATOR, recordings.waiting),
)


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
                faults.append(visit.say_error(error))
    return visit.render("home.html", waiting=waiting, faults=list(dict.fromkeys(faults)))
