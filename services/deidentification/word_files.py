# SPDX-License-Identifier: Apache-2.0
"""Reader of word lists: text files with `#` comments, one entry a line or in `[sections]`."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path


def lines(path: Path) -> Iterator[str]:
    """Yield the lines of a file without comments and empty lines."""
    with path.open(encoding="utf-8") as handle:
        for line in handle:
            if line[0] not in "#\n":
                yield line.rstrip("\n")


def sections(path: Path) -> Iterator[tuple[str, list[str]]]:
    """Yield the title and the lines of each section of a file."""
    title, body = "", list[str]()
    for line in lines(path):
        if line.startswith("["):
            if title:
                yield title, body
            title, body = line.strip("[]"), []
        else:
            body.append(line)
    if title:
        yield title, body
