# SPDX-License-Identifier: Apache-2.0
"""`sotto audit review`: records that an officer looked through the log."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from services.audit.cli.options import audit_folder, read_time
from services.audit.cli.service import audit_channel
from services.common.errors import InvalidInput
from services.common.options import HomeOption, JsonOption
from services.common.output import print_message, print_record
from services.registry.attributes import FINDINGS


def review(
    since: Annotated[str, typer.Option("--from", metavar="DAY", help="Such as 2026-11-01 (UTC).")],
    until: Annotated[str, typer.Option("--to", metavar="DAY", help="The first day not looked at.")],
    finding: Annotated[str, typer.Option("--finding", help=f"One of: {', '.join(FINDINGS)}.")],
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
    if finding not in FINDINGS:
        raise InvalidInput(f"a finding is one of {', '.join(FINDINGS)}")
    first, last = read_time(since), read_time(until)
    from services.audit.cli.verify import verify_log

    report = verify_log(log or audit_folder(home))
    with audit_channel(home) as channel:
        from services.audit_client.verifying import record_review

        index = record_review(
            channel, (first, last), finding, size=report.size, root=report.root, is_whole=report.ok
        )
    if as_json:
        print_record({"entry": index, "finding": finding, "entries": report.size})
    else:
        print_message(f"Your review of {report.size} entries is entry {index}: {finding}.")
