"""The tests by which models are compared, each trained once or several times."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from recurra.evaluation.comparison import ACCURACY, MEAN_ABSOLUTE_ERROR, compare_correct
from recurra.evaluation.intervals import wilson_over_runs
from recurra.evaluation.regression import compare_errors
from recurra.evaluation.significance import mcnemar


def answers(rows: int, right: int) -> Any:
    """Whether a cell was right: the first `right` of the rows."""
    return np.arange(rows) < right


def test_one_seed_is_mcnemars_test() -> None:
    better = compare_correct([answers(200, 190)], [answers(200, 150)])
    assert better == mcnemar(answers(200, 190), answers(200, 150)) | {"better": True, "test": "McNemar's test"}
    assert not compare_correct([answers(200, 150)], [answers(200, 190)])["better"]  # as sure, on the wrong side
    assert not compare_correct([answers(200, 150)], [answers(200, 149)])["better"]


def test_several_seeds_are_tested_together() -> None:
    """The first seed alone says the contrary of the mean."""
    best = [answers(200, 150), answers(200, 190), answers(200, 190)]
    other = [answers(200, 170), answers(200, 150), answers(200, 150)]
    found = compare_correct(best, other)
    assert found["difference"] == pytest.approx(60 / 600)
    assert 0 < found["difference_ci95"][0] < found["difference"] < found["difference_ci95"][1]
    assert (found["better"], found["p_value"] < 0.05, len(found["by_seed"])) == (True, True, 3)
    assert (found["only_model"], found["only_baseline"]) == (80, 20)
    back = compare_correct(other, best)
    assert (back["better"], back["p_value"] < 0.05) == (False, True)
    same = compare_correct(best, best)
    assert (same["better"], same["p_value"], same["difference"]) == (False, 1.0, 0.0)
    assert same["difference_ci95"][0] < 0 < same["difference_ci95"][1], "equal on these rows is not equal"
    close = compare_correct([answers(200, 150)] * 2, [answers(200, 149)] * 2)
    assert not close["better"] and close["difference_ci95"][0] < 0


@pytest.mark.parametrize("rows", [1, 2, 5])
def test_a_few_rows_prove_nothing(rows: int) -> None:
    found = compare_correct([answers(rows, rows)] * 3, [answers(rows, 0)] * 3)
    assert found["difference"] == 1 and not found["better"] and found["p_value"] > 0.05
    assert found["difference_ci95"][0] < 0.5


def errors(rows: int, scale: float, seed: int) -> Any:
    """Absolute errors of a model."""
    return np.abs(np.random.default_rng(seed).normal(scale=scale, size=rows))


def test_the_share_that_is_right_and_its_interval() -> None:
    runs = [answers(200, 190), answers(200, 170)]
    assert ACCURACY.interval(runs) == wilson_over_runs([0.95, 0.85], 200)
    assert ACCURACY.paired(runs, runs)["p_value"] == 1 and ACCURACY.shown(0.8754) == "87.5%"


def test_errors_of_one_run_are_compared_as_of_two_models() -> None:
    """`compare_errors` is the oracle: the targets are 0, so that the predictions are the errors."""
    best, other = errors(120, 0.5, 1), errors(120, 1.0, 2)
    found = MEAN_ABSOLUTE_ERROR.paired([best], [other])
    oracle = compare_errors(best, other, np.zeros(120))
    assert {name: found[name] for name in oracle} == oracle
    assert found["better"] and not MEAN_ABSOLUTE_ERROR.paired([other], [best])["better"]
    low, high = MEAN_ABSOLUTE_ERROR.interval([best])
    assert low < best.mean() < high < other.mean()
    bootstrap = np.random.default_rng(3).choice(best, (4_000, 120)).mean(axis=1)
    assert (low, high) == pytest.approx(np.percentile(bootstrap, [2.5, 97.5]), abs=0.02)


def test_errors_of_several_runs_are_compared_by_their_means() -> None:
    best = [errors(150, 0.5, 1), errors(150, 0.5, 2), errors(150, 1.2, 3)]
    other = [errors(150, 1.0, seed) for seed in (4, 5, 6)]
    found = MEAN_ABSOLUTE_ERROR.paired(best, other)
    assert found["difference"] == pytest.approx(np.mean(best) - np.mean(other))
    assert [one["difference"] < 0 for one in found["by_seed"]] == [True, True, False]
    narrow, wide = MEAN_ABSOLUTE_ERROR.interval(best[:1] * 3), MEAN_ABSOLUTE_ERROR.interval(best)
    assert narrow == pytest.approx(MEAN_ABSOLUTE_ERROR.interval(best[:1]), abs=1e-3)  # runs that do not differ
    assert wide[1] - wide[0] > narrow[1] - narrow[0] and wide[0] < np.mean(best) < wide[1]
    assert MEAN_ABSOLUTE_ERROR.shown(0.123456) == "0.1235"
