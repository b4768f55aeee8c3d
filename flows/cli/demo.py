# SPDX-License-Identifier: Apache-2.0
"""`sotto demo`: sample interviews from recording to release, and checks of the results."""

from __future__ import annotations

import contextlib
import os
import shutil
import sys
import tempfile
import threading
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from services.common import signals
from services.common.client_session import person
from services.common.errors import WrongUse
from services.common.installation import Installation
from services.common.options import HomeOption, installation_of
from services.common.output import print_message, print_table

if TYPE_CHECKING:
    from flows.demo.run import DemoReport


def demo(
    home: HomeOption = None,
    keep: Annotated[bool, typer.Option("--keep", help="Keep the home and the exports.")] = False,
    console: Annotated[
        bool,
        typer.Option(
            "--console", help="Open the web pages on a study with work to do, until Ctrl-C."
        ),
    ] = False,
) -> None:
    """Take the sample interviews from recording to release, heard by Whisper base.

    The model is fetched once, and kept for later. Without --home it works in a new temporary
    folder. Exit status 1 when a check fails.
    """
    from flows.demo import egress, speech_model

    # Before the network is left, and with all that the services are told.
    os.environ["SOTTO_SPEECH_MODEL"] = str(speech_model.fetch(print_message))
    if console:
        _open_console(home, keep)
        return

    # Settings of a home may name a store or a database that is not on this machine.
    alone = home is None or not (installation_of(home).root / "sotto.toml").exists()
    arguments = ["demo", *(["--home", str(home)] if home else []), *(["--keep"] if keep else [])]
    network = egress.watched(arguments, alone=alone)

    from flows.demo import run as demonstration

    with contextlib.ExitStack() as cleanup:
        installation, work = _prepare(home, keep, cleanup)
        report = demonstration.run(installation, work, person(), print_message, network)
        _print_report(report)
        if keep:
            print_message(f"Home: {installation.root}  Files: {work}")
    if not report.passed:
        raise typer.Exit(1)


def _open_console(home: Path | None, keep: bool) -> None:
    """Show the web pages to whoever sits here, with an account for each role."""
    from flows.demo import console

    stopping = threading.Event()
    signals.on_terminate(stopping.set)
    with contextlib.ExitStack() as cleanup:
        installation, work = _prepare(home, keep, cleanup)
        people = console.prepare(installation)

        def tell(address: str, release: str) -> None:
            print_table(
                ("ACCOUNT", "ROLE", "SET-UP CODE"),
                [(one.person, one.role, one.code) for one in people],
            )
            print_message(
                f"Open {address}/set-up, enter an account and its code, and scan the picture with"
                " an authenticator app. Browsers warn of the certificate until they know"
                f" {installation.pki / 'ca.pem'}.\nRelease {release} is built; what is left waits"
                " for a reviewer. Stop with Ctrl-C."
            )
            sys.stdout.flush()

        console.start(installation, work, print_message, tell, stopping.is_set)


def _prepare(
    home: Path | None, keep: bool, cleanup: contextlib.ExitStack
) -> tuple[Installation, Path]:
    """Return the installation and the folder for exports, and plan their removal.

    A home that was named is never removed.
    """
    if home is None:
        root = Path(tempfile.mkdtemp(prefix="sotto-demo-"))
        if not keep:
            cleanup.callback(shutil.rmtree, root, ignore_errors=True)
        return installation_of(root / "home"), root / "work"
    installation = installation_of(home)
    work = installation.root.with_name(installation.root.name + "-demo")
    if work.exists():
        if not keep:
            raise WrongUse(f"{work} exists already; move it, or name another --home")
        shutil.rmtree(work)
    if not keep:
        cleanup.callback(shutil.rmtree, work, ignore_errors=True)
    return installation, work


def _print_report(report: DemoReport) -> None:
    print_table(
        (
            "RECORDING",
            "WHO",
            "KIND",
            "STATE",
            "SEGMENTS",
            "REDACTED",
            "RISK",
            "WORDS WRONG",
            "READABLE",
            "APPROVED BY",
        ),
        [
            (
                recording.recording_id[:12],
                recording.participant,
                recording.kind,
                recording.label,
                recording.segments,
                recording.replacements,
                f"{recording.residual_risk:.3f}",
                report.measures[recording.recording_id].word_error_rate,
                report.measures[recording.recording_id].leaks,
                report.reviews[recording.recording_id].how,
            )
            for recording in report.recordings
        ],
    )
    print_table(
        ("", "CHECK", "FIGURE"),
        [(check.outcome, check.name, check.figure) for check in report.checks],
    )
    print_message(f"Release {report.release_id}; {report.seconds:.0f} seconds in all.")
