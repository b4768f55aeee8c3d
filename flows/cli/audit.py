# SPDX-License-Identifier: Apache-2.0
"""``sotto audit``: read, verify and export the audit log."""

from __future__ import annotations

import datetime as dt
import importlib
import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from flows.cli.shared import HomeOption, JsonOption, connected, emit, home_of, say, table
from services.plumbing import access
from services.plumbing.errors import InvalidInput
from services.plumbing.files import write_private

if TYPE_CHECKING:
    from sotto.audit.v1 import entry_pb2

app = typer.Typer(no_args_is_help=True, help="Read, verify and export the audit log.")
# Verification is offline: it needs files and a public key, no service.
app.command("verify")(importlib.import_module("services.audit.cli").verify_command)

_PHASES = {0: "", 1: "intent", 2: "outcome", 3: "fact"}
_OUTCOMES = {0: "", 1: "success", 2: "failure", 3: "denied"}


@app.command("list")
def list_entries(
    person: Annotated[str, typer.Option(help="On whose behalf.")] = "",
    participant: Annotated[str, typer.Option(help="Participant code.")] = "",
    study: Annotated[str, typer.Option(help="Study id.")] = "",
    name: Annotated[str, typer.Option("--event", help="Event, or a prefix ending with *.")] = "",
    object_name: Annotated[
        str, typer.Option("--object", help="Object, or a prefix ending with *.")
    ] = "",
    limit: Annotated[int, typer.Option(min=1, help="Most entries shown; the newest.")] = 1000,
    home: HomeOption = None,
    as_json: JsonOption = False,
) -> None:
    """List entries, oldest first."""
    with connected(home_of(home), access.COMPLIANCE, (access.AUDIT,), purpose="audit") as peers:
        from sotto.audit.v1 import audit_service_pb2_grpc, entry_pb2

        stub = audit_service_pb2_grpc.AuditQueryServiceStub(peers.channel(access.AUDIT))
        wanted = entry_pb2.EntryFilter(
            person=person, participant=participant, study_id=study, name=name, object=object_name
        )
        rows: list[dict[str, Any]] = []
        token = ""
        while True:
            page = stub.ListEntries(
                entry_pb2.ListEntriesRequest(page_size=1000, page_token=token, filter=wanted)
            )
            rows.extend(_flat(entry) for entry in page.entries)
            token = page.next_page_token
            if not token:
                break
    rows = rows[-limit:]
    if as_json:
        for row in rows:
            emit(row)
        return
    table(
        ("#", "TIME", "EVENT", "", "OUTCOME", "SERVICE", "PERSON", "WHO", "OBJECT"),
        [
            (
                row["index"],
                row["time"][:19],
                row["event"],
                row["phase"],
                f"{row['outcome']} {row['reason']}".strip(),
                row["service"],
                row["person"],
                row["participant"],
                row["object"],
            )
            for row in rows
        ],
    )


@app.command()
def export(
    out: Annotated[Path, typer.Option("--out", metavar="FILE", help="File to make.")],
    fmt: Annotated[str, typer.Option("--format", help="jsonl")] = "jsonl",
    home: HomeOption = None,
    as_json: JsonOption = False,
) -> None:
    """Export the log: a line an entry as it was hashed; checkpoint and keys in files beside it."""
    if fmt != "jsonl":
        msg = "the log is exported as jsonl"
        raise InvalidInput(msg)
    target = out.absolute()
    if not target.parent.is_dir():
        msg = f"{out.parent} is not a folder; make it first"
        raise InvalidInput(msg)
    with connected(home_of(home), access.COMPLIANCE, (access.AUDIT,), purpose="audit") as peers:
        from sotto.audit.v1 import audit_service_pb2_grpc, entry_pb2

        stub = audit_service_pb2_grpc.AuditQueryServiceStub(peers.channel(access.AUDIT))
        lines: list[bytes] = []
        checkpoint, keys = "", []
        for part in stub.ExportEntries(entry_pb2.ExportEntriesRequest()):
            lines.extend(part.leaves)
            if part.checkpoint:
                checkpoint, keys = part.checkpoint, list(part.verifier_keys)
    write_private(target, b"".join(line + b"\n" for line in lines))
    write_private(target.with_name(target.name + ".checkpoint"), checkpoint.encode())
    write_private(target.with_name(target.name + ".vkey"), ("\n".join(keys) + "\n").encode())
    if as_json:
        emit({"entries": len(lines), "out": str(target)})
    else:
        say(f"{len(lines)} entries are in {out}; its checkpoint and keys stand beside it.")


def _flat(entry: entry_pb2.Entry) -> dict[str, Any]:
    event = entry.event
    return {
        "index": entry.index,
        "time": entry.time.ToDatetime(dt.UTC).isoformat(timespec="microseconds"),
        "service": entry.service,
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
        "attributes": json.loads(json.dumps(dict(event.attributes), sort_keys=True)),
    }
