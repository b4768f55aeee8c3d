# SPDX-License-Identifier: Apache-2.0
"""Bounds on how much is left, from what a sample showed.

All bounds are one-sided at the level `alpha`: over many samples at most that share of them misses
the truth. Nothing here knows what a miss is.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

_STEPS = 100  # bisections of the unit interval: more than a double has digits


def clopper_pearson_upper(found: int, sample: int, alpha: float) -> float:
    """Return the upper bound of a share of which `found` of `sample` were seen.

    It is the share at which so few are seen with probability `alpha` (Clopper & Pearson 1934,
    Biometrika 26). Without any found it is 1 - alpha ** (1 / sample); without a sample it is 1.
    """
    if found >= sample:
        return 1.0
    return _bisect(lambda share: _binomial_at_most(found, sample, share) > alpha)


def clopper_pearson_lower(found: int, sample: int, alpha: float) -> float:
    """Return the lower bound of a share of which `found` of `sample` were seen."""
    return 1.0 - clopper_pearson_upper(sample - found, sample, alpha) if found else 0.0


def hypergeometric_upper(population: int, sample: int, found: int, alpha: float) -> int:
    """Return how many of a population may be bad at most, where `found` of a sample of it were.

    It is the largest number that would show so few with a probability above `alpha`. Of a
    population that was read as a whole it is what was found.
    """
    low, high = found, population - sample + found  # the answer lies between both, these included
    while low < high:
        middle = (low + high + 1) // 2
        if _hypergeometric_at_most(found, population, middle, sample) > alpha:
            low = middle
        else:
            high = middle - 1
    return low


def sample_for(population: int, most: int, alpha: float) -> int:
    """Return the smallest sample that, without anything found, bounds a population to `most`."""
    low, high = 0, population
    while low < high:
        middle = (low + high) // 2
        if hypergeometric_upper(population, middle, 0, alpha) <= most:
            high = middle
        else:
            low = middle + 1
    return low


@dataclass(frozen=True)
class StratifiedBound:
    """What two strata show together: one that was read as a whole, and a sample of the rest.

    `estimate` and `most` count bad ones among `population`, `share` is the bound as a share of it.
    `rest_share` is the bound of Clopper and Pearson on the share in the rest, as if it had no end.
    """

    population: int
    found: int
    estimate: float
    most: int
    rest_share: float

    @property
    def share(self) -> float:
        """The bound as a share of the population; 0 where there is none."""
        return self.most / self.population if self.population else 0.0


def stratified(
    census: int, found_in_census: int, rest: int, sample: int, found_in_sample: int, alpha: float
) -> StratifiedBound:
    """Bound what is left where `census` were all read, and `sample` of `rest` others.

    The census leaves nothing to chance, so that the whole of `alpha` is the sample's.
    """
    scaled = found_in_sample * rest / sample if sample else 0.0
    return StratifiedBound(
        census + rest,
        found_in_census + found_in_sample,
        found_in_census + scaled,
        found_in_census + hypergeometric_upper(rest, sample, found_in_sample, alpha),
        clopper_pearson_upper(found_in_sample, sample, alpha) if rest else 0.0,
    )


def _bisect(is_below: Callable[[float], bool]) -> float:
    """Return where a predicate that holds on the left of the unit interval ends to hold."""
    low, high = 0.0, 1.0
    for _ in range(_STEPS):
        middle = (low + high) / 2
        if is_below(middle):
            low = middle
        else:
            high = middle
    return high


def _binomial_at_most(most: int, trials: int, share: float) -> float:
    """Return the probability of at most `most` of `trials`."""
    if share >= 1.0:
        return 0.0 if most < trials else 1.0
    if share <= 0.0:
        return 1.0
    yes, no = math.log(share), math.log1p(-share)
    return math.fsum(
        math.exp(_log_choose(trials, one) + one * yes + (trials - one) * no)
        for one in range(most + 1)
    )


def _hypergeometric_at_most(most: int, population: int, bad: int, sample: int) -> float:
    """Return the probability that a sample of a population holds at most `most` of its bad ones."""
    all_samples = _log_choose(population, sample)
    least = max(0, sample - (population - bad))
    return math.fsum(
        math.exp(_log_choose(bad, one) + _log_choose(population - bad, sample - one) - all_samples)
        for one in range(least, min(most, bad, sample) + 1)
    )


def _log_choose(total: int, chosen: int) -> float:
    return math.lgamma(total + 1) - math.lgamma(chosen + 1) - math.lgamma(total - chosen + 1)
