# SPDX-License-Identifier: Apache-2.0
"""`sotto audit who` and `sotto audit history`: answers about a participant, and about the log."""

from __future__ import annotations

import csv
import io
import json
import sys
from collections.abc import Sequence
from typing import TYPE_CHECKING, Annotated

import typer

from services.audit.cli.options import LogOption, check_filled, read_period
from services.audit.cli.reader import LogReader
from services.audit.cli.service import fetch_log
from services.common.errors import WrongUse
from services.common.options import HomeOption, JsonOption
from services.common.output import print_message, print_table
from services.common.wording import counted

if TYPE_CHECKING:  # what only some commands need is imported by these: the others stay quick
    from services.audit_evidence.history import LogCheck
    from services.audit_evidence.who import Answer, Sight

_READER = LogReader(fetch_log)
_REACHED = {
    "person": "yes",
    "services": "no, services did",
    "refused": "no, refused",
}


def who(
    participant: Annotated[str, typer.Argument(metavar="CODE", help="Participant code.")],
    study: Annotated[str | None, typer.Option("--study", metavar="ID", help="Study id.")] = None,
    since: Annotated[
        str | None, typer.Option(metavar="TIME", help="Such as 2026-11-25T08:00Z.")
    ] = None,
    until: Annotated[
        str | None, typer.Option(metavar="TIME", help="The end, not included.")
    ] = None,
    log: LogOption = None,
    home: HomeOption = None,
    as_json: JsonOption = False,
    as_csv: Annotated[bool, typer.Option("--csv", help="For a spreadsheet, on stdout.")] = False,
) -> None:
    """Show who saw a participant's words, when and why, and which releases hold them."""
    from services.audit_evidence.custody import steps
    from services.audit_evidence.who import who_saw

    check_filled({"--study": study, "--since": since, "--until": until})
    if as_json and as_csv:
        raise WrongUse("give one of --json and --csv")
    begin, end = read_period(since or "", until or "")
    with _READER.open(log, home) as copy:
        answer = who_saw(steps(copy.entries()), participant, study or "", begin, end)
    rows = [_row(sight) for sight in answer.sights]
    handed = _handed_out(answer)
    others: list[dict[str, object]] = [{"entry": index} for index in answer.not_counted]
    kinds = (("seen", rows), ("release", handed), ("not-counted", others))
    records = [(kind, record) for kind, found in kinds for record in found]
    if as_json:
        for kind, record in records:
            sys.stdout.write(json.dumps({"kind": kind, **record}) + "\n")
        return
    if as_csv:
        _print_csv(records)
        return
    name = f"{participant} of study {answer.study_id}"
    if rows:
        print_table(
            ("TIME", "WHO", "ROLE", "PURPOSE", "GOT THE WORDS", "WHAT", "#"),
            [
                (
                    str(one["time"])[:19], one["who"], one["role"], one["purpose"],
                    _REACHED[str(one["reached"])], "; ".join(sight.acts), _numbers(sight.entries),
                )
                for one, sight in zip(rows, answer.sights, strict=True)
            ],
            width=200,
        )  # fmt: skip
    else:
        print_message(f"Nobody saw words of {name} in this time.")
    if handed:
        whenever = ", whenever they were handed out" if since or until else ""
        print_message(f"\nReleases that hold words of {name}{whenever}:")
        print_table(
            ("RELEASE", "BUILT", "HANDED OUT TO", "WHEN", "FORMAT", "ENDED"),
            [tuple(one[key] for key in ("release_id", "built", "to", "time", "format", "ended"))
             for one in handed],
            width=200,
        )  # fmt: skip
    else:
        print_message(f"No release holds words of {name}.")
    if answer.not_counted:
        print_message(
            f"{counted(len(answer.not_counted), 'act')} not counted, written by a service that does"
            f" not own the event: sotto audit show {answer.not_counted[0]}"
        )
    if answer.asked:
        print_message(
            f"{counted(answer.asked, 'question')} about a participant of this code"
            f" {'is' if answer.asked == 1 else 'are'} in the log too:"
            " sotto audit list --event audit:log:read"
        )


def history(log: LogOption = None, home: HomeOption = None, as_json: JsonOption = False) -> None:
    """Show when the log was checked for being whole, by whom, and what came of it."""
    from services.audit_evidence.custody import steps
    from services.audit_evidence.history import checks

    with _READER.open(log, home) as copy:
        found = checks(steps(copy.entries()))
    if as_json:
        for one in found:
            record = {
                "entry": one.index,
                "time": f"{one.time:%Y-%m-%dT%H:%M:%SZ}",
                "by": one.by,
                "kind": one.kind,
                "entries": one.entries,
                "findings": one.findings,
                "verdict": one.verdict,
            }
            sys.stdout.write(json.dumps(record) + "\n")
        return
    if found:
        print_table(
            ("TIME", "BY", "WHAT", "ENTRIES", "RESULT", "#"),
            [
                (
                    f"{one.time:%Y-%m-%dT%H:%M:%S}",
                    one.by,
                    one.kind,
                    one.entries,
                    _result(one),
                    one.index,
                )
                for one in found
            ],
        )
    print_message(summary(found))


def summary(found: Sequence[LogCheck]) -> str:
    """Return in a sentence when the log was last whole, and whether it ever was not."""
    if not found:
        return "The log tells of no check yet. Check it now with: sotto audit verify"
    bad = [one for one in found if one.verdict == "not-whole"]
    good = [one for one in found if one.is_whole]
    last = f"last whole on {good[-1].time:%Y-%m-%d %H:%M} UTC" if good else "never found whole"
    ever = f"not whole {counted(len(bad), 'time')}" if bad else "never found otherwise"
    return f"{counted(len(found), 'check')}: {last}, {ever}."


def _result(one: LogCheck) -> str:
    words = {"whole": "whole", "not-whole": "NOT WHOLE", "not-checked": "not checked"}
    result = words.get(one.verdict, one.verdict)
    return f"{result}, {counted(one.findings, 'finding')}" if one.findings else result


def _row(sight: Sight) -> dict[str, object]:
    return {
        "time": f"{sight.time:%Y-%m-%dT%H:%M:%SZ}",
        "who": sight.person,
        "role": sight.role,
        "purpose": sight.purpose,
        "reached": sight.reached,
        "acts": list(sight.acts),
        "zones": list(sight.zones),
        "objects": list(sight.objects),
        "entries": list(sight.entries),
    }


def _handed_out(answer: Answer) -> list[dict[str, object]]:
    """Return a record for each export of a release, and one for a release without any."""
    from services.audit_evidence.plain_words import ended
    from services.audit_evidence.plain_words import who as name_of

    records: list[dict[str, object]] = []
    for release in answer.releases:
        built = f"{release.built.began.time:%Y-%m-%dT%H:%M:%SZ}" if release.built else ""
        head = {"release_id": release.release_id, "built": built}
        if not release.exports:
            records.append({**head, "to": "nobody yet", "time": "", "format": "", "ended": ""})
        records += [
            {
                **head,
                "to": name_of(step),
                "time": f"{step.began.time:%Y-%m-%dT%H:%M:%SZ}",
                "format": step.attributes.get("format", ""),
                "ended": ended(step),
            }
            for step in release.exports
        ]
    return records


def _numbers(entries: Sequence[int]) -> str:
    more = f" +{len(entries) - 1}" if len(entries) > 1 else ""
    return f"{entries[0]}{more}"


def _print_csv(records: Sequence[tuple[str, dict[str, object]]]) -> None:
    """Print the records of all kinds under one head; cells that a kind lacks stay empty."""
    from services.audit_evidence.exports.table import safe_cell

    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\r\n")
    columns = (
        "kind", "time", "who", "role", "purpose", "reached", "acts", "zones", "objects", "entries",
        "release_id", "built", "to", "format", "ended", "entry",
    )  # fmt: skip
    writer.writerow(columns)
    for kind, row in records:
        cells = [kind, *(row.get(column, "") for column in columns[1:])]
        joined = ["; ".join(map(str, one)) if isinstance(one, list) else str(one) for one in cells]
        writer.writerow(map(safe_cell, joined))
    sys.stdout.write(text.getvalue())
