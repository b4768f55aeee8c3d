# SPDX-License-Identifier: Apache-2.0
"""`sotto audit verify`: is a log whole? Needs files and public keys, no service, no network."""

from __future__ import annotations

import contextlib
import json
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from services.audit.cli.options import (
    KeyOption,
    LogOption,
    WitnessPolicyOption,
    audit_folder,
    read_file,
    read_witness_policy,
)
from services.common.collector import no_collector
from services.common.errors import Corrupted, Exhausted, InvalidInput, NotFound, SottoError
from services.common.options import HomeOption, JsonOption
from services.common.output import print_message

if TYPE_CHECKING:  # what only some commands need is imported by these: the others stay quick
    from services.audit_evidence.verify import VerificationReport


def verify_command(
    log: LogOption = None,
    key: KeyOption = None,
    checkpoint: Annotated[
        list[Path] | None,
        typer.Option("--checkpoint", help="An earlier checkpoint that you kept; may be repeated."),
    ] = None,
    policy: WitnessPolicyOption = None,
    record: Annotated[
        bool,
        typer.Option("--record", help="Have the running log keep, under your name, what came out."),
    ] = False,
    home: HomeOption = None,
    as_json: JsonOption = False,
) -> None:
    """Check that a log is whole: every entry, the tree, the signatures, order, open intents.

    Ends with 0 when it is, with 4 when anything is wrong, with 1 when a full disk prevents it.
    """
    if record and log is not None:
        raise InvalidInput(
            "--record is for the log of this installation, which would keep the verdict of a copy"
            " as its own; leave out --log, or --record"
        )
    for named in (log, *(key or ()), *(checkpoint or ()), policy):
        if named is not None and not named.exists():  # says nothing about a log: a mistyped name
            raise NotFound(f"{named} does not exist, so nothing was checked; name what there is")
    try:
        report = verify_log(log or audit_folder(home), key or [], checkpoint or [], policy)
    except Exhausted:
        raise  # a full disk says nothing about the log
    except SottoError as error:
        if error.reason == "no_installation":
            raise  # a mistyped home says nothing about the log either
        # A file that is there and cannot be read is a finding too: a verifier gives a verdict.
        from services.audit_evidence.verify import VerificationReport

        report = VerificationReport()
        report.wrong(None, error.message)
    _print(report_dict(report), report, as_json=as_json)
    if record:
        _record(report, home)
    if not report.ok:
        raise typer.Exit(Corrupted.exit_code)


def _record(report: VerificationReport, home: Path | None) -> None:
    """Have the log of the home keep a verdict; a bad one stands even where it cannot be kept."""
    from services.audit.cli.service import audit_channel
    from services.audit_client.verifying import record_verification

    try:
        with audit_channel(home) as channel:
            print_message(f"This is entry {record_verification(channel, report)} of the log.")
    except SottoError as error:
        if report.ok:
            raise
        print_message(f"The log keeps no entry of this: {error.message}")


def verify_log(
    log: Path | None = None,
    keys: list[Path] | None = None,
    held: list[Path] | None = None,
    policy: Path | None = None,
) -> VerificationReport:
    """Verify a copy of the log; by default that of the home, with the key in its folder."""
    from services.audit.adapters.key_files import read_vkeys
    from services.audit.adapters.sources import find_copy, key_file, open_source
    from services.audit_evidence.verify import verify

    path = find_copy(log or audit_folder())
    source = open_source(path)
    trusted = read_witness_policy(policy)
    files = keys or ([] if trusted and trusted.logs else [key_file(path)])
    known = tuple(dict.fromkeys(key for file in files for key in read_vkeys(file)))
    kept = [(f"your checkpoint {file.name}", read_file(file)) for file in held or []]
    with contextlib.closing(source), no_collector():
        report = verify(source, known, held=kept, policy=trusted, now=datetime.now(UTC))
    if not keys and files:
        report.note(
            None,
            "the public key was taken from beside the log; to trust nobody here, keep your own "
            "copy of it elsewhere and give it by --key",
        )
    return report


def report_dict(report: VerificationReport) -> dict[str, Any]:
    """Return a report as plain data, for JSON and for other commands."""
    import base64

    return {
        "ok": report.ok,
        "origin": report.origin,
        "entries": report.size,
        "root": base64.b64encode(report.root).decode(),
        "first_time": report.first_time,
        "last_time": report.last_time,
        "signers": report.signers,
        "open_intents": report.open_intents,
        "witnessed": report.witnessed,
        "wrong": [{"entry": one.entry, "what": str(one)} for one in report.findings if one.wrong],
        "notes": [
            {"entry": one.entry, "what": str(one)} for one in report.findings if not one.wrong
        ],
        "left_out": report.left_out,
    }


def _print(data: dict[str, Any], report: VerificationReport, *, as_json: bool) -> None:
    from services.audit_evidence.verification_text import report_lines

    lines = [json.dumps(data, ensure_ascii=False)] if as_json else report_lines(report)
    sys.stdout.write("".join(line + "\n" for line in lines))
