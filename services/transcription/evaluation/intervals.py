# SPDX-License-Identifier: Apache-2.0
"""Rates with confidence intervals: the bootstrap over what was counted apart."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

ROUNDS, SEED, SHARE = 1000, 0, 0.95
"""Rounds of the bootstrap, the seed of its random numbers, and the share of them in an interval."""

Numbers = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Rate:
    """A rate with its interval; `low` and `high` are None where there are fewer than two units."""

    value: float
    low: float | None = None
    high: float | None = None
    units: int = 0


def rate(errors: Sequence[float] | Numbers, totals: Sequence[float] | Numbers) -> Rate | None:
    """Return the rate of errors of units that were counted apart; None without anything to count.

    The interval is the percentile bootstrap over units (Efron 1979; for word error rates Bisani and
    Ney 2004, ICASSP): errors of one segment or file hang together, those of two do not.
    """
    wrong, whole = np.asarray(errors, np.float64), np.asarray(totals, np.float64)
    if not whole.sum():
        return None
    value = float(wrong.sum() / whole.sum())
    units = len(whole)
    if units < 2:
        return Rate(value, units=units)
    random = np.random.default_rng(SEED)
    drawn: list[float] = []
    for _ in range(ROUNDS):
        weights = np.bincount(random.integers(0, units, units), minlength=units)
        if total := float(weights @ whole):
            drawn.append(float(weights @ wrong) / total)
    tail = 100 * (1 - SHARE) / 2
    low, high = np.percentile(drawn, [tail, 100 - tail])
    return Rate(value, float(low), float(high), units)
