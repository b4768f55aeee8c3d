# SPDX-License-Identifier: Apache-2.0
"""Decides on a run again and again while others do, too; says which generations it wrote."""

from __future__ import annotations

import contextlib
import sys
from pathlib import Path

from services.storage.domain.reviews import Review, Reviews
from services.storage.errors import GenerationMoved
from tests.support.storage_calls import RUN
from tests.support.storage_zone import P07, open_zone

REC = "rec-" + "a" * 26


def word(person: str) -> Review:
    """An approval by a person."""
    return Review(
        run=RUN,
        state="approved",
        decided_by=person,
        decided_at="2026-11-25T16:00:00.000000+00:00",
        residual_risk=0.1,
        threshold=0.2,
        reason="",
        corrections_generation=0,
    )


def main() -> None:
    """Write until `last` generations are there."""
    root, person, last = Path(sys.argv[1]), sys.argv[2], int(sys.argv[3])
    reviews = Reviews(open_zone(root, "research").store)
    generation = 0
    while generation < last:
        with contextlib.suppress(GenerationMoved):
            reviews.put(P07, REC, word(person), generation)
            print(generation + 1, flush=True)  # noqa: T201 - what it won
        generation = reviews.all(P07, REC)[0].generation


if __name__ == "__main__":
    main()
