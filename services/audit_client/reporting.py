# SPDX-License-Identifier: Apache-2.0
"""Reports and copies for an officer, made from an export of the whole log."""

from __future__ import annotations

import io
import json
import zipfile
from dataclasses import dataclass, replace
from datetime import UTC, datetime

import grpc

from services.audit_client.answers import witnesses
from services.audit_client.entries import LogClient
from services.audit_client.verifying import ExportSource, LiveVerification, Trusted, verify_source
from services.audit_evidence.breach import Suspicion, breach_report
from services.audit_evidence.checkpoint import peek
from services.audit_evidence.entry import Entry, decode, decode_verified
from services.audit_evidence.evidence import evidence_report, month_of, of_month
from services.audit_evidence.exports.table import csv_lines
from services.audit_evidence.report_model import Letterhead, ReportDocument
from services.audit_evidence.verification_text import report_lines
from services.common.collector import no_collector
from services.common.errors import InvalidInput

#: Names of the files of a copy that our verifier, and those of others, read.
COPY_NAME = "log.jsonl"


@dataclass(frozen=True)
class ExportedCopy:
    """A copy of the log as files in an archive, and how many entries are in it."""

    data: bytes
    entries: int
    checkpoint: str


def evidence(channel: grpc.Channel, month: str, letterhead: Letterhead) -> ReportDocument:
    """Return the evidence report of a month, with what a verification finds now.

    Raises InvalidInput for a month that has not begun, or that was over when the log began.
    """
    begin, end = month_of(month)
    if begin > datetime.now(UTC):
        raise InvalidInput(f"{month} has not begun; ask for a month that has")
    # Asked for first: the statement for whom the console calls lives for a minute.
    asked = witnesses(channel)
    leaves: list[bytes] = []
    with no_collector():
        done = _verified(channel, leaves)
        entries = _entries(done, of_month(leaves, month))
    if entries and entries[0].time > end:
        raise InvalidInput(
            f"this log begins on {entries[0].time:%Y-%m-%d}, after {month}: it can say nothing"
            " about that month"
        )
    return evidence_report(
        entries, month, origin=done.report.origin, verification=report_lines(done.report),
        witnesses=[
            (one.name, one.state, str(one.size), _began(one.since.ToSeconds()))
            for one in asked
        ],
        letterhead=_over(letterhead, done),
    )  # fmt: skip


def breach(channel: grpc.Channel, suspicion: Suspicion, letterhead: Letterhead) -> ReportDocument:
    """Return the report of what a person or credential touched between two times.

    Raises NotFound for a subject that the log does not know, InvalidInput for times that cannot be.
    """
    if suspicion.told and suspicion.told > datetime.now(UTC):
        raise InvalidInput(
            "the deadlines count from the time at which the hospital learnt of it, which cannot lie"
            " in the future; it is written in UTC"
        )
    leaves: list[bytes] = []
    with no_collector():
        done = _verified(channel, leaves)
        entries = _entries(done, leaves)
    return breach_report(
        entries,
        suspicion,
        origin=done.report.origin,
        letterhead=_over(letterhead, done),
    )


def copy_of_log(channel: grpc.Channel) -> ExportedCopy:
    """Return the whole log as an archive that verifies on any machine, offline."""
    client = LogClient(channel)
    lines: list[bytes] = []
    checkpoint = keys = witnessed = ""
    for part in client.leaves():
        lines.extend(part.leaves)
        checkpoint = part.checkpoint or checkpoint
        keys = "".join(f"{key}\n" for key in part.verifier_keys) or keys
        witnessed = part.witnessed or witnessed
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(COPY_NAME, b"".join(line + b"\n" for line in lines))
        archive.writestr(f"{COPY_NAME}.checkpoint", checkpoint)
        archive.writestr(f"{COPY_NAME}.vkey", keys)
        if witnessed:
            archive.writestr(f"{COPY_NAME}.witnessed", witnessed)
        archive.writestr("log.csv", "".join(csv_lines(map(decode, lines))))
        archive.writestr("count.json", json.dumps({"entries": len(lines)}))
    return ExportedCopy(made.getvalue(), peek(checkpoint).size, checkpoint)


def _verified(channel: grpc.Channel, leaves: list[bytes]) -> LiveVerification:
    """Verify the log by the keys that it gives itself, and keep its entries."""
    return verify_source(ExportSource(LogClient(channel), keep=leaves), Trusted())


def _entries(done: LiveVerification, leaves: list[bytes]) -> list[Entry]:
    """Return entries; where the log is whole their form was found right, and is not held again."""
    return [*map(decode_verified if done.report.ok else decode, leaves)]


def _over(letterhead: Letterhead, done: LiveVerification) -> Letterhead:
    """Return the letterhead with the state of the log that the report is made over."""
    report = done.report
    return replace(letterhead, state=f"{report.size} entries, root {report.root.hex()}")


def _began(seconds: int) -> str:
    return f"{datetime.fromtimestamp(seconds, UTC):%Y-%m-%d %H:%M} UTC" if seconds else ""
