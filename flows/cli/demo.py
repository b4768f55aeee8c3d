# SPDX-License-Identifier: Apache-2.0
"""``sotto demo``: sample interviews the whole way, and checks that say what was kept."""

from __future__ import annotations

import contextlib
import shutil
import tempfile
from pathlib import Path
from typing import Annotated

import typer

from flows.cli.shared import person, say, table
from services.common.errors import WrongUse
from services.common.options import HomeOption, installation_of


def demo(
    home: HomeOption = None,
    keep: Annotated[bool, typer.Option("--keep", help="Keep the home and the exports.")] = False,
) -> None:
    """Take the sample interviews from recording to release, with a demo model made for them.

    Without --home it works in a new temporary folder. Exit status 1 when a check does not hold.
    """
    from flows.demo import run as demonstration

    with contextlib.ExitStack() as cleanup:
        if home is None:
            root = Path(tempfile.mkdtemp(prefix="sotto-demo-"))
            if not keep:
                cleanup.callback(shutil.rmtree, root, ignore_errors=True)
            house, work = installation_of(root / "home"), root / "work"
        else:
            house = installation_of(home)
            work = house.root.with_name(house.root.name + "-demo")
            if work.exists():
                if not keep:
                    msg = f"{work} is in the way; move it, or name another --home"
                    raise WrongUse(msg)
                shutil.rmtree(work)
            if not keep:
                cleanup.callback(shutil.rmtree, work, ignore_errors=True)
        say("The demo model knows the voices of these samples and nothing else.")
        report = demonstration.run(house, work, person(), say)
        table(
            ("RECORDING", "WHO", "KIND", "STATE", "SEGMENTS", "REDACTED", "RESIDUAL RISK"),
            [
                (
                    one.recording_id[:12],
                    one.participant,
                    one.kind,
                    one.state,
                    one.segments,
                    one.replacements,
                    f"{one.residual_risk:.2f}",
                )
                for one in report.recordings
            ],
        )
        table(
            ("", "CHECK", "FIGURE"),
            [
                ("ok" if check.holds else "FAILED", check.name, check.figure)
                for check in report.checks
            ],
        )
        say(f"Release {report.release_id}; {report.seconds:.0f} seconds in all.")
        if keep:
            say(f"Home: {house.root}  Files: {work}")
    if not report.holds:
        raise typer.Exit(1)
