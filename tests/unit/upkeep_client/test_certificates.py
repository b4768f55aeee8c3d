# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

import datetime as dt

import pytest

from services.upkeep_client.certificates import of_process
from services.upkeep_client.facts import Fact, Tone, ago

NOW = dt.datetime(2026, 11, 29, tzinfo=dt.UTC)


class TestOfProcess:
    @pytest.mark.parametrize(
        ("days", "tone"), [(31, Tone.GOOD), (30, Tone.DOUBT), (0, Tone.BAD), (-3, Tone.BAD)]
    )
    def test_warns_30_days_before(self, days: int, tone: Tone) -> None:
        """Whoever looks in time can renew it before anything stops."""
        fact = of_process("audit", "1.0", NOW + dt.timedelta(days=days), NOW)
        told = list(fact.lines())
        assert fact.tone is tone
        assert told[0].startswith("version 1.0, ")
        assert (told[1:] == []) is (tone is Tone.GOOD)
        assert tone is Tone.GOOD or "sotto certificates renew audit" in told[1]

    def test_what_an_older_process_does_not_tell(self) -> None:
        """It is said to be unknown."""
        assert "unknown" in of_process("audit", "", None, NOW).text


class TestFact:
    def test_lines(self) -> None:
        """People read the fact with its values, then what to do."""
        fact = Fact("a", "at {at}", {"at": "noon", "what": "rest"}, advice="Do {what}")
        assert list(fact.lines()) == ["at noon", "Do rest"]

    def test_ago(self) -> None:
        """The largest unit that fits."""
        told = [ago(NOW - dt.timedelta(seconds=one), NOW) for one in (5, 120, 7300, 200000, -9)]
        assert told == ["5 s", "2 min", "2 h", "2 d", "0 s"]
