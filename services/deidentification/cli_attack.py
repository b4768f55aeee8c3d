# SPDX-License-Identifier: Apache-2.0
"""Offline command `sotto deid attack`: plays the intruder with a release."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Annotated

import typer

from services.common.options import JsonOption


def attack(
    released: Annotated[
        Path,
        typer.Argument(
            metavar="RELEASE",
            help="A folder that was exported (jsonl or txt), or JSON lines of de-identified text.",
        ),
    ],
    background: Annotated[
        Path | None,
        typer.Option(
            "--background",
            metavar="FILE",
            help="What somebody knows of people around them: CSV or JSON, a column an attribute.",
        ),
    ] = None,
    least: Annotated[
        int, typer.Option("--least", min=1, help="Fewer people than this is standing out.")
    ] = 11,
    as_json: JsonOption = False,
) -> None:
    """Say who stands out of de-identified interviews: by what they tell, against open figures of
    Malaysia, and against people whom somebody knows.
    """
    from services.singling_out.estimate import standings
    from services.singling_out.files import read_interviews, read_known
    from services.singling_out.linkage import KnownPeople
    from services.singling_out.profiles import by_value, profiles
    from services.singling_out.report import Report

    found = profiles(read_interviews(released))
    known = KnownPeople(read_known(background)) if background else None
    report = Report.of(standings(found, by_value(found)), least, known)
    if as_json:
        sys.stdout.write(json.dumps(report.as_json(), ensure_ascii=False) + "\n")
    else:
        sys.stdout.write(report.text())
