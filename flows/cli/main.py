# SPDX-License-Identifier: Apache-2.0
"""The ``sotto`` command: its tree of commands, and how errors end it."""

from __future__ import annotations

import importlib
import os
import sys
from collections.abc import Sequence
from typing import Any

import typer

from flows.cli import system
from services.common.errors import SottoError

# Name: place and help. A module is imported when its command is called, so that the others stay
# quick. Offline commands live in the services that they belong to and are named here as text: the
# command line imports no service.
_COMMANDS = {
    "demo": ("flows.cli.demo:demo", "Take sample interviews the whole way and check everything."),
    "study": ("flows.cli.study:app", "Create and show studies."),
    "ingest": ("flows.cli.ingest:ingest", "Bring recordings or transcripts in."),
    "recordings": ("flows.cli.recordings:app", "See how far each recording is."),
    "release": ("flows.cli.release:app", "Build, export and verify releases."),
    "participant": ("flows.cli.participant:app", "Withdraw a participant's consent."),
    "audit": ("flows.cli.audit:app", "Read, verify and export the audit log."),
    "storage": ("flows.cli.storage:app", "Look after the stores."),
    "deid": ("services.deidentification.cli:app", "The de-identification engine alone."),
    "transcribe": ("services.transcription.cli:transcribe", "The transcription engine alone."),
    "models": ("services.transcription.cli:app", "Speech models: list, add, verify, pull."),
}


def build(arguments: Sequence[str]) -> typer.Typer:
    """The command tree; of the commands in the table only the one that is called is imported."""
    app = typer.Typer(
        name="sotto",
        help="From a clinic recording to an anonymised, analysis-ready transcript, with proof.",
        no_args_is_help=True,
        add_completion=False,
        pretty_exceptions_enable=False,
        context_settings={"help_option_names": ["-h", "--help"]},
    )
    app.command()(system.up)
    app.command()(system.down)
    app.command()(system.status)
    called = next((word for word in arguments if not word.startswith("-")), "")
    for name, (place, text) in _COMMANDS.items():
        found = _load(place) if name == called else _stand_in
        if isinstance(found, typer.Typer):
            app.add_typer(found, name=name, help=text)
        else:
            app.command(name, help=text if found is _stand_in else None)(found)
    return app


def _load(place: str) -> Any:
    module, attribute = place.split(":")
    return getattr(importlib.import_module(module), attribute)


def _stand_in() -> None:
    """Stands for a command that is only listed."""


def run(arguments: list[str] | None = None) -> None:
    """Run the command line and exit: 0 done, 2 wrong use, 3 refused, 4 bad input, 5 not there."""
    sys.exit(main(arguments))


def main(arguments: list[str] | None = None) -> int:
    """Run the command line and return its exit status."""
    # We start processes beside open channels; gRPC need not prepare for a bare fork.
    os.environ.setdefault("GRPC_ENABLE_FORK_SUPPORT", "0")
    words = sys.argv[1:] if arguments is None else arguments
    try:
        build(words)(args=words, prog_name="sotto")
    except SystemExit as leaving:
        return leaving.code if isinstance(leaving.code, int) else int(leaving.code is not None)
    except KeyboardInterrupt:
        return 130
    except SottoError as error:
        sys.stderr.write(f"sotto: {error.message}\n")
        return error.exit_code
    except Exception as error:  # noqa: BLE001 - the last resort of every command
        from services.common import logging

        sys.stderr.write(f"sotto: an internal error: {logging.describe(error)}\n")
        return 1
    return 0


if __name__ == "__main__":
    run()
