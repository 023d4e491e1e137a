"""Several models on the same rows: pairs, Holm's p-values, and the verdict in words."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy.stats import binomtest

from recurra.evaluation.comparison import ACCURACY, MEAN_ABSOLUTE_ERROR, MICRO_F1
from recurra.evaluation.label_comparison import compare_micro_f1, counted
from recurra.evaluation.several_models import Judged, compare_models, holm


def _right(name: str, answers: NDArray[np.int64], truth: NDArray[np.int64]) -> Judged:
    right = answers == truth
    return Judged(name, right, answers, right.astype(float))


def _classifiers(rows: int, *shares: float, seed: int = 0) -> list[Judged]:
    rng = np.random.default_rng(seed)
    truth = rng.integers(0, 4, rows)
    made = []
    for number, share in enumerate(shares):
        answers = np.where(rng.random(rows) < share, truth, (truth + rng.integers(1, 4, rows)) % 4)
        made.append(_right(f"m{number}", answers, truth))
    return made


def test_a_pair_has_mcnemars_test_and_counts_every_row_once() -> None:
    one, two = _classifiers(300, 0.9, 0.7)
    found = compare_models([one, two], ACCURACY)
    (pair,) = found["pairs"]
    only_one, only_two = int((one.run & ~two.run).sum()), int((two.run & ~one.run).sum())
    assert pair["p_value"] == pytest.approx(binomtest(only_one, only_one + only_two).pvalue)
    assert (pair["first_better"], pair["second_better"]) == (only_one, only_two)
    assert pair["same_answer"] + pair["first_better"] + pair["second_better"] + pair["equally_good"] == 300
    assert pair["equally_good"] == int(((one.answers != two.answers) & ~one.run & ~two.run).sum()) > 0
    assert found["models"][0]["accuracy"] == one.run.mean()
    assert (found["best"], pair["better"]) == ("m0", "m0")
    assert (
        found["verdict"].startswith("m0 is better than m1: accuracy ")
        and "McNemar's test, p < 0.001" in found["verdict"]
    )
    back = compare_models([two, one], ACCURACY)
    assert back["pairs"][0]["difference"] == -pair["difference"] and back["best"] == "m0"


def test_what_may_be_chance_is_called_so_and_equal_answers_too() -> None:
    one, two = _classifiers(60, 0.8, 0.8, seed=3)
    assert "cannot be told from these 60 rows" in compare_models([one, two], ACCURACY)["verdict"]
    same = Judged("m1", one.run, one.answers, one.quality)
    assert compare_models([one, same], ACCURACY)["verdict"] == "m0 and m1 give the same answer to each of the 60 rows."


def test_p_values_of_several_pairs_are_holms() -> None:
    assert holm([0.01, 0.04, 0.03]) == pytest.approx([0.03, 0.06, 0.06])
    assert holm([0.5, 0.9]) == [1.0, 1.0]
    models = _classifiers(400, 0.9, 0.89, 0.6)
    found = compare_models(models, ACCURACY)
    plain = [
        compare_models([models[i], models[j]], ACCURACY)["pairs"][0]["p_value"] for i, j in ((0, 1), (0, 2), (1, 2))
    ]
    assert [pair["p_value"] for pair in found["pairs"]] == holm(plain)
    assert "is better than m2 on these 400 rows; that it is better than" in found["verdict"]
    assert "may be chance" in found["verdict"] and "after Holm" in found["verdict"]
    alike = compare_models(_classifiers(50, 0.8, 0.8, 0.8), ACCURACY)["verdict"]
    assert alike.startswith("That m") and "may be chance" in alike


def test_a_smaller_error_is_better() -> None:
    rng = np.random.default_rng(1)
    near, far = np.abs(rng.normal(size=200)), np.abs(rng.normal(size=200)) * 3
    found = compare_models([Judged("far", far, far, -far), Judged("near", near, near, -near)], MEAN_ABSOLUTE_ERROR)
    assert (found["best"], found["pairs"][0]["better"], found["pairs"][0]["same_answer"]) == ("near", "near", 0)
    assert found["pairs"][0]["second_better"] == int((near < far).sum())
    assert found["verdict"].startswith("near is better than far: mean absolute error ")


def test_sets_of_labels_are_compared_by_micro_f1() -> None:
    rng = np.random.default_rng(2)
    truth = rng.random((150, 5)) < 0.3
    one, two = truth ^ (rng.random(truth.shape) < 0.05), truth ^ (rng.random(truth.shape) < 0.2)
    keys = [np.array([row.tobytes() for row in given], dtype=object) for given in (one, two)]
    judged = [
        Judged(name, counted(given, truth), key, -(given != truth).sum(1).astype(float))
        for name, given, key in zip("ab", (one, two), keys, strict=True)
    ]
    found = compare_models(judged, MICRO_F1)
    assert found["models"][0]["micro_f1"] == pytest.approx(2 * (one & truth).sum() / (one.sum() + truth.sum()))
    low, high = found["models"][0]["micro_f1_ci95"]
    assert low < found["models"][0]["micro_f1"] < high
    expected = compare_micro_f1([one], [two], truth)
    assert found["pairs"][0]["difference"] == expected["difference"]
    assert found["pairs"][0]["p_value"] == expected["p_value"] < 0.05 and found["best"] == "a"
    runs = [counted(one, truth), counted(two, truth)]
    wide = MICRO_F1.interval(runs)
    assert wide[1] - wide[0] > high - low  # runs that differ
    assert len(MICRO_F1.paired(runs, runs[::-1])["by_seed"]) == 2
