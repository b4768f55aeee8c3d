# SPDX-License-Identifier: Apache-2.0
"""Plots as SVG made here: no script, no style of their own, and the numbers beside them."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

WIDTH, HEIGHT = 600, 120
_GAP = 2


@dataclass(frozen=True, slots=True)
class Bar:
    """A bar in units of the picture, with what it stands for."""

    x: float
    y: float
    width: float
    height: float
    day: dt.date
    value: int


@dataclass(frozen=True, slots=True)
class Bars:
    """Values by day, in order."""

    days: Sequence[tuple[dt.date, int]]

    @property
    def most(self) -> int:
        """The largest value."""
        return max((value for _, value in self.days), default=0)

    @property
    def total(self) -> int:
        """All values together."""
        return sum(value for _, value in self.days)

    @property
    def bars(self) -> Sequence[Bar]:
        """The bars of days with something in them."""
        step = WIDTH / max(len(self.days), 1)
        made = []
        for at, (day, value) in enumerate(self.days):
            height = HEIGHT * value / self.most if self.most else 0.0
            if value:
                bar = Bar(at * step, HEIGHT - height, step - _GAP, height, day, value)
                made.append(bar)
        return made


@dataclass(frozen=True, slots=True)
class Plot:
    """Bars under a heading, in the visitor's language."""

    heading: str
    bars: Bars


def per_day(
    counts: Iterable[tuple[dt.datetime, int]], days: int, today: dt.date | None = None
) -> list[tuple[dt.date, int]]:
    """Return the sum of each of the last days, today included."""
    sums: Counter[dt.date] = Counter()
    for moment, value in counts:
        sums[moment.date()] += value
    last = today or dt.datetime.now(dt.UTC).date()
    return [(day, sums[day]) for day in (last - dt.timedelta(at) for at in range(days - 1, -1, -1))]
