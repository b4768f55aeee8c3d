# SPDX-License-Identifier: Apache-2.0
"""The audit log, for compliance: entries in plain words, one by one with its proof, and a copy."""

from __future__ import annotations

import base64
import json
from collections.abc import Mapping
from datetime import UTC, datetime

from fastapi import APIRouter
from starlette.responses import Response

from services.audit_client.entries import LogClient
from services.audit_client.reporting import copy_of_log
from services.audit_evidence.checkpoint import peek
from services.audit_evidence.entry import Entry
from services.common.errors import InvalidInput, NotFound, SottoError
from services.console.pages import entry_rows, handles
from services.console.pages.officer import Officer
from services.console.web.forms import Form, GivenForm
from services.console.web.headers import attachment
from services.console.web.visit import Visit
from services.registry.attributes import KEYS
from services.registry.events import EVENTS
from services.registry.identities import AUDIT, COMPLIANCE
from sotto.audit.v1 import entry_pb2

router = APIRouter()

_PAGE = 50
FIELDS = (
    "study", "participant", "person", "object", "event", "kind", "outcome", "request", "since",
    "until",
)  # fmt: skip


@router.get("/log")
def show(visit: Officer, q: str = "", after: str = "") -> Response:
    """Show a page of entries, the newest first; a question stands for itself by its handle."""
    asked = dict(handles.read(visit, q)) if q else {}
    return _page(visit, asked, q, after)


@router.post("/log")
def ask(visit: Officer, form: GivenForm) -> Response:
    """Keep a question in the session, and go where it is answered."""
    asked = _asked(form)
    try:
        _filter(asked)
    except SottoError as error:
        return _page(visit, asked, "", "", fault=visit.say_error(error))
    return visit.go(f"/log?q={handles.keep(visit, asked)}" if asked else "/log")


@router.get("/denials")
def denials(visit: Officer) -> Response:
    """Show what was refused: the same list, asked for refusals."""
    return visit.go(f"/log?q={handles.keep(visit, {'outcome': 'denied'})}")


@router.get("/log/{index}")
def entry(visit: Officer, index: int) -> Response:
    """Show an entry as it was hashed, and the proof that it is in the log."""
    if index < 0:
        raise NotFound("entries are counted from 0")
    with visit.calling(COMPLIANCE, "audit") as services:
        client = LogClient(services.channel(AUDIT))
        proven = client.proven(index)
        event = proven.entry.event
        act: tuple[Entry, ...] = (proven.entry,)
        more = ""
        if event.request_id:
            page = client.page(entry_pb2.EntryFilter(request_id=event.request_id), size=_PAGE)
            act = page.entries
            more = handles.keep(visit, {"request": event.request_id}) if page.token else ""
    return visit.render(
        "compliance/entry.html",
        row=entry_rows.row(proven.entry),
        entry=proven.entry,
        known=EVENTS.get(event.name),
        attributes=[
            (key, value, KEYS[key][1] if key in KEYS else "")
            for key, value in sorted(event.attributes.items())
        ],
        raw=json.dumps(json.loads(proven.entry.leaf), indent=1, ensure_ascii=False),
        hashes=[base64.b64encode(one).decode() for one in proven.hashes],
        proven=proven,
        act=entry_rows.rows([one for one in act if one.index != index]),
        more=more,
    )


@router.post("/log/copy")
def copy(visit: Officer) -> Response:
    """Hand out the whole log as an archive that verifies offline."""
    visit.step_up("/verification")
    with visit.calling(COMPLIANCE, "audit") as services:
        made = copy_of_log(services.channel(AUDIT))
    name = f"sotto-log-{made.entries}-entries.zip"
    return Response(made.data, media_type="application/zip", headers=attachment(name))


def _page(
    visit: Visit, asked: Mapping[str, str], handle: str, after: str, fault: str = ""
) -> Response:
    found: list[entry_rows.EntryRow] = []
    token = ""
    size = 0
    status = 400 if fault else 200
    if not fault:
        try:
            with visit.calling(COMPLIANCE, "audit") as services:
                page = LogClient(services.channel(AUDIT)).page(
                    _filter(asked), token=after, size=_PAGE, newest_first=True
                )
            found, token = entry_rows.rows(page.entries), page.token
            size = peek(page.checkpoint).size
        except (NotFound, InvalidInput) as error:
            fault, status = visit.say_error(error), 404
    return visit.render(
        "compliance/log.html",
        status,
        rows=found,
        asked=asked,
        handle=handle,
        token=token,
        is_first=not after,
        size=size,
        fault=fault,
        kinds=entry_rows.KINDS,
        outcomes=entry_rows.OUTCOMES,
        events=[(event.value, event.meaning.removesuffix(".")) for event in EVENTS.values()],
    )


def _asked(form: Form) -> dict[str, str]:
    given = {name: form.text(name, most=260) for name in FIELDS}
    return {name: value for name, value in given.items() if value}


def _filter(asked: Mapping[str, str]) -> entry_pb2.EntryFilter:
    """Return a question as the contract has it; raises InvalidInput for what cannot be read."""
    since, until = read_period(asked.get("since", ""), asked.get("until", ""))
    kinds = {kind for kind, _ in entry_rows.KINDS}
    outcomes = {word for word, _ in entry_rows.OUTCOMES}
    if asked.get("kind", "") not in kinds or asked.get("outcome", "") not in outcomes:
        raise InvalidInput("choose one of the kinds and of the outcomes that the form offers")
    outcome = asked.get("outcome", "")
    return entry_pb2.EntryFilter(
        study_id=asked.get("study", ""),
        participant=asked.get("participant", ""),
        person=asked.get("person", ""),
        object=asked.get("object", ""),
        name=asked.get("event", ""),
        names=entry_rows.events_of(asked.get("kind", "")),
        outcome=f"OUTCOME_{outcome.upper()}" if outcome else None,
        request_id=asked.get("request", ""),
        since=since,
        until=until,
    )


def read_period(since: str, until: str) -> tuple[datetime | None, datetime | None]:
    """Read the two ends of a period, either of which may be empty.

    Raises InvalidInput for what is no time, and where the period ends before it begins: an answer
    that is empty would look as if nothing had happened.
    """
    begin, end = read_moment(since), read_moment(until)
    if begin and end and begin >= end:
        raise InvalidInput("the period ends before it begins")
    return begin, end


def read_moment(text: str) -> datetime | None:
    """Read a day or a time as a form gives it, UTC unless it says otherwise; None for nothing.

    Raises InvalidInput for anything else.
    """
    if not text:
        return None
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        raise InvalidInput(
            "a time is written as 2026-11-25T08:00, a day as 2026-11-25, both in UTC"
        ) from None
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)
