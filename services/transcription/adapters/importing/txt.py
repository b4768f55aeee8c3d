# SPDX-License-Identifier: Apache-2.0
"""Importer of plain text: a passage is a line; `structure` finds turns in them."""

from __future__ import annotations

import io
from collections.abc import Iterator
from typing import TYPE_CHECKING

from services.transcription.domain.reading import Passage

if TYPE_CHECKING:
    from services.transcription.adapters.importing import Source


def read(source: Source) -> Iterator[Passage]:
    """Yield a passage for each line that is not blank."""
    gap = False
    for number, line in enumerate(io.StringIO(source.text().replace("\f", "\n")), 1):
        if not line.strip():
            gap = True
            continue
        yield Passage(line.rstrip("\n"), gap=gap, place=number)
        gap = False
