# SPDX-License-Identifier: Apache-2.0
"""What the commands share: options, output, and connections to running services."""

from __future__ import annotations

import contextlib
import getpass
import json
import logging
import re
import sys
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Annotated, Any

import typer

from services.common import supervisor
from services.common.installation import Installation

if TYPE_CHECKING:
    from services.common.client import Peers

StudyOption = Annotated[str, typer.Option("--study", help="Study id.", metavar="ID")]


def say(text: str) -> None:
    """Tell the person something; never on stdout, which is for results."""
    sys.stderr.write(text + "\n")


def emit(record: dict[str, Any]) -> None:
    """Print one result as a line of JSON."""
    sys.stdout.write(json.dumps(record, ensure_ascii=False) + "\n")


def table(columns: Sequence[str], rows: Sequence[Sequence[object]]) -> None:
    """Print results as a table for people."""
    from rich.console import Console
    from rich.table import Table

    shown = Table(box=None, pad_edge=False, header_style="bold")
    for column in columns:
        shown.add_column(column, overflow="fold")
    for row in rows:
        shown.add_row(*(str(cell) for cell in row))
    width = None if sys.stdout.isatty() else 160
    Console(width=width, highlight=False, markup=False).print(shown)


def person() -> str:
    """The account of whoever runs the command, as the audit log writes it."""
    return re.sub(r"[^A-Za-z0-9_.@+-]", "_", getpass.getuser())[:64]


@contextlib.contextmanager
def connected(
    home: Installation, client: str, needs: Sequence[str], *, purpose: str = "research"
) -> Iterator[Peers]:
    """Channels for a role's client; starts the services that are needed where none run.

    Raises Unavailable when a service cannot be started.
    """

    def announce(names: list[str]) -> None:
        say(f"No services are running; starting {', '.join(names)} for this command.")

    with supervisor.running(home, needs, announce=announce) as addresses:
        # What libraries have to say is for the logs of services; here an error is one line.
        logging.disable(logging.CRITICAL)
        # gRPC takes a while to import, and commands that fail early do without it.
        from services.common import context, identity
        from services.common.client import Peers

        peers = Peers(identity.load(home.pki / client), addresses)
        try:
            with context.acting(
                person=person(),
                role=client,
                purpose=purpose,
                request_id=context.new_request_id(),
            ):
                yield peers
        finally:
            peers.close()
