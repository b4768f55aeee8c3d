# SPDX-License-Identifier: Apache-2.0
"""`sotto audit list`: entries of the log that meet conditions."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from typing import TYPE_CHECKING, Annotated

import typer

from services.audit.cli.options import check_filled, read_period
from services.audit.cli.service import audit_channel, newest_state, query_stub
from services.audit_evidence.query import is_like
from services.common.errors import InvalidInput
from services.common.options import HomeOption, JsonOption
from services.common.output import print_message, print_record, print_table
from services.common.paging import pages
from services.common.wording import nearest
from services.registry.events import Event

if TYPE_CHECKING:  # gRPC takes a while to import, and commands that fail early do without it
    from sotto.audit.v1 import entry_pb2
    from sotto.audit.v1.audit_service_pb2_grpc import AuditQueryServiceStub

_PAGE = 1000
_PHASES = {0: "", 1: "intent", 2: "outcome", 3: "fact"}
_OUTCOMES = {0: "", 1: "success", 2: "failure", 3: "denied"}


def list_entries(
    person: Annotated[str | None, typer.Option(help="On whose behalf.")] = None,
    participant: Annotated[str | None, typer.Option(help="Participant code.")] = None,
    study: Annotated[str | None, typer.Option(help="Study id.")] = None,
    name: Annotated[
        str | None, typer.Option("--event", help="Event; * stands for anything, as in *:read.")
    ] = None,
    object_name: Annotated[
        str | None, typer.Option("--object", help="Object; * stands for anything.")
    ] = None,
    outcome: Annotated[str | None, typer.Option(help="success, failure or denied.")] = None,
    service: Annotated[str | None, typer.Option(help="Service that reported.")] = None,
    request: Annotated[
        str | None, typer.Option(help="Request id: all that one command did.")
    ] = None,
    since: Annotated[
        str | None, typer.Option(metavar="TIME", help="Such as 2026-11-25T08:00Z.")
    ] = None,
    until: Annotated[
        str | None, typer.Option(metavar="TIME", help="The end, not included.")
    ] = None,
    limit: Annotated[int, typer.Option(min=1, help="Most entries shown; the newest.")] = 1000,
    home: HomeOption = None,
    as_json: JsonOption = False,
) -> None:
    """List entries that meet all conditions, oldest first."""
    check_filled(
        {
            "--person": person, "--participant": participant, "--study": study, "--event": name,
            "--object": object_name, "--outcome": outcome, "--service": service,
            "--request": request, "--since": since, "--until": until,
        }
    )  # fmt: skip
    if outcome and outcome not in _OUTCOMES.values():
        raise InvalidInput("an outcome is success, failure or denied")
    if name:
        _check_event(name)
    first, last = read_period(since or "", until or "")
    with audit_channel(home) as channel:
        from sotto.audit.v1 import entry_pb2

        wanted = entry_pb2.EntryFilter(
            person=person, participant=participant, study_id=study, name=name, object=object_name,
            service=service, request_id=request, since=first, until=last,
            outcome=f"OUTCOME_{outcome.upper()}" if outcome else None,
        )  # fmt: skip
        if not wanted.ListFields():  # the newest are at the end, however long the log is
            size, _ = newest_state(channel)
            wanted.from_index = max(0, size - limit)
        rows = [_row(entry) for entry in _matching(query_stub(channel), wanted)][-limit:]
    if as_json:
        for row in rows:
            print_record(row)
    elif rows:
        _print_rows(rows)
    else:
        print_message("No entry meets all of these conditions.")


def _check_event(name: str) -> None:
    """Refuse what no event is called: an empty list would look as if nothing had happened."""
    names = [event.value for event in Event]
    if not any(is_like(name, known) for known in names):
        kinds = ", ".join(sorted({f"{known.partition(':')[0]}:*" for known in names}))
        near = nearest(name.strip("*"), names)
        hint = f"is {near} meant? " if near else ""
        raise InvalidInput(
            f"no event is called {name}; {hint}* stands for anything, as in *:read or {kinds}"
        )


def _matching(
    stub: AuditQueryServiceStub, wanted: entry_pb2.EntryFilter
) -> Iterator[entry_pb2.Entry]:
    """Read all pages of a filter's entries."""
    from sotto.audit.v1 import entry_pb2

    def fetch(token: str) -> entry_pb2.ListEntriesResponse:
        return stub.ListEntries(
            entry_pb2.ListEntriesRequest(page_size=_PAGE, page_token=token, filter=wanted)
        )

    for page in pages(fetch):
        yield from page.entries


def _print_rows(rows: list[dict[str, object]]) -> None:
    print_table(
        (
            "#",
            "TIME",
            "EVENT",
            "",
            "OUTCOME",
            "SERVICE",
            "PERSON",
            "STUDY",
            "PARTICIPANT",
            "OBJECT",
        ),
        [
            (
                row["index"],
                str(row["time"])[:19],
                row["event"],
                row["phase"],
                f"{row['outcome']} {row['reason']}".strip(),
                row["service"] if row["owner"] else f"{row['service']} (not the owner)",
                row["person"],
                row["study_id"],
                row["participant"],
                row["object"],
            )
            for row in rows
        ],
    )


def _row(entry: entry_pb2.Entry) -> dict[str, object]:
    """Return an entry as plain data; `owner`: whether the service owns the event."""
    from services.audit_evidence.ownership import is_written_by_owner

    event = entry.event
    return {
        "index": entry.index,
        "time": entry.time.ToDatetime(dt.UTC).isoformat(timespec="microseconds"),
        "service": entry.service,
        "owner": is_written_by_owner(entry.service, entry.event.name, entry.event.zone),
        "event": event.name,
        "phase": _PHASES.get(event.phase, ""),
        "intent_index": event.intent_index if event.HasField("intent_index") else None,
        "outcome": _OUTCOMES.get(event.outcome, ""),
        "reason": event.reason,
        "person": event.person,
        "role": event.role,
        "purpose": event.purpose,
        "caller": event.caller,
        "object": event.object,
        "study_id": event.study_id,
        "participant": event.participant,
        "zone": event.zone,
        "request_id": event.request_id,
        "attributes": dict(sorted(event.attributes.items())),
    }
