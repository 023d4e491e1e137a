"""Report and card of a model of numbers: whatever part of the metrics there is."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from recurra.tasks.regress.learn.report import model_card, render
from recurra.tasks.regress.scores import evaluate


def metrics() -> dict[str, Any]:
    rng = np.random.default_rng(0)
    truth = rng.normal(size=80)
    found = truth + rng.normal(size=80) / 2
    test = evaluate(found, found - 1, found + 1, truth, rng.integers(1, 90, 80), np.zeros(80, dtype=bool), level=0.9)
    return {
        "task": "regress",
        "data": {"name": "a<b>.csv", "target": "stars"},
        "test": test,
        "baseline": {
            "name": "ridge", "alpha": 1.0, "features": 3, "mae": 0.7, "mae_ci95": [0.6, 0.8],
            "valid_rows": 20, "rows_used": 100,
            "grid": [{"name": "ridge", "alpha": 1.0, "mae": 0.7}, {"name": "ridge", "alpha": 3.0, "mae": 0.8}],
        },
        "paired": {"difference": -0.3, "difference_ci95": [-0.4, -0.2], "p_value": 0.001},
        "constant": {"value": 0.0, "mae": 0.8, "mae_ci95": [0.7, 0.9]},
        "intervals": {"level": 0.9, "lowest": -3.0, "highest": 3.0},
        "mistakes": [{"row": 3, "truth": 1.0, "predicted": 3.0, "lo": 2.0, "hi": 4.0, "text": "<script>alert(1)"}],
        "ensemble": {"members": [{"seed": 0, "mae": 0.5, "mae_ci95": [0.4, 0.6]}]},
        "hygiene": {"findings": ["odd"], "numbers": {
            "rows": 80, "distinct": 80, "mean": 0.0, "deviation": 1.0, "quarters": [-3.0, -1.0, 0.0, 1.0, 3.0]}},
    }  # fmt: skip


def test_everything_is_shown_and_escaped() -> None:
    page = render(metrics())
    for part in (
        "Predictions and truths",
        "When to trust",
        "Where it errs",
        "Largest errors",
        "Seed 0",
        "(chosen)",
        "odd",
    ):
        assert part in page
    assert "<script>alert" not in page
    card = model_card(metrics())
    assert "between -3 and 3" in card
    assert "odd" in card


@pytest.mark.parametrize("missing", [*metrics(), "all"])
def test_any_part_may_be_missing(missing: str) -> None:
    found = {} if missing == "all" else {name: value for name, value in metrics().items() if name != missing}
    assert "<html" in render(found)
    assert model_card(found)
