# SPDX-License-Identifier: Apache-2.0
"""``sotto audit``: read, verify and export the audit log."""

from __future__ import annotations

import contextlib
import datetime as dt
import fnmatch
import importlib
import json
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from flows.cli.shared import connected, emit, say, table
from services.common.errors import InvalidInput, WrongUse
from services.common.options import HomeOption, JsonOption, installation_of
from services.registry import identities
from services.registry.events import Event

if TYPE_CHECKING:
    from sotto.audit.v1 import entry_pb2

app = typer.Typer(no_args_is_help=True, help="Read, verify and export the audit log.")
# Verification is offline: it needs files and a public key, no service.
app.command("verify")(importlib.import_module("services.audit.cli").verify_command)
_read: Any = importlib.import_module("services.audit.cli_read")
_admin: Any = importlib.import_module("services.audit.cli_admin")
for _name, _command in {**_read.COMMANDS, **_admin.COMMANDS}.items():
    app.command(_name)(_command)
app.add_typer(_admin.witness, name="witness")

_FINDINGS = (
    "nothing-to-report",
    "question-raised",
    "access-unexplained",
    "breach-suspected",
    "log-not-whole",
)
_FOLLOW_SECONDS = 5.0
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
    outcome: Annotated[str, typer.Option(help="success, failure or denied.")] = "",
    service: Annotated[str, typer.Option(help="Service that reported.")] = "",
    request: Annotated[str, typer.Option(help="Request id: all that one command did.")] = "",
    since: Annotated[str, typer.Option(metavar="TIME", help="Such as 2026-11-25T08:00Z.")] = "",
    until: Annotated[str, typer.Option(metavar="TIME", help="The end, not included.")] = "",
    limit: Annotated[int, typer.Option(min=1, help="Most entries shown; the newest.")] = 1000,
    home: HomeOption = None,
    as_json: JsonOption = False,
) -> None:
    """List entries that meet all conditions, oldest first."""
    if outcome not in _OUTCOMES.values():
        msg = "an outcome is success, failure or denied"
        raise InvalidInput(msg)
    _check_event(name)
    first = _read.moment_of(since) if since else None
    last = _read.moment_of(until) if until else None
    with connected(
        installation_of(home), identities.COMPLIANCE, (identities.AUDIT,), purpose="audit"
    ) as peers:
        from sotto.audit.v1 import audit_service_pb2_grpc, entry_pb2

        stub = audit_service_pb2_grpc.AuditQueryServiceStub(peers.channel(identities.AUDIT))
        wanted = entry_pb2.EntryFilter(
            person=person, participant=participant, study_id=study, name=name, object=object_name,
            service=service, request_id=request, since=first, until=last,
            outcome=f"OUTCOME_{outcome.upper()}" if outcome else None,
        )  # fmt: skip
        if not wanted.ListFields():  # the newest are at the end, however long the log is
            state = stub.GetCheckpoint(entry_pb2.GetCheckpointRequest())
            size = int(state.checkpoint.split("\n", 2)[1])
            wanted.from_index = max(0, size - limit)
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
    if not rows:
        say("No entry meets all of these conditions.")
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


def _check_event(name: str) -> None:
    """Refuse what no event is called: an empty list would look as if nothing had happened."""
    if not name or any(fnmatch.fnmatchcase(event.value, name) for event in Event):
        return
    kinds = ", ".join(sorted({f"{event.value.split(':', 1)[0]}:*" for event in Event}))
    msg = f"no event is called {name}; a prefix ends with *, such as {kinds}"
    raise InvalidInput(msg)


@app.command()
def export(
    out: Annotated[Path | None, typer.Option("--out", metavar="FILE", help="File to make.")] = None,
    fmt: Annotated[
        str, typer.Option("--format", help="jsonl, csv, fhir, cef, ocsf, tiles (a folder).")
    ] = "jsonl",
    follow: Annotated[
        bool, typer.Option("--follow", help="cef and ocsf: go on as entries come, on stdout.")
    ] = False,
    home: HomeOption = None,
    as_json: JsonOption = False,
) -> None:
    """Export the log: jsonl holds it as it was hashed, checkpoint and keys in files beside it."""
    copies = importlib.import_module("services.audit.copies")
    if fmt not in copies.FORMATS:
        msg = f"the log is exported as one of {', '.join(copies.FORMATS)}"
        raise InvalidInput(msg)
    if follow:
        _follow(home, fmt)
        return
    if out is None:
        msg = "say by --out which file to make"
        raise WrongUse(msg)
    target = out.absolute()
    if not target.parent.is_dir():
        msg = f"{out.parent} is not a folder; make it first"
        raise InvalidInput(msg)
    with _fetch(home, 0) as copy:
        count = copies.export(copy, fmt, target)
    if as_json:
        emit({"entries": count, "out": str(target)})
    else:
        say(f"{count} entries are in {out}.")


@app.command()
def review(
    since: Annotated[str, typer.Option("--from", metavar="DAY", help="Such as 2026-11-01 (UTC).")],
    until: Annotated[str, typer.Option("--to", metavar="DAY", help="The first day not looked at.")],
    finding: Annotated[str, typer.Option("--finding", help=f"One of: {', '.join(_FINDINGS)}.")],
    log: Annotated[
        Path | None,
        typer.Option("--log", help="The copy that was looked at; the home's own log by default."),
    ] = None,
    home: HomeOption = None,
    as_json: JsonOption = False,
) -> None:
    """Record that you looked through the log of a period, and what you found.

    The log is verified first, and the entry binds the review to its size and root.
    """
    if finding not in _FINDINGS:
        msg = f"a finding is one of {', '.join(_FINDINGS)}"
        raise InvalidInput(msg)
    first, last = _read.moment_of(since), _read.moment_of(until)
    offline = importlib.import_module("services.audit.cli")
    report = offline.verify_log(log or installation_of(home).root / "audit")
    if not report.ok and finding != "log-not-whole":
        msg = (
            "this log does not verify, see: sotto audit verify; a review of it has the finding"
            " log-not-whole"
        )
        raise InvalidInput(msg)
    with connected(
        installation_of(home), identities.COMPLIANCE, (identities.AUDIT,), purpose="audit"
    ) as peers:
        from sotto.audit.v1 import audit_service_pb2_grpc, review_pb2

        request = review_pb2.RecordReviewRequest(
            finding=f"FINDING_{finding.replace('-', '_').upper()}",
            size=max(1, report.size),
            root=report.root,
            verdict=review_pb2.VERDICT_WHOLE if report.ok else review_pb2.VERDICT_NOT_WHOLE,
        )
        request.since.FromDatetime(first)
        request.until.FromDatetime(last)
        stub = audit_service_pb2_grpc.AuditReviewServiceStub(peers.channel(identities.AUDIT))
        index = stub.RecordReview(request).index
    if as_json:
        emit({"entry": index, "finding": finding, "entries": report.size})
    else:
        say(f"Your review of {report.size} entries is entry {index}: {finding}.")


@contextlib.contextmanager
def _fetch(home: Path | None, first: int) -> Iterator[Any]:
    """The home's log through its service, so that the reading is on record."""
    copies = importlib.import_module("services.audit.copies")
    with connected(
        installation_of(home), identities.COMPLIANCE, (identities.AUDIT,), purpose="audit"
    ) as peers:
        from sotto.audit.v1 import audit_service_pb2_grpc, entry_pb2

        stub = audit_service_pb2_grpc.AuditQueryServiceStub(peers.channel(identities.AUDIT))
        state = stub.GetCheckpoint(entry_pb2.GetCheckpointRequest())
        copy = copies.Copy((), verifier_keys=list(state.verifier_keys))

        def leaves() -> Iterator[bytes]:
            for part in stub.ExportEntries(entry_pb2.ExportEntriesRequest(from_index=first)):
                yield from part.leaves
                copy.checkpoint = part.checkpoint or copy.checkpoint
                copy.witnessed = part.witnessed or copy.witnessed

        copy.leaves = leaves()
        yield copy


_read.fetch = _fetch


def _follow(home: Path | None, fmt: str) -> None:
    """Write entries as they come, until stopped."""
    copies = importlib.import_module("services.audit.copies")
    if fmt not in {"cef", "ocsf"}:
        msg = "only cef and ocsf can be followed"
        raise WrongUse(msg)
    with connected(
        installation_of(home), identities.COMPLIANCE, (identities.AUDIT,), purpose="audit"
    ) as peers:
        from sotto.audit.v1 import audit_service_pb2_grpc, entry_pb2

        stub = audit_service_pb2_grpc.AuditQueryServiceStub(peers.channel(identities.AUDIT))
        first = 0
        while True:
            state = stub.GetCheckpoint(entry_pb2.GetCheckpointRequest())
            size = int(state.checkpoint.split("\n", 2)[1])
            # Each look leaves two entries of its own; they alone are no reason for another.
            if size > first + 2 or first == 0:
                leaves: list[bytes] = []
                for part in stub.ExportEntries(entry_pb2.ExportEntriesRequest(from_index=first)):
                    leaves.extend(part.leaves)
                copy = copies.Copy(leaves, verifier_keys=list(state.verifier_keys))
                for line in copies.lines(copy.entries(), fmt, copy.origin):
                    sys.stdout.write(line)
                sys.stdout.flush()
                first += len(leaves)
            time.sleep(_FOLLOW_SECONDS)


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
