"""Other series are judged by their last horizon."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from recurra.tasks.forecast.evaluate import evaluate
from recurra.tasks.forecast.options import ForecastEvaluateOptions
from recurra.terminal.progress import Reporter
from support.forecast import made
from support.forecast_files import long_rows, write_table


def test_scores_of_the_last_horizon(tmp_path: Path) -> None:
    rows = long_rows(4, 30)
    model = made(12)
    found = evaluate(model, str(write_table(tmp_path / "a.csv", rows)), ForecastEvaluateOptions(), Reporter(quiet=True))
    values = [np.array([row["y"] for row in rows if row["unique_id"] == f"shop {n}"], dtype=float) for n in range(4)]
    errors = []
    for one in values:
        (said,) = model.predict([one[:-5]])
        scale = np.abs(one[12:-5] - one[:-17]).mean()
        errors.append(np.abs(said[:, 1] - one[-5:]).mean() / scale)
    assert found["mase"] == pytest.approx(np.mean(errors)) and found["rows"] == 4
    assert found["how"] == "the last 5 steps of each of 4 series held out"
    assert [one["series"] for one in found["per_series"]] == [f"shop {n}" for n in range(4)]
    assert [one["mase"] for one in found["per_series"]] == pytest.approx(errors)
