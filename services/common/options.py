# SPDX-License-Identifier: Apache-2.0
"""Options that many commands share."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from services.common.installation import Installation

HomeOption = Annotated[
    Path | None,
    typer.Option(
        "--home",
        help="Folder of the installation (default: $SOTTO_HOME, then the platform's state folder).",
        show_default=False,
    ),
]
JsonOption = Annotated[bool, typer.Option("--json", help="One JSON object a line on stdout.")]


def installation_of(path: Path | None) -> Installation:
    """Return the installation that a command works on; it need not have been made."""
    return Installation(path.expanduser().absolute()) if path else Installation.default()


def existing_installation(path: Path | None) -> Installation:
    """Return the installation that a command works on, for one that makes none; raises WrongUse."""
    return installation_of(path).require()
