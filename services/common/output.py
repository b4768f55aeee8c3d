# SPDX-License-Identifier: Apache-2.0
"""How commands print: results on stdout, as lines of JSON or as a table; all else on stderr."""

from __future__ import annotations

import json
import sys
from collections.abc import Mapping, Sequence


def print_message(text: str) -> None:
    """Print a message for the person at the terminal. Stdout is for results alone."""
    sys.stderr.write(text + "\n")


def print_record(record: Mapping[str, object]) -> None:
    """Print one result as a line of JSON."""
    sys.stdout.write(json.dumps(record, ensure_ascii=False) + "\n")


def print_table(
    columns: Sequence[str], rows: Sequence[Sequence[object]], *, width: int = 160
) -> None:
    """Print results as a table for people, `width` characters wide without a terminal."""
    from rich.console import Console
    from rich.table import Table

    shown = Table(box=None, pad_edge=False, header_style="bold")
    for column in columns:
        shown.add_column(column, overflow="fold")
    for row in rows:
        shown.add_row(*(str(cell) for cell in row))
    fixed = None if sys.stdout.isatty() else width
    Console(width=fixed, highlight=False, markup=False).print(shown)
