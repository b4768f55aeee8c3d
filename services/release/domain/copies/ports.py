# SPDX-License-Identifier: Apache-2.0
"""Ports: where records of copies are kept."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from services.release.domain.copies.copy import Copy


@dataclass(frozen=True)
class StoredCopy:
    """A copy and the generation of its record."""

    copy: Copy
    generation: int


class CopyStore(Protocol):
    """Records of copies of the research zone, replaced by compare-and-swap."""

    def copies(self, study_id: str) -> Sequence[StoredCopy]:
        """Return the copies of a study; raises Corrupted for a record that cannot be read."""

    def put_copy(self, one: Copy, base: int) -> int:
        """Store a copy behind generation `base`, 0 for a new one; return the new generation.

        Raises CopyChanged when another writer came between.
        """
