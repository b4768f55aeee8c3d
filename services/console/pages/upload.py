# SPDX-License-Identifier: Apache-2.0
"""Bringing recordings in: parts straight to the sealed store, a report, then the recording."""

from __future__ import annotations

import re
from typing import Annotated

from fastapi import APIRouter, Depends, Request
from starlette.concurrency import run_in_threadpool
from starlette.responses import JSONResponse, Response

from services.common.errors import InvalidInput
from services.console.web.forms import Form, GivenForm
from services.console.web.visit import Visit, in_role
from services.intake import uploading
from services.intake.days import interview_day
from services.intake.reading_options import reading_options
from services.intake.uploading import Said
from services.registry import identities, ids
from services.registry.identities import OPERATOR
from services.storage_client.uploads import UploadClient
from sotto.storage.v1 import upload_pb2

router = APIRouter()

_PARTS = "/upload/parts/"

Operator = Annotated[Visit, Depends(in_role(OPERATOR))]

_SHA256 = re.compile(ids.SHA256_HEX)


@router.get("/upload")
def show(visit: Operator) -> Response:
    """Show the form, and uploads that were begun and not finished."""
    with visit.calling(OPERATOR, purpose="intake") as services:
        studies = [services.clinical.study(one) for one in services.clinical.studies()]
        begun = UploadClient(services.channel(identities.CLINICAL)).all()
    return visit.render(
        "upload/form.html",
        studies=[one for one in studies if one.participants],
        uploads=[one for one in begun if not one.HasField("recording")],
        told=uploading.parts_told,
    )


@router.post("/upload/begin")
def begin(visit: Operator, form: GivenForm) -> Response:
    """Begin an upload, or go on with that of the same file; for the script of the page."""
    with visit.calling(OPERATOR, purpose="intake") as services:
        upload = (
            UploadClient(services.channel(identities.CLINICAL))
            .begin(
                upload_pb2.BeginUploadRequest(
                    study_id=form.text("study"),
                    participant=form.text("participant"),
                    file_name=form.exact("name", most=1024),
                    size=form.number("size"),
                    first_part_sha256=_sha256(form.text("first")),
                )
            )
            .upload
        )
    return JSONResponse(
        {
            "upload": upload.ref.upload_id,
            "received": upload.received,
            "parts": upload.parts,
            "part_bytes": upload.part_bytes,
        }
    )


@router.post(_PARTS + "{upload_id}/{number}")
async def put_part(visit: Operator, request: Request, upload_id: str, number: int) -> Response:
    """Have a part sealed: its bytes go to the store and stay nowhere here."""
    ref = upload_pb2.UploadRef(
        study_id=request.headers.get("sotto-study", ""),
        participant=request.headers.get("sotto-participant", ""),
        upload_id=upload_id,
    )
    digest = _sha256(request.headers.get("sotto-part-sha256", ""))
    content = await request.body()

    def send() -> bool:
        with visit.calling(OPERATOR, purpose="intake") as services:
            client = UploadClient(services.channel(identities.CLINICAL))
            return client.put(ref, number, content, digest)

    return JSONResponse({"existed": await run_in_threadpool(send)})


@router.post("/upload/report")
def report(visit: Operator, form: GivenForm) -> Response:
    """Show what is in an upload whose parts are all there; nothing is sealed yet."""
    ref, said = _ref(form), _said(form)
    with visit.calling(OPERATOR, purpose="intake") as services:
        found = uploading.look(services, ref, said)
        title = services.clinical.study(ref.study_id).title
    return visit.render(
        "upload/report.html", form=form, ref=ref, said=said, report=found, title=title
    )


@router.post("/upload/seal")
def seal(visit: Operator, form: GivenForm) -> Response:
    """Make it a recording, as the report showed it."""
    ref, said = _ref(form), _said(form)
    with visit.calling(OPERATOR, purpose="intake") as services:
        found = uploading.look(services, ref, said)
        if found.refused:
            raise InvalidInput(found.refused)
        made, _existed = uploading.finish(
            services, ref, found, said, _sha256(form.text("parts_sha256"))
        )
    return visit.go(f"/recordings/{made.recording_id}")


@router.post("/upload/drop")
def drop(visit: Operator, form: GivenForm) -> Response:
    """Give an upload up."""
    with visit.calling(OPERATOR, purpose="intake") as services:
        UploadClient(services.channel(identities.CLINICAL)).abort(_ref(form))
    return visit.go("/upload")


def _ref(form: Form) -> upload_pb2.UploadRef:
    return upload_pb2.UploadRef(
        study_id=form.text("study"),
        participant=form.text("participant"),
        upload_id=form.text("upload"),
    )


def _said(form: Form) -> Said:
    day = form.text("date")
    roles = [f"{label}={form.text(label)}" for label in ("S1", "S2") if form.text(label)]
    return Said(
        session=form.number("session", 1),
        date=interview_day(day) if day else "",
        reading=reading_options("", bool(form.text("notes")), roles),
        speakers=form.number("speakers"),
    )


def _sha256(text: str) -> bytes:
    if not _SHA256.fullmatch(text):
        raise InvalidInput("a hash is missing; open the page again and choose the file again")
    return bytes.fromhex(text)
