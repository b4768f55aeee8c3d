# SPDX-License-Identifier: Apache-2.0
"""Review: the queue of transcripts by risk, and the bench on which one is cleared."""

from __future__ import annotations

import re
from typing import Annotated, cast

from fastapi import APIRouter, Depends, Request
from markupsafe import Markup
from starlette.exceptions import HTTPException
from starlette.responses import Response

from services.common.errors import InvalidInput, NotFound, SottoError
from services.console.adapters.readings import Opened, Readings
from services.console.domain.review_keys import COMMANDS
from services.console.web.review_view import KINDS, Bench
from services.console.web.visit import Visit, in_role
from services.registry import ids
from services.registry.identities import REVIEWER
from services.release_client.reviewing import STATES, Reviewing

router = APIRouter()
Reviewer = Annotated[Visit, Depends(in_role(REVIEWER))]


@router.get("/review")
def queue(visit: Reviewer) -> Response:
    """List what waits: by residual risk, the highest first, and what is decided below."""
    with visit.calling(REVIEWER, purpose="review") as services:
        items = list(Reviewing(services).items())
    waiting = [one for one in items if STATES[one.review.state] == "pending"]
    decided = [one for one in items if STATES[one.review.state] != "pending"]
    return visit.render("review/queue.html", waiting=waiting, decided=decided, states=STATES)


@router.get("/review/{recording}")
def bench(
    visit: Reviewer,
    recording: str,
    at: str = "",
    window: int = -1,
    identified: str = "",
) -> Response:
    """Show a transcript with its doubtful places.

    Opening it is a reading, written into the log before; another place or window of an open page
    goes on from that reading.
    """
    opened = readings(visit).get(handle(visit), recording) if visit.is_fragment else None
    wants = identified == "1" or (identified != "0" and bool(opened and opened.identified))
    if opened is None or (wants and opened.identified is None):
        opened = read(visit, recording, identified=wants)
    elif identified == "0" and opened.identified is not None:
        readings(visit).put(handle(visit), recording, opened.reading, None)
    words = opened.identified if wants else None
    return show(visit, Bench(opened.reading, words, at, window))


@router.get("/review/{recording}/clip/{place}")
def clip(visit: Reviewer, request: Request, recording: str, place: str) -> Response:
    """Give the sound around a place, to an audio element of ours and nobody else."""
    if request.headers.get("sec-fetch-dest") != "audio":
        raise HTTPException(404)
    opened = opened_of(visit, recording)
    spot = Bench(opened.reading, None, place).current
    if spot is None or spot.name != place:
        raise HTTPException(404)
    with visit.calling(REVIEWER, purpose="review") as services:
        try:
            answer = Reviewing(services).listen(opened.reading, spot.segment, spot.start, spot.end)
        except SottoError as error:
            # Nobody reads a page that is answered to a player.
            raise HTTPException(404) from error
    return Response(answer.wav, media_type="audio/wav")


def readings(visit: Visit) -> Readings:
    """Return what is open in this process, by session."""
    return cast("Readings", visit.request.app.state.readings)


def opened_of(visit: Visit, recording: str) -> Opened:
    """Return what the session has open, read anew where this process does not know of it.

    Another console, or this one before a restart, may have opened the page.
    """
    return readings(visit).get(handle(visit), recording) or read(visit, recording)


def handle(visit: Visit) -> str:
    """Return the handle of the session."""
    return visit.session.handle if visit.session else ""


def read(visit: Visit, recording: str, *, identified: bool = False) -> Opened:
    """Read a transcript, and what was said where it is asked for: an entry of the log each."""
    if re.fullmatch(ids.RECORDING_ID, recording) is None:
        raise HTTPException(404)
    with visit.calling(REVIEWER, purpose="review") as services:
        reviewing = Reviewing(services)
        before = readings(visit).get(handle(visit), recording)
        try:
            ref = before.reading.item.ref if before else reviewing.find(recording).ref
        except (InvalidInput, NotFound) as error:
            raise HTTPException(404) from error
        reading = reviewing.read(ref)
        words = reviewing.identified(ref) if identified else None
    readings(visit).put(handle(visit), recording, reading, words)
    return Opened(reading, words, 0.0)


def show(
    visit: Visit,
    made: Bench,
    *,
    said: str = "",
    fault: str = "",
    mentions: object = None,
    status: int = 200,
) -> Response:
    """Answer with the bench, the whole page where it is not there yet."""
    keys = visit.keys

    def keyed(control: str) -> Markup:
        """Return the attributes by which a key presses a control."""
        return Markup('data-control="{}" data-keys="{}"').format(control, keys.names_of(control))

    template = "review/bench.html" if visit.is_fragment else "review/page.html"
    return visit.render(
        template,
        status,
        bench=made,
        item=made.reading.item,
        current=made.spot(made.current) if made.current else None,
        doubtful=[made.spot(one) for one in made.queue],
        restorable=[made.spot(one) for one in made.restorable],
        state=STATES[made.reading.item.review.state],
        kinds=KINDS,
        commands=COMMANDS,
        keyed=keyed,
        known_keys=" ".join(keys.names_of(one.control) for one in COMMANDS),
        said=said,
        fault=fault,
        mentions=mentions,
    )
