# SPDX-License-Identifier: Apache-2.0
"""Records of copies in memory, which keep to the port's promises."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from services.release.domain.copies.copy import Copy
from services.release.domain.copies.ports import StoredCopy
from services.release.errors import CopyChanged


@dataclass
class MemoryCopies:
    """Keeps the newest generation of each."""

    kept: dict[tuple[str, str], StoredCopy] = field(default_factory=dict)

    def copies(self, study_id: str) -> Sequence[StoredCopy]:
        """Return those of a study."""
        return [one for (study, _), one in sorted(self.kept.items()) if study == study_id]

    def put_copy(self, one: Copy, base: int) -> int:
        """Store a copy behind generation `base`."""
        key = (one.taking.study, one.copy_id)
        if (self.kept[key].generation if key in self.kept else 0) != base:
            raise CopyChanged("somebody else was faster")
        self.kept[key] = StoredCopy(one, base + 1)
        return base + 1
