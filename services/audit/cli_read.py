# SPDX-License-Identifier: Apache-2.0
"""Commands that read the log: a copy by its files, else the home's own through its service."""

from __future__ import annotations

import json
import sys
from contextlib import AbstractContextManager
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Any

import typer

from services.audit import copies
from services.audit.cli import Key, Log, default_folder
from services.audit.errors import InvalidFormat, NoSuchEntry
from services.common.options import HomeOption, JsonOption

Out = Annotated[Path, typer.Option("--out", metavar="FILE", help="File to make.")]
PolicyFile = Annotated[
    Path | None,
    typer.Option("--policy", help="Policy file (tlog-policy): logs, witnesses, quorum."),
]
Moment = Annotated[str, typer.Option(metavar="TIME", help="RFC 3339, such as 2026-11-25T08:00Z.")]

#: Set by the command line, which knows how to reach the service. Reading is then on record.
fetch: copies.Fetch | None = None


def opened(
    log: Path | None, home: Path | None, first: int = 0
) -> AbstractContextManager[copies.Copy]:
    """Open the copy that was named, else the home's log."""
    if log is not None or fetch is None:
        return copies.copy_at(log or default_folder(home))
    return fetch(home, first)


def show(
    index: Annotated[int, typer.Argument(min=0, help="Number of the entry.")],
    log: Log = None,
    home: HomeOption = None,
    as_json: JsonOption = False,
) -> None:
    """Show an entry, and the other half of its act: its intent or its outcome."""
    from services.audit.domain.exports.table import COLUMNS, row

    with opened(log, home) as copy:
        entries = {entry.index: entry for entry in copy.entries()}
    if index not in entries:
        raise NoSuchEntry(f"the log has {len(entries)} entries; {index} is not there")
    named = entries[index].event.intent_index
    intent = index if named is None else named
    act = [entry for entry in entries.values() if intent in {entry.index, entry.event.intent_index}]
    for entry in act:
        if as_json:
            _out(entry.leaf.decode())
            continue
        for name, value in zip(COLUMNS, row(entry), strict=True):
            if value:
                _out(f"{name:13} {value}")
        _out("")


def trace(
    recording: Annotated[str, typer.Argument(help="Recording id (rec-...).")],
    log: Log = None,
    home: HomeOption = None,
    as_json: JsonOption = False,
) -> None:
    """Show the chain of custody of a recording, from inbox to release."""
    with opened(log, home) as copy:
        rows = copies.trace_rows(copy, recording)
    if not rows:
        msg = f"no entry of this log names {recording}; `sotto recordings list` gives whole ids"
        raise NoSuchEntry(msg)
    if as_json:
        for one in rows:
            _out(json.dumps(one))
        return
    from rich.console import Console
    from rich.table import Table

    shown = Table(box=None, pad_edge=False, header_style="bold")
    for column in ("#", "TIME", "EVENT", "WHO", "SERVICE", "OBJECT", "ENDED"):
        shown.add_column(column, overflow="fold")
    for one in rows:
        ended = f"{one['outcome']} {one['milliseconds']} ms"
        shown.add_row(
            str(one["entry"]), one["time"][:19], one["event"], one["who"], one["service"],
            one["object"], ended,
        )  # fmt: skip
    Console(width=None if sys.stdout.isatty() else 180).print(shown)


def prove(
    index: Annotated[int, typer.Argument(min=0, help="Number of the entry.")],
    out: Annotated[Path, typer.Option("--out", help="File to make, ending in .tlog-proof.")],
    log: Log = None,
    home: HomeOption = None,
) -> None:
    """Make a proof that an entry is in the log; the entry itself goes beside it, as .entry."""
    from services.common.files import write_private

    with opened(log, home) as copy:
        proof, leaf = copies.prove(copy, index)
    write_private(out, str(proof).encode(), mode=0o644)
    write_private(out.with_name(out.name + ".entry"), leaf, mode=0o644)
    _out(f"{out} proves entry {index}; the entry is in {out.name}.entry")


def check_proof(
    proof: Annotated[Path, typer.Argument(help="Proof file (.tlog-proof).")],
    entry: Annotated[
        Path | None, typer.Option("--entry", help="The entry; the file beside by default.")
    ] = None,
    key: Key = None,
    policy: PolicyFile = None,
) -> None:
    """Check a proof file with nothing but a key or a policy."""
    from services.audit.adapters.folder import read_vkeys
    from services.audit.cli import read_file
    from services.audit.domain import proof_file

    if not key and policy is None:
        raise InvalidFormat("give the log's public key by --key, or a policy by --policy")
    keys = tuple(one for file in key or [] for one in read_vkeys(file))
    leaf = read_file(entry or proof.with_name(proof.name + ".entry"))
    found = proof_file.LogProof.parse(read_file(proof))
    state = proof_file.check_proof(found, leaf, keys, read_policy(policy))
    _out(f"entry {found.index} is in the log {state.origin}, which then had {state.size} entries")


def report(
    month: Annotated[str, typer.Option("--month", help="Such as 2026-11.")],
    out: Out,
    log: Log = None,
    home: HomeOption = None,
) -> None:
    """Write the evidence report of a month: HTML, or PDF or JSON by the file's ending."""
    from services.audit.adapters.cosigning import read_standings
    from services.audit.cli import report_lines, verify_log
    from services.audit.domain.evidence import evidence_report

    path = log or default_folder(home)
    words = report_lines(verify_log(path))
    with opened(log, home) as copy:
        entries = list(copy.entries())
        origin = copy.origin
    standings = read_standings(path).values()
    evidence = evidence_report(
        entries, month, origin=origin, verification=words,
        witnesses=[(one.name, one.state, str(one.size), one.began) for one in standings],
    )  # fmt: skip
    _write(evidence, out)


def breach(
    subject: Annotated[str, typer.Argument(help="Person, client, service, object or key id.")],
    since: Moment,
    until: Moment,
    out: Out,
    told: Annotated[str, typer.Option(help="When the house was told; sets the deadlines.")] = "",
    log: Log = None,
    home: HomeOption = None,
) -> None:
    """Write what a person or credential touched between two times."""
    from services.audit.domain.breach import Suspicion, breach_report

    suspicion = Suspicion(
        subject, moment_of(since), moment_of(until), moment_of(told) if told else None
    )
    with opened(log, home) as copy:
        entries = list(copy.entries())
        origin = copy.origin
    _write(breach_report(entries, suspicion, origin=origin), out)


def read_policy(path: Path | None) -> Any:
    """Read a policy file; None for none."""
    from services.audit.cli import read_file
    from services.audit.domain.policy import Policy

    if path is None:
        return None
    try:
        return Policy.parse(read_file(path).decode("utf-8"))
    except UnicodeDecodeError:
        raise InvalidFormat("the policy is not UTF-8") from None


def _write(document: Any, out: Path) -> None:
    from services.common.files import write_private

    if out.suffix == ".pdf":
        from services.audit.adapters.pdf import pdf_bytes

        data = pdf_bytes(document, datetime.now(UTC))
    elif out.suffix == ".json":
        data = json.dumps(document.plain(), ensure_ascii=False, indent=1).encode()
    else:
        from services.audit.domain.page import html_page

        data = html_page(document).encode()
    write_private(out, data)
    _out(f"{out} is written")


def moment_of(text: str) -> datetime:
    """Read a day or a moment as people write it, UTC unless it says otherwise."""
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        raise InvalidFormat("a time is written as 2026-11-25T08:00Z, a day as 2026-11-25") from None
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def _out(text: str) -> None:
    sys.stdout.write(text + "\n")


COMMANDS = {
    "show": show,
    "trace": trace,
    "prove": prove,
    "check-proof": check_proof,
    "report": report,
    "breach": breach,
}
