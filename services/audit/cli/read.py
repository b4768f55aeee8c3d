# SPDX-License-Identifier: Apache-2.0
"""Commands that answer questions about the log: entries, custody, proofs and reports."""

from __future__ import annotations

import json
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from services.audit.cli.options import (
    KeyOption,
    LogOption,
    OutOption,
    TimeOption,
    WitnessPolicyOption,
    audit_folder,
    check_target,
    read_file,
    read_time,
    read_witness_policy,
)
from services.audit.cli.reader import LogReader
from services.audit.cli.service import fetch_log
from services.audit_evidence.errors import InvalidFormat, NoSuchEntry
from services.common.errors import InvalidInput
from services.common.files import write_private
from services.common.options import HomeOption, JsonOption, installation_of
from services.common.output import print_table
from services.common.wording import nearest
from services.registry import identities

if TYPE_CHECKING:  # what only some commands need is imported by these: the others stay quick
    from services.audit_evidence.report_model import Letterhead, ReportDocument

_READER = LogReader(fetch_log)
_REPORT_ENDINGS = (".html", ".pdf", ".json")


def show(
    index: Annotated[int, typer.Argument(min=0, help="Number of the entry.")],
    log: LogOption = None,
    home: HomeOption = None,
    as_json: JsonOption = False,
) -> None:
    """Show an entry, and the other half of its act: its intent or its outcome."""
    from services.audit_evidence.exports.table import COLUMNS, row

    with _READER.open(log, home) as copy:
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
    log: LogOption = None,
    home: HomeOption = None,
    as_json: JsonOption = False,
) -> None:
    """Show the chain of custody of a recording, from inbox to release.

    What a service wrote that does not own the event is shown as that, and proves nothing.
    """
    from services.audit.cli import log_export

    with _READER.open(log, home) as copy:
        entries = list(copy.entries())
    rows = log_export.trace_rows(entries, recording)
    if not rows:
        known = {entry.event.object.partition("/")[0] for entry in entries}
        near = nearest(recording, sorted(one for one in known if one.startswith("rec-")))
        hint = f"is {near} meant? " if near else ""
        raise NoSuchEntry(
            f"no entry of this log names {recording}; {hint}`sotto recordings list` gives whole ids"
        )
    if as_json:
        for one in rows:
            _out(json.dumps(one))
        return
    print_table(
        ("#", "TIME", "EVENT", "WHO", "SERVICE", "OBJECT", "ENDED"),
        [
            (
                one["entry"], one["time"][:19], one["event"], one["who"],
                one["service"] if one["owner"] else f"{one['service']} (not the owner)",
                one["object"], f"{one['outcome']} {one['milliseconds']} ms",
            )
            for one in rows
        ],
        width=180,
    )  # fmt: skip


def prove(
    index: Annotated[int, typer.Argument(min=0, help="Number of the entry.")],
    out: Annotated[Path, typer.Option("--out", help="File to make, ending in .tlog-proof.")],
    log: LogOption = None,
    home: HomeOption = None,
) -> None:
    """Make a proof that an entry is in the log; the entry itself goes beside it, as .entry."""
    from services.audit.cli import log_export

    check_target(out)
    with _READER.open(log, home) as copy:
        proof, leaf = log_export.prove(copy, index)
    write_private(out, str(proof).encode(), mode=0o644)
    write_private(out.with_name(out.name + ".entry"), leaf, mode=0o644)
    _out(f"{out} proves entry {index}; the entry is in {out.name}.entry")


def check_proof(
    proof: Annotated[Path, typer.Argument(help="Proof file (.tlog-proof).")],
    entry: Annotated[
        Path | None, typer.Option("--entry", help="The entry; the file beside by default.")
    ] = None,
    key: KeyOption = None,
    policy: WitnessPolicyOption = None,
) -> None:
    """Check a proof file with nothing but a key or a policy."""
    from services.audit.adapters.key_files import read_vkeys
    from services.audit_evidence import proof_file

    if not key and policy is None:
        raise InvalidFormat("give the log's public key by --key, or a policy by --policy")
    keys = tuple(one for file in key or [] for one in read_vkeys(file))
    found = proof_file.LogProof.parse(read_file(proof))
    leaf = read_file(entry or proof.with_name(proof.name + ".entry"))
    state = proof_file.check_proof(found, leaf, keys, read_witness_policy(policy))
    _out(f"entry {found.index} is in the log {state.origin}, which then had {state.size} entries")


def report(
    month: Annotated[str, typer.Option("--month", help="Such as 2026-11.")],
    out: OutOption,
    log: LogOption = None,
    home: HomeOption = None,
) -> None:
    """Write the evidence report of a month: HTML, or PDF or JSON by the file's ending."""
    from services.audit.adapters.cosigning import read_statuses
    from services.audit.cli.verify import verify_log
    from services.audit_evidence.evidence import evidence_report, month_of
    from services.audit_evidence.verification_text import report_lines

    check_target(out, _REPORT_ENDINGS)
    begin, end = month_of(month)
    if begin > datetime.now(UTC):
        raise InvalidFormat(f"{month} has not begun; ask for a month that has")
    path = log or audit_folder(home)
    words = report_lines(verify_log(path))
    with _READER.open(log, home) as copy:
        entries = list(copy.entries())
        origin = copy.origin
    if entries and entries[0].time > end:
        raise InvalidFormat(
            f"this log begins on {entries[0].time:%Y-%m-%d}, after {month}: it can say nothing"
            " about that month"
        )
    statuses = read_statuses(path).values()
    evidence = evidence_report(
        entries, month, origin=origin, verification=words,
        witnesses=[(one.name, one.state, str(one.size), one.began) for one in statuses],
        letterhead=_letterhead(home),
    )  # fmt: skip
    _write(evidence, out)


def breach(
    subject: Annotated[str, typer.Argument(help="Person, client, service, object or key id.")],
    since: TimeOption,
    until: TimeOption,
    out: OutOption,
    told: Annotated[
        str, typer.Option(help="When the hospital learnt of it; sets the deadlines.")
    ] = "",
    log: LogOption = None,
    home: HomeOption = None,
) -> None:
    """Write what a person or credential touched between two times."""
    from services.audit_evidence.breach import Suspicion, breach_report

    check_target(out, _REPORT_ENDINGS)
    suspicion = Suspicion(
        subject, read_time(since), read_time(until), read_time(told) if told else None
    )
    if suspicion.told and suspicion.told > datetime.now(UTC):
        raise InvalidInput(
            "--told is in the future, and the deadlines count from it; give the time (UTC) at which"
            " the hospital learnt of it"
        )
    with _READER.open(log, home) as copy:
        entries = list(copy.entries())
        origin = copy.origin
    found = breach_report(entries, suspicion, origin=origin, letterhead=_letterhead(home))
    _write(found, out)


def _letterhead(home: Path | None) -> Letterhead:
    """Return whose report it is: the hospital of the settings, and who runs the command."""
    from services.audit_evidence.report_model import Letterhead
    from services.common.client_session import speaker
    from services.common.settings import value_for

    installation = installation_of(home)
    hospital = value_for(installation.root, "audit", "hospital")
    name, is_certified = speaker(installation, identities.COMPLIANCE)
    author = f"{name} ({'by certificate' if is_certified else 'the account of the machine'})"
    return Letterhead(str(hospital or ""), author, datetime.now(UTC))


def _write(document: ReportDocument, out: Path) -> None:
    """Write a report in the format that the file's ending names."""
    if out.suffix.lower() == ".pdf":
        from services.audit_evidence.pdf import pdf_bytes

        data = pdf_bytes(document, datetime.now(UTC))
    elif out.suffix.lower() == ".json":
        data = json.dumps(document.plain(), ensure_ascii=False, indent=1).encode()
    else:
        from services.audit_evidence.html_report import html_page

        data = html_page(document).encode()
    write_private(out, data)
    _out(f"{out} is written")


def _out(text: str) -> None:
    sys.stdout.write(text + "\n")
