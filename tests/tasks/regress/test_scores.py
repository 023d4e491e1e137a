"""The scores of numbers with intervals against scikit-learn's and counting by hand."""

from __future__ import annotations

import json

import numpy as np
import pytest
from sklearn import metrics as oracle

from recurra.errors import DataError
from recurra.tasks.regress.scores import evaluate


def test_against_scikit_learn_and_by_hand() -> None:
    rng = np.random.default_rng(0)
    truth = rng.normal(size=300) * 3
    found = truth + rng.normal(size=300)
    low, high = found - 1.5, found + 1.5
    lengths = rng.integers(1, 200, 300)
    scores = evaluate(found, low, high, truth, lengths, lengths > 150, level=0.9)
    json.dumps(scores, allow_nan=False)
    assert scores["mae"] == pytest.approx(oracle.mean_absolute_error(truth, found))
    assert scores["r2"] == pytest.approx(oracle.r2_score(truth, found))
    assert scores["median_error"] == pytest.approx(oracle.median_absolute_error(truth, found))
    assert scores["coverage"] == pytest.approx(np.mean(np.abs(found - truth) <= 1.5))
    assert scores["width"] == pytest.approx(3)
    assert scores["bias"] == pytest.approx((found - truth).mean())
    assert scores["truncated_rows"] == int((lengths > 150).sum())
    assert sum(scores["errors"]["counts"]) == 300
    assert sorted(map(tuple, scores["points"])) == sorted(zip(truth.tolist(), found.tolist(), strict=True))
    for by, values in (("length", lengths), ("target", truth), ("prediction", found)):
        slices = scores["slices"][by]
        assert sum(part["rows"] for part in slices) == 300
        for part in slices:
            rows = (values >= part["low"]) & (values <= part["high"])
            assert part["mae"] == pytest.approx(np.abs(found - truth)[rows].mean())
            assert part["coverage"] == pytest.approx((np.abs(found - truth) <= 1.5)[rows].mean())


def test_few_rows_and_arrays_that_do_not_fit() -> None:
    scores = evaluate([2.0], [1.0], [3.0], [2.5], [4], [False], level=0.9)
    assert scores["mae"] == 0.5
    assert scores["r2"] is None
    assert scores["mae_ci95"] is None
    with pytest.raises(DataError):
        evaluate([2.0, 1.0], [1.0], [3.0], [2.5, 1.0], [4, 2], [False, True], level=0.9)
