"""Cells on texts with numbers: by mean absolute error, the least of which is the best."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

from support.regressors import write_rated


def test_cells_are_compared_by_mean_absolute_error(
    cli: Callable[..., Any], tmp_path: Path, only_json: Callable[[str], dict[str, Any]]
) -> None:
    data = write_rated(tmp_path / "rows.csv", 120)
    tiny = ("--hidden", 4, "--embedding", 4, "--epochs", 1, "--threads", 1, "--cell", "rnn,gru", "--split", 0.25)
    arguments = ("compare", data, "--task", "regress", "--out", tmp_path / "c", *tiny)
    found = only_json(cli(*arguments, "--json").stdout)
    assert found["measure"] == "mae" and found["best"] == min(found["cells"], key=lambda cell: cell["mae"])["cell"]
    for cell in found["cells"]:
        low, high = cell["mae_ci95"]
        assert 0 <= low <= cell["mae"] <= high
    assert "MAE" in cli(*arguments, "--overwrite").stdout
