# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

from flows.maintenance_flow import conclude


class TestConclude:
    def test_all_went_well(self) -> None:
        """Prefect shows counts."""
        state = conclude(lambda: (True, "4 entries"), lambda: (True, "9 objects"))

        assert state.is_completed()
        assert state.message == "4 entries; 9 objects"

    def test_one_found_something(self) -> None:
        """What is found wrong makes the run fail, and the other checks run all the same."""
        state = conclude(lambda: (False, "damaged 1"), lambda: (True, "9 objects"))

        assert state.is_failed()
        assert state.message == "damaged 1; 9 objects"
