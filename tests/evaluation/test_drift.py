"""Distances between distributions: those of SciPy, and what chance makes of them."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.spatial.distance import jensenshannon
from scipy.stats import ks_2samp

from recurra.evaluation.drift import POINTS, js_chance, js_distance, ks_chance, ks_distance, pooled_quantiles, quantiles

SHARES = st.lists(st.tuples(st.integers(0, 50), st.integers(0, 50)), min_size=1, max_size=8)


@given(st.lists(st.integers(0, 9), min_size=4, max_size=40), st.lists(st.integers(0, 9), min_size=4, max_size=40))
def test_the_distance_of_samples_is_scipys(one: list[int], two: list[int]) -> None:
    assert ks_distance(one, two) == pytest.approx(ks_2samp(one, two, method="asymp").statistic)


@given(SHARES)
def test_the_distance_of_shares_is_scipys(pairs: list[tuple[int, int]]) -> None:
    one, two = np.array(pairs, dtype=float).T
    if one.sum() and two.sum():
        assert js_distance(one, two) == pytest.approx(jensenshannon(one, two, base=2), abs=1e-6)


def test_quantiles_stand_for_a_distribution() -> None:
    values = np.random.default_rng(0).gamma(2, 30, 5000).round()
    kept = quantiles(values)
    assert len(kept) == POINTS and kept[0] == values.min() and kept[-1] == values.max() and set(kept) <= set(values)
    assert ks_distance(values, kept) <= 1 / POINTS + 0.01
    assert quantiles([]) == [] and quantiles([3]) == [3.0] * POINTS


def test_chance_is_exceeded_about_once_in_twenty_times_or_less() -> None:
    rng = np.random.default_rng(1)
    population = rng.gamma(2, 30, 20_000)
    kept = quantiles(population)
    over = [ks_distance(rng.choice(population, 300), kept) > ks_chance(300, 20_000) for _ in range(300)]
    assert np.mean(over) < 0.07
    shares = np.array([0.6, 0.3, 0.08, 0.02])
    bound = js_chance(shares, 200)
    over = [js_distance(rng.multinomial(200, shares), shares) > bound for _ in range(600)]
    assert 0.02 < np.mean(over) < 0.09
    assert js_chance(shares, 20_000) < bound / 5


@pytest.mark.parametrize(("rows", "others"), [(3000, 1000), (40, 4000), (1, 1)])
def test_pooled_quantiles_stand_for_both_samples(rows: int, others: int) -> None:
    rng = np.random.default_rng(rows)
    one, two = rng.normal(0, 1, rows), rng.normal(3, 2, others)
    found = pooled_quantiles(quantiles(one), rows, quantiles(two), others)
    both = np.concatenate([one, two])
    assert len(found) == POINTS and found == sorted(found)
    assert (found[0], found[-1]) == (both.min(), both.max())
    assert ks_distance(found, both) <= (0.03 if rows > 1 else 0.01)
    assert pooled_quantiles([], 5, [1.0, 2.0], 5) == pooled_quantiles([1.0, 2.0], 5, [], 5) == [1.0, 2.0]
