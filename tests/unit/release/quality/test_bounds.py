# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import beta, hypergeom

from services.release.domain.quality.bounds import (
    clopper_pearson_lower,
    clopper_pearson_upper,
    hypergeometric_upper,
    sample_for,
    stratified,
)

ALPHAS = st.sampled_from([0.01, 0.05, 0.1])


class TestClopperPearson:
    """Bounds on a share, of an endless population."""

    @pytest.mark.parametrize(
        ("sample", "found", "percent"),
        [
            (300, 0, 0.99), (300, 1, 1.57), (300, 2, 2.08), (300, 3, 2.56), (300, 5, 3.47),
            (600, 0, 0.50), (600, 3, 1.29), (1000, 1, 0.47), (3000, 0, 0.10), (3000, 5, 0.35),
        ],
    )  # fmt: skip
    def test_gives_the_published_figures(self, sample: int, found: int, percent: float) -> None:
        """One-sided, at 95 %."""
        assert 100 * clopper_pearson_upper(found, sample, 0.05) == pytest.approx(percent, abs=0.006)

    @pytest.mark.parametrize(
        ("share", "at_95", "at_99"),
        [
            (0.05, 59, 90),
            (0.02, 149, 228),
            (0.01, 299, 459),
            (0.005, 598, 919),
            (0.001, 2995, 4603),
        ],
    )
    def test_without_a_find_it_is_the_rule_of_three(
        self, share: float, at_95: int, at_99: int
    ) -> None:
        """So many without a find exclude a share, and one fewer does not."""
        for sample, alpha in ((at_95, 0.05), (at_99, 0.01)):
            assert clopper_pearson_upper(0, sample, alpha) <= share
            assert clopper_pearson_upper(0, sample - 1, alpha) > share

    @given(st.integers(1, 3000), st.integers(0, 40), ALPHAS)
    def test_is_that_of_scipy(self, sample: int, found: int, alpha: float) -> None:
        """Both bounds, by the quantiles of the beta distribution."""
        found = min(found, sample)
        upper = 1.0 if found == sample else beta.ppf(1 - alpha, found + 1, sample - found)
        lower = 0.0 if found == 0 else beta.ppf(alpha, found, sample - found + 1)
        assert math.isclose(clopper_pearson_upper(found, sample, alpha), upper, abs_tol=1e-9)
        assert math.isclose(clopper_pearson_lower(found, sample, alpha), lower, abs_tol=1e-9)

    def test_without_a_sample_excludes_nothing(self) -> None:
        """All may be bad, or none."""
        assert clopper_pearson_upper(0, 0, 0.05) == 1.0
        assert clopper_pearson_lower(0, 0, 0.05) == 0.0


class TestHypergeometric:
    """Bounds on a number, of a population that ends."""

    @pytest.mark.parametrize(
        ("population", "sample", "most"),
        [
            (700, 100, 19), (700, 200, 8), (700, 350, 4), (700, 500, 2), (700, 630, 1),
            (10_000, 300, 97), (10_000, 1000, 28),
        ],
    )  # fmt: skip
    def test_gives_the_published_figures(self, population: int, sample: int, most: int) -> None:
        """Without a find, at 95 %."""
        assert hypergeometric_upper(population, sample, 0, 0.05) == most

    @given(st.integers(1, 400), st.data(), ALPHAS)
    def test_is_the_largest_number_that_is_not_excluded(
        self, population: int, data: st.DataObject, alpha: float
    ) -> None:
        """So many bad ones would show so few with a probability above alpha; one more would not."""
        sample = data.draw(st.integers(0, population))
        found = data.draw(st.integers(0, min(sample, 8)))
        most = hypergeometric_upper(population, sample, found, alpha)
        assert found <= most <= population - sample + found
        if most < population - sample + found:
            # SciPy's order: all, bad, drawn.
            assert hypergeom.cdf(found, population, most + 1, sample) <= alpha + 1e-9
        if most > found:
            assert hypergeom.cdf(found, population, most, sample) > alpha - 1e-9

    @given(st.integers(0, 500), st.integers(0, 500))
    def test_a_population_that_was_read_leaves_nothing(self, population: int, found: int) -> None:
        """Then it is what was found."""
        found = min(found, population)
        assert hypergeometric_upper(population, population, found, 0.05) == found

    @given(st.integers(1, 2000), st.integers(0, 30), ALPHAS)
    def test_a_sample_is_as_small_as_may_be(self, population: int, most: int, alpha: float) -> None:
        """It bounds the population, and one fewer does not."""
        sample = sample_for(population, most, alpha)
        assert hypergeometric_upper(population, sample, 0, alpha) <= most
        if sample:
            assert hypergeometric_upper(population, sample - 1, 0, alpha) > most


class TestStratified:
    """One stratum read as a whole, and a sample of the rest."""

    def test_leaves_nothing_of_the_census_to_chance(self) -> None:
        """What was found there counts as it is, and the bound is the sample's."""
        made = stratified(50, 2, 650, 200, 0, 0.05)
        assert made.population == 700
        assert made.most == 2 + hypergeometric_upper(650, 200, 0, 0.05)
        assert made.estimate == 2
        assert made.share == made.most / 700

    def test_scales_what_the_sample_holds(self) -> None:
        """An estimate of the whole, beside the bound."""
        made = stratified(0, 0, 1000, 100, 3, 0.05)
        assert made.estimate == 30
        assert made.most > 30

    def test_all_read_is_certain(self) -> None:
        """A bound of nothing where all was read and nothing found."""
        assert stratified(10, 0, 5, 5, 0, 0.05).most == 0
        assert stratified(10, 0, 0, 0, 0, 0.05).rest_share == 0.0
