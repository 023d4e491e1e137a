"""The paired comparison of micro F1: by the slow way, and where nothing differs."""

from __future__ import annotations

import numpy as np
import pytest
from sklearn.metrics import f1_score

from recurra.errors import DataError
from recurra.evaluation.intervals import RESAMPLES, draws
from recurra.evaluation.label_comparison import compare_micro_f1


def answers(truth: np.ndarray, wrong: float, seed: int) -> np.ndarray:
    return np.asarray(truth ^ (np.random.default_rng(seed).random(truth.shape) < wrong))


TRUTH = np.random.default_rng(0).random((90, 5)) < 0.3


@pytest.mark.parametrize("runs", [1, 3])
def test_difference_and_interval_as_the_slow_way(runs: int) -> None:
    good = [answers(TRUTH, 0.05, seed) for seed in range(runs)]
    poor = [answers(TRUTH, 0.12, 10 + seed) for seed in range(runs)]
    found = compare_micro_f1(good, poor, TRUTH, seed=5)

    def mean_f1(group: list[np.ndarray], times: np.ndarray) -> float:
        truth = np.repeat(TRUTH, times, axis=0)
        return float(np.mean([f1_score(truth, np.repeat(run, times, axis=0), average="micro") for run in group]))

    once = np.ones(len(TRUTH), dtype=int)
    assert found["difference"] == pytest.approx(mean_f1(good, once) - mean_f1(poor, once))
    slow = [mean_f1(good, w) - mean_f1(poor, w) for w in np.concatenate(list(draws(90, RESAMPLES, 5))).astype(int)]
    assert found["difference_ci95"] == pytest.approx(np.percentile(slow, [2.5, 97.5]).tolist())
    assert found["p_value"] < 0.01
    back = compare_micro_f1(poor, good, TRUTH, seed=5)
    assert back["difference"] == pytest.approx(-found["difference"]) and back["p_value"] == found["p_value"]


def test_equal_answers_are_not_told_apart() -> None:
    same = answers(TRUTH, 0.1, 1)
    found = compare_micro_f1([same], [same], TRUTH)
    low, high = found["difference_ci95"]
    assert found["difference"] == 0 and found["p_value"] == 1 and low < 0 < high
    one, other = answers(TRUTH, 0.1, 2), answers(TRUTH, 0.1, 3)
    assert compare_micro_f1([one], [other], TRUTH)["p_value"] > 0.05


def test_what_does_not_fit_is_refused() -> None:
    with pytest.raises(DataError, match="as many runs"):
        compare_micro_f1([TRUTH, TRUTH], [TRUTH], TRUTH)
    with pytest.raises(DataError, match="same rows"):
        compare_micro_f1([TRUTH[:3]], [TRUTH[:3]], TRUTH)
