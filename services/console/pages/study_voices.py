# SPDX-License-Identifier: Apache-2.0
"""Voices of a study's interviewers: who is enrolled, a clip that passes through, and erasing one.

Nothing of a clip stays here: its bytes go on to the service that checks it as they come.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator
from urllib.parse import unquote

from fastapi import APIRouter, Request
from starlette.concurrency import run_in_threadpool
from starlette.responses import JSONResponse, Response

from services.common.errors import InvalidInput
from services.console.pages.studies import Operator
from services.console.web.forms import GivenForm
from services.console.web.visit import Visit
from services.registry.identities import OPERATOR
from services.storage_client import chunks
from services.studies import voices

router = APIRouter()

_PURPOSE = "operations"
_WAIT_SECONDS = 60.0  # for the next bytes of a browser that fell silent


@router.get("/studies/{study_id}/voices")
def show(visit: Operator, study_id: str) -> Response:
    """Show who is enrolled, and ask for a clip."""
    return _page(visit, study_id)


@router.post("/voices/clip")
async def enrol(visit: Operator, request: Request) -> Response:
    """Have a clip checked and sealed; for the script of the page."""
    study_id, person = (
        unquote(request.headers.get(f"sotto-{one}", "")) for one in ("study", "person")
    )
    if request.headers.get("sotto-agreed") != "yes":
        raise InvalidInput("nothing was enrolled: ask the person first, and tick that they agreed")
    loop = asyncio.get_running_loop()
    stream = request.stream()

    def content() -> Iterator[bytes]:
        while part := asyncio.run_coroutine_threadsafe(_next(stream), loop).result(_WAIT_SECONDS):
            yield from chunks.of_bytes(part)

    def send() -> dict[str, object]:
        with visit.calling(OPERATOR, _PURPOSE) as services:
            done = voices.enrol(services, study_id, person, content())
        return {"existed": done.existed, "replaced": done.replaced, "speech_ms": done.speech_ms}

    return JSONResponse(await run_in_threadpool(send))


@router.post("/studies/{study_id}/voices/erase")
def erase(visit: Operator, study_id: str, form: GivenForm) -> Response:
    """Delete the clip of a person, once that is confirmed."""
    if form.text("sure") != "yes":
        fault = visit.say("Nothing is deleted: tick that you are sure.")
        return _page(visit, study_id, fault)
    with visit.calling(OPERATOR, _PURPOSE) as services:
        voices.erase(services, study_id, form.text("person", most=64))
    return visit.go(f"/studies/{study_id}/voices")


async def _next(stream: AsyncIterator[bytes]) -> bytes:
    """Return the next bytes of a request, empty at its end."""
    async for part in stream:
        if part:
            return part
    return b""


def _page(visit: Visit, study_id: str, fault: str = "") -> Response:
    with visit.calling(OPERATOR, _PURPOSE) as services:
        study = services.clinical.study(study_id)
        found = voices.listed(services, study_id)
    return visit.render(
        "studies/voices.html", 400 if fault else 200, study=study, voices=found, fault=fault
    )
