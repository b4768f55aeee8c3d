# SPDX-License-Identifier: Apache-2.0
"""Reads exchanges: turns as `I: text` or `P: text` lines, exchanges apart by a blank line."""

from __future__ import annotations

Exchange = tuple[tuple[str, str], ...]


def exchanges(text: str) -> tuple[Exchange, ...]:
    """Return the exchanges of a block of text."""
    out: list[Exchange] = []
    for block in text.strip().split("\n\n"):
        turns = []
        for line in block.splitlines():
            speaker, _, said = line.partition(": ")
            turns.append(({"I": "interviewer", "P": "participant"}[speaker], said))
        out.append(tuple(turns))
    return tuple(out)
