"""The scores of a classifier of texts: those of its probabilities, and slices by length."""

from __future__ import annotations

import json
from collections.abc import Callable

import numpy as np
import pytest
from numpy.typing import NDArray

from recurra.errors import DataError
from recurra.evaluation.class_scores import score_classes
from recurra.tasks.classify.scores import evaluate

Classified = Callable[..., tuple[NDArray[np.float64], NDArray[np.int64]]]


def test_slices_stand_beside_the_scores_of_the_probabilities(classified: Classified) -> None:
    p, y = classified(300, 3, seed=2)
    lengths = np.random.default_rng(3).integers(1, 500, 300)
    result = evaluate(p, y, list("abc"), lengths, lengths > 400, seed=5)
    assert json.loads(json.dumps(result, allow_nan=False)) == result
    expected = score_classes(p, y, list("abc"), seed=5)
    assert {name: result[name] for name in expected} == expected
    assert result["truncated_rows"] == (lengths > 400).sum()
    assert sum(s["rows"] for s in result["slices"]["length"]) == 300
    assert [s["name"] for s in result["slices"]["truncated"]] == ["read whole", "truncated"]


def test_lengths_must_fit() -> None:
    with pytest.raises(DataError, match="lengths"):
        evaluate(np.full((2, 2), 0.5), [0, 1], ["a", "b"], [1], [False, False])
