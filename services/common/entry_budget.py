# SPDX-License-Identifier: Apache-2.0
"""How many entries of the audit log somebody who is refused may cause."""

from __future__ import annotations

#: Refusals that have an entry each; after that, one a minute has.
MOST_SINGLE = 100
REFILL_SECONDS = 60.0


class EntryBudget:
    """A bucket of tokens, one for each entry; times are seconds of any one clock."""

    def __init__(self, now: float) -> None:
        self._left = float(MOST_SINGLE)
        self._last = now

    def spend(self, now: float) -> bool:
        """Take one; returns False when none is left."""
        self._left = min(MOST_SINGLE, self._left + (now - self._last) / REFILL_SECONDS)
        self._last = now
        if self._left < 1:
            return False
        self._left -= 1
        return True
