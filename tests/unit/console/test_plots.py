# SPDX-License-Identifier: Apache-2.0

from __future__ import annotations

import datetime as dt

from services.console.web.plots import HEIGHT, WIDTH, Bars, per_day

TODAY = dt.date(2026, 3, 4)


def noon(day: int) -> dt.datetime:
    """A moment of a day in March."""
    return dt.datetime(2026, 3, day, 12, tzinfo=dt.UTC)


class TestBars:
    def test_by_day(self) -> None:
        """Each of the last days has its sum, also those with nothing; older ones are left out."""
        counts = [(noon(1), 5), (noon(3), 1), (noon(3), 2), (noon(4), 1)]
        assert per_day(counts, 3, TODAY) == [
            (dt.date(2026, 3, 2), 0),
            (dt.date(2026, 3, 3), 3),
            (dt.date(2026, 3, 4), 1),
        ]

    def test_within_the_picture(self) -> None:
        """The largest is as high as the picture, days without anything have no bar."""
        bars = Bars(per_day([(noon(3), 3), (noon(4), 1)], 3, TODAY))
        assert (bars.total, bars.most) == (4, 3)
        assert [bar.value for bar in bars.bars] == [3, 1]
        assert bars.bars[0].height == HEIGHT
        assert bars.bars[1].x + bars.bars[1].width <= WIDTH

    def test_nothing(self) -> None:
        """No division by nothing."""
        assert not Bars(per_day([], 3, TODAY)).bars
