"""McNemar's test against SciPy's exact binomial test."""

from __future__ import annotations

from itertools import product

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import binomtest

from recurra.errors import DataError
from recurra.evaluation.significance import binomial_two_sided, compare_runs, mcnemar


@given(st.integers(0, 3000), st.integers(0, 3000))
def test_equals_scipy(one: int, other: int) -> None:
    expected = binomtest(one, one + other).pvalue if one + other else 1.0
    assert binomial_two_sided(one, other) == pytest.approx(expected, rel=1e-8, abs=1e-250)


@pytest.mark.parametrize(("one", "other"), [(500_000, 501_000), (2_000_000, 2_001_000), (3, 1_000_000)])
def test_is_stable_for_large_counts(one: int, other: int) -> None:
    assert binomial_two_sided(one, other) == pytest.approx(binomtest(one, one + other).pvalue, rel=1e-5, abs=1e-250)


def test_counts_only_disagreements() -> None:
    model = np.array([True] * 6 + [False] * 4)
    baseline = np.array([True] * 4 + [False] * 5 + [True])
    found = mcnemar(model, baseline)
    assert (found["only_model"], found["only_baseline"]) == (2, 1)
    assert found["p_value"] == 1.0
    assert found["difference"] == pytest.approx(0.1)
    assert found["difference_ci95"][0] < 0.1 < found["difference_ci95"][1]


def test_equal_answers_still_leave_room_for_doubt() -> None:
    answers = np.arange(30) % 3 > 0
    found = mcnemar(answers, answers)
    assert found["p_value"] == 1.0
    assert found["difference"] == 0.0
    assert found["difference_ci95"][0] < 0.0 < found["difference_ci95"][1]


def test_interval_covers_the_true_difference() -> None:
    generator = np.random.default_rng(0)
    cells = generator.multinomial(400, [0.80, 0.09, 0.06, 0.05], size=600)  # both, model, baseline, none
    held = 0
    for both, model, baseline, none in cells:
        low, high = mcnemar(
            np.repeat([True, True, False, False], [both, model, baseline, none]),
            np.repeat([True, False, True, False], [both, model, baseline, none]),
        )["difference_ci95"]
        held += low <= 0.03 <= high
    assert 0.92 <= held / 600 <= 0.98


@pytest.mark.parametrize(("model", "baseline"), [([True], [True, False]), ([], [])])
def test_refuses_rows_that_are_not_paired(model: list[bool], baseline: list[bool]) -> None:
    with pytest.raises(DataError, match="paired"):
        mcnemar(np.array(model, dtype=bool), np.array(baseline, dtype=bool))


def test_of_one_run_flipped_signs_are_mcnemars_test() -> None:
    rng = np.random.default_rng(5)
    model, baseline = rng.random(90) < 0.8, rng.random(90) < 0.7
    found, expected = compare_runs(model.astype(int) - baseline, 1), mcnemar(model, baseline)
    assert found["difference"] == pytest.approx(expected["difference"])
    assert found["difference_ci95"] == pytest.approx(expected["difference_ci95"])
    assert found["p_value"] == pytest.approx(expected["p_value"], abs=0.01)


@given(st.lists(st.integers(-3, 3), min_size=1, max_size=9))
def test_signs_are_flipped_as_by_going_through_all_of_them(gains: list[int]) -> None:
    sums = [abs(sum(sign * gain for sign, gain in zip(signs, gains, strict=True)))
            for signs in product((1, -1), repeat=len(gains))]  # fmt: skip
    exact = sum(value >= abs(sum(gains)) for value in sums) / len(sums)
    found = compare_runs(np.array(gains), 3)
    assert found["p_value"] == pytest.approx(exact, abs=0.01)
    assert found["difference"] == pytest.approx(sum(gains) / len(gains) / 3)
    low, high = found["difference_ci95"]
    assert -1 <= low < high <= 1


@pytest.mark.parametrize("rows", [1, 2, 5])
def test_a_few_rows_prove_nothing(rows: int) -> None:
    """All runs are better on every row: the interval is no point, and the chance that of equal throws of a coin."""
    found = compare_runs(np.full(rows, 3), 3)
    assert found["p_value"] == pytest.approx(0.5 ** (rows - 1), abs=0.01)
    assert found["difference_ci95"][1] - found["difference_ci95"][0] > 0.4
    with pytest.raises(DataError, match="at least one row"):
        compare_runs(np.zeros(0, dtype=np.int64), 3)
