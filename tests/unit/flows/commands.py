# SPDX-License-Identifier: Apache-2.0
"""Commands that end in every way that a command can end, hung into the real command line."""

from __future__ import annotations

import typer

from services.common import errors

SECRET = "Puan Halimah"


def fail(kind: str) -> None:
    """Fail with an error of ours, or with a defect."""
    if kind == "defect":
        raise ValueError(SECRET)
    if kind == "interrupt":
        raise KeyboardInterrupt
    if kind == "exit":
        raise typer.Exit(1)
    raise getattr(errors, kind)("what happened; what to do")
