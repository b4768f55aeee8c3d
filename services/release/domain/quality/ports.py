# SPDX-License-Identifier: Apache-2.0
"""Ports: where rounds of quality are kept."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from services.release.domain.quality.round import Round


@dataclass(frozen=True)
class StoredRound:
    """A round and the generation of its record."""

    round: Round
    generation: int


class RoundStore(Protocol):
    """Rounds of the research zone, replaced by compare-and-swap."""

    def rounds(self, study_id: str) -> Sequence[StoredRound]:
        """Return the rounds of a study by number; raises Corrupted for one that cannot be read."""

    def round(self, study_id: str, number: int) -> StoredRound | None:
        """Return one round, and None where there is none; raises Corrupted as `rounds` does."""

    def put_round(self, one: Round, base: int) -> int:
        """Store a round behind generation `base`, 0 for a new one; return the new generation.

        Raises ReviewChanged when another writer came between.
        """
