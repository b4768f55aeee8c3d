# SPDX-License-Identifier: Apache-2.0
"""The copies that a researcher holds: what concerns them, and what became of them."""

from __future__ import annotations

import re
from collections.abc import Sequence

from fastapi import APIRouter
from starlette.responses import Response

from services.common.errors import InvalidInput
from services.console.adapters.services import Services
from services.console.pages.copy_words import (
    Holding,
    holdings,
    moment_of,
    purpose_of,
)
from services.console.pages.researcher import ResearcherVisit
from services.console.web.forms import GivenForm
from services.console.web.visit import Visit
from services.console.web.waiting import Waiting
from services.registry import ids
from services.registry.identities import RESEARCHER
from sotto.release.v1 import copy_pb2

router = APIRouter()


@router.get("/copies")
def copies(visit: ResearcherVisit) -> Response:
    """Show what the person holds, what concerns it, and what they declared destroyed."""
    with visit.calling(RESEARCHER) as services:
        found = _copies(services)
    return visit.render(
        "copies/mine.html",
        holdings=holdings(found),
        gone=[one for one in found if one.HasField("destroyed_at")],
        moment_of=moment_of,
        purpose_of=purpose_of,
    )


@router.post("/copies/read")
def read(visit: ResearcherVisit, form: GivenForm) -> Response:
    """Take the person's word that they read what the page told of a release."""
    shown = set(form.texts("notice"))
    with visit.calling(RESEARCHER) as services:
        held = _holding(holdings(_copies(services)), form.text("study"), form.text("release"))
        # What concerns it no more by now needs no word; what came since was not read.
        told = [one for one in held.notices if one.value in shown]
        for one in held.copies if told else ():
            services.releases.AcknowledgeNotices(
                copy_pb2.AcknowledgeNoticesRequest(
                    study_id=one.study_id,
                    copy_id=one.copy_id,
                    notices=[
                        notice
                        for notice in one.notices
                        if f"{notice.kind}:{notice.subject}" in shown
                    ],
                )
            )
    return visit.go("/copies")


@router.post("/copies/destroyed")
def destroyed(visit: ResearcherVisit, form: GivenForm) -> Response:
    """Take the person's word that they destroyed copies."""
    study, chosen = form.text("study"), form.texts("copy")
    if not re.fullmatch(ids.STUDY_ID, study) or not all(
        re.fullmatch(ids.COPY_ID, one) for one in chosen
    ):
        raise InvalidInput("choose copies from the list of yours")
    if not chosen or not form.text("sure"):
        raise InvalidInput("tick which copies you destroyed, and that they are gone everywhere")
    with visit.calling(RESEARCHER) as services:
        for one in chosen:
            services.releases.DeclareDestroyed(
                copy_pb2.DeclareDestroyedRequest(study_id=study, copy_id=one)
            )
    return visit.go("/copies")


def waiting(visit: Visit) -> Sequence[Waiting]:
    """Tell of copies that have to be destroyed, and of newer releases that were not heard of."""
    with visit.calling(RESEARCHER) as services:
        found = holdings(_copies(services))
    link = visit.say("See what to do with your copies")
    told = []
    for one in found:
        if one.must_go:
            text = visit.say("A copy that you hold has to be destroyed.")
        elif one.is_unread:
            text = visit.say("There is a newer release than the one that you hold a copy of.")
        else:
            continue
        told.append(Waiting(heading=one.study, text=text, path="/copies", link=link))
    return told


def of_release(services: Services, study: str, release: str) -> Sequence[copy_pb2.HeldCopy]:
    """Return the copies of a release that the person took and did not declare destroyed."""
    return [
        one
        for one in services.releases.ListCopies(copy_pb2.ListCopiesRequest(study_id=study)).copies
        if one.release_id == release and not one.HasField("destroyed_at")
    ]


def held(services: Services) -> Sequence[Holding]:
    """Return what the person holds, what has to go first."""
    return holdings(_copies(services))


def _copies(services: Services) -> Sequence[copy_pb2.HeldCopy]:
    return list(services.releases.ListCopies(copy_pb2.ListCopiesRequest()).copies)


def _holding(found: Sequence[Holding], study: str, release: str) -> Holding:
    for one in found:
        if (one.study, one.release) == (study, release):
            return one
    raise InvalidInput("choose a release from the list of your copies")
