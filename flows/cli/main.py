# SPDX-License-Identifier: Apache-2.0
"""The `sotto` command: its tree of commands, and how errors end it."""

from __future__ import annotations

import contextvars
import importlib
import importlib.metadata
import os
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated

import typer

from flows.cli import system
from services.common import client_session, hardening, telemetry
from services.common.errors import SottoError, disk_full
from services.common.files import says_disk_full


@dataclass(frozen=True, slots=True)
class Command:
    """A command by its place, `module:attribute`: a function, or a group of commands."""

    place: str
    help: str
    offline: Mapping[str, str] = field(default_factory=dict)
    """Commands of the group that need no service running, by name: their places."""


# A module is imported when its command is called, so that the others stay quick. Offline commands
# live in the services that they belong to and are named here as text: the command line imports no
# service. This table is the only place in `flows` from which modules are loaded by name.
COMMANDS: dict[str, Command] = {
    "demo": Command(
        "flows.cli.demo:demo", "Take sample interviews the whole way and check everything."
    ),
    "study": Command("flows.cli.study:app", "Create and show studies."),
    "ingest": Command("flows.cli.ingest:ingest", "Bring recordings or transcripts in."),
    "recordings": Command("flows.cli.recordings:app", "See how far each recording is."),
    "review": Command(
        "flows.cli.review:app", "See what waits for review, correct it, approve or reject it."
    ),
    "quality": Command(
        "flows.cli.quality:app", "Read samples of approved transcripts, and vouch for them."
    ),
    "release": Command(
        "flows.cli.release:app",
        "Build, export and verify releases.",
        {"verify": "services.release.cli:verify"},
    ),
    "participant": Command("flows.cli.participant:app", "Withdraw a participant's consent."),
    "pseudonym": Command(
        "flows.cli.pseudonym:app",
        "Have a pseudonym revealed: one person asks, another one grants.",
    ),
    "audit": Command("services.audit.cli.main:app", "Read, verify and export the audit log."),
    "certificates": Command(
        "flows.cli.certificates:app", "Issue, list and renew certificates of services and clients."
    ),
    "storage": Command(
        "flows.cli.storage:app",
        "Look after the stores.",
        {
            "check": "services.storage.cli:check",
            "move-keys": "services.storage.cli:move_keys",
        },
    ),
    "console": Command(
        "services.console.cli:app", "Accounts of the web console, and who is signed in."
    ),
    "backup": Command("flows.cli.backup:app", "Copy the installation, check and restore copies."),
    "deid": Command("services.deidentification.cli:app", "The de-identification engine alone."),
    "transcribe": Command(
        "services.transcription.cli:transcription",
        "The transcription engine alone: `sotto transcribe FILE`, or one of these.",
    ),
    "models": Command(
        "services.transcription.cli:app", "Speech models: list, add, verify, pull, bundle."
    ),
}


def build(arguments: Sequence[str]) -> typer.Typer:
    """Return the command tree; of the table only the command that is called is imported."""
    app = typer.Typer(
        name="sotto",
        no_args_is_help=True,
        add_completion=False,
        pretty_exceptions_enable=False,
        context_settings={"help_option_names": ["-h", "--help"]},
    )
    app.callback()(_common)
    app.command()(system.up)
    app.command()(system.down)
    app.command()(system.status)
    called = _called(arguments)
    for name, command in COMMANDS.items():
        if name != called:
            app.command(name, help=command.help)(_not_loaded)
            continue
        found = _load(command.place)
        if isinstance(found, typer.Typer):
            app.add_typer(_with_offline(found, command), name=name, help=command.help)
        else:
            app.command(name)(found)
    return app


def _print_version(wanted: bool) -> None:
    if wanted:
        sys.stdout.write(f"sotto {importlib.metadata.version('sotto')}\n")
        raise typer.Exit


def _common(
    certificates: Annotated[
        list[Path] | None,
        typer.Option(
            "--certificate",
            metavar="FOLDER",
            help="Folder of a certificate of yours; may be repeated, one for each of your roles"
            " (default: $SOTTO_CERTIFICATE, then the certificates of the home).",
        ),
    ] = None,
    _version: Annotated[
        bool,
        typer.Option(
            "--version", is_eager=True, callback=_print_version, help="Print the version."
        ),
    ] = False,
) -> None:
    """From a clinic recording to an anonymised, analysis-ready transcript, with proof."""
    if certificates:
        client_session.choose_certificates(certificates)


def _called(arguments: Sequence[str]) -> str:
    """Return the command among the words of a command line; empty for none."""
    words = iter(arguments)
    for word in words:
        if word == "--certificate":
            next(words, "")
        elif not word.startswith("-"):
            return word
    return ""


def _with_offline(group: typer.Typer, command: Command) -> typer.Typer:
    """Return the group with the offline commands that belong to it."""
    if not command.offline:
        return group
    whole = typer.Typer(no_args_is_help=True)
    whole.add_typer(group)
    for name, place in command.offline.items():
        found = _load(place)
        if isinstance(found, typer.Typer):
            whole.add_typer(found, name=name)
        else:
            whole.command(name)(found)
    return whole


def _load(place: str) -> typer.Typer | Callable[..., None]:
    """Import what a place names; raises TypeError when it is no command."""
    module, attribute = place.split(":")
    found: object = getattr(importlib.import_module(module), attribute)
    if not isinstance(found, typer.Typer) and not callable(found):
        raise TypeError(f"{place} is no command")
    return found


def _not_loaded() -> None:
    """Take the place of a command that is listed and not called."""


def run(arguments: list[str] | None = None) -> None:
    """Run the command line and exit: 0 done, 2 wrong use, 3 refused, 4 bad input, 5 not there."""
    hardening.protect_memory()
    sys.exit(main(arguments))


def main(arguments: list[str] | None = None) -> int:
    """Run the command line and return its exit status."""
    # We start processes beside open channels; gRPC need not prepare for a bare fork.
    os.environ.setdefault("GRPC_ENABLE_FORK_SUPPORT", "0")
    telemetry.switch_off()
    words = sys.argv[1:] if arguments is None else arguments
    try:
        # A context of its own, since a test calls this more than once.
        contextvars.copy_context().run(build(words), args=words, prog_name="sotto")
    except SystemExit as leaving:
        return leaving.code if isinstance(leaving.code, int) else int(leaving.code is not None)
    except KeyboardInterrupt:
        return 130
    except SottoError as error:
        sys.stderr.write(f"sotto: {error.message}\n")
        return error.exit_code
    except Exception as error:  # noqa: BLE001 - the last resort of every command
        if isinstance(error, OSError) and says_disk_full(error):
            full = disk_full()
            sys.stderr.write(f"sotto: {full.message}\n")
            return full.exit_code
        from services.common import logging

        sys.stderr.write(f"sotto: an internal error: {logging.describe(error)}\n")
        return 1
    return 0


if __name__ == "__main__":
    run()
