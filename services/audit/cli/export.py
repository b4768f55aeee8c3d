# SPDX-License-Identifier: Apache-2.0
"""`sotto audit export`: the log in other formats, once or as it grows."""

from __future__ import annotations

import sys
import time
from pathlib import Path
from typing import Annotated

import typer

from services.audit.cli.service import audit_channel, fetch_log, newest_state, query_stub
from services.common.errors import InvalidInput, WrongUse
from services.common.options import HomeOption, JsonOption
from services.common.output import print_message, print_record

_FOLLOW_SECONDS = 5.0


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
    from services.audit.cli import log_export

    log_export.check_format(fmt)
    if follow:
        _follow(home, fmt)
        return
    if out is None:
        raise WrongUse("say by --out which file to make")
    target = out.absolute()
    if not target.parent.is_dir():
        raise InvalidInput(f"{out.parent} is not a folder; make it first")
    with fetch_log(home) as copy:
        count = log_export.export(copy, fmt, target)
    if as_json:
        print_record({"entries": count, "out": str(target)})
    else:
        print_message(f"{count} entries are in {out}.")


def _follow(home: Path | None, fmt: str) -> None:
    """Write entries as they come, until stopped."""
    from services.audit.cli import log_export

    if fmt not in log_export.FOLLOWED:
        raise WrongUse("only cef and ocsf can be followed")
    with audit_channel(home) as channel:
        from sotto.audit.v1 import entry_pb2

        stub = query_stub(channel)
        first = 0
        while True:
            size, keys = newest_state(channel)
            # Each look leaves two entries of its own; they alone are no reason for another.
            if size > first + 2 or first == 0:
                leaves: list[bytes] = []
                for part in stub.ExportEntries(entry_pb2.ExportEntriesRequest(from_index=first)):
                    leaves.extend(part.leaves)
                copy = log_export.LogCopy(leaves, verifier_keys=keys)
                sys.stdout.writelines(log_export.lines(copy.entries(), fmt, copy.origin))
                sys.stdout.flush()
                first += len(leaves)
            time.sleep(_FOLLOW_SECONDS)
