# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

from services.common.entry_budget import MOST_SINGLE, REFILL_SECONDS, EntryBudget


class TestEntryBudget:
    def test_is_spent_and_grows_again(self) -> None:
        """Of a flood so many have an entry, and then one for each minute."""
        budget = EntryBudget(0.0)

        assert sum(budget.spend(0.0) for _ in range(5000)) == MOST_SINGLE
        assert sum(budget.spend(number / 10) for number in range(6000)) == 600 // REFILL_SECONDS - 1

    def test_is_no_more_than_at_first(self) -> None:
        """A year of quiet allows no larger flood."""
        budget = EntryBudget(0.0)

        assert sum(budget.spend(365 * 86400.0) for _ in range(5000)) == MOST_SINGLE
