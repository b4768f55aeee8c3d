# SPDX-License-Identifier: Apache-2.0
"""How many both of two blind readers may have missed: capture and recapture.

It is a lower estimate: readers miss the same hard things, which no count of theirs shows
(Webster & Kemp 2013, "Estimating Omissions from Searches", The American Statistician 67). It judges
nothing; it is stated.
"""

from __future__ import annotations

import math
from dataclasses import dataclass


@dataclass(frozen=True)
class Recapture:
    """What two readers found: `both`, only the first, only the second."""

    both: int
    first_only: int
    second_only: int

    @property
    def missed(self) -> float:
        """Chapman's estimate of what neither found (Chapman 1951)."""
        return self.first_only * self.second_only / (self.both + 1)

    @property
    def deviation(self) -> float:
        """The standard deviation of Chapman's estimate (Seber 1970)."""
        first, second = self.both + self.first_only, self.both + self.second_only
        variance = ((first + 1) * (second + 1) * (first - self.both) * (second - self.both)) / (
            (self.both + 1) ** 2 * (self.both + 2)
        )
        return math.sqrt(variance)

    def most_missed(self, alpha: float) -> int | None:
        """Return how many neither found at most, with a flat prior; None where nothing says so.

        The posterior is proportional to (a+d)! (b+d)! / (d! (a+b+c+d)!) for d missed, which has a
        sum only where both found two or more.
        """
        if self.both < 2:
            return None
        weights: list[float] = []
        total = 0.0
        for missed in range(_MOST_MISSED):
            weights.append(math.exp(self._log_weight(missed) - self._log_weight(0)))
            total += weights[-1]
            # The terms fall as missed ** -both; the tail is bounded by that of the integral.
            if missed > 10 and weights[-1] * missed / (self.both - 1) < total * _NEGLIGIBLE:
                break
        part = 0.0
        for missed, weight in enumerate(weights):
            part += weight
            if part >= (1 - alpha) * total:
                return missed
        return None

    def _log_weight(self, missed: int) -> float:
        a, b, c = self.first_only, self.second_only, self.both
        return (
            math.lgamma(a + missed + 1)
            + math.lgamma(b + missed + 1)
            - math.lgamma(missed + 1)
            - math.lgamma(a + b + c + missed + 1)
        )


_MOST_MISSED = 200_000
_NEGLIGIBLE = 1e-6
