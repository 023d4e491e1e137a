"""Cells on texts of several labels: by micro F1, each beside the best on the same rows."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from support.labelled import labelled_rows, write_labelled


def test_cells_are_compared_by_micro_f1(
    cli: Callable[..., Any], tmp_path: Path, only_json: Callable[[str], dict[str, Any]]
) -> None:
    data = write_labelled(tmp_path / "rows.csv", labelled_rows(120))
    tiny = ("--hidden", 4, "--embedding", 4, "--epochs", 1, "--threads", 1, "--cell", "rnn,gru", "--split", 0.25)
    arguments = ("compare", data, "--task", "multilabel", "--out", tmp_path / "c", *tiny)
    found = only_json(cli(*arguments, "--json").stdout)
    assert found["measure"] == "micro_f1" and found["split"]["test"] == pytest.approx(30, abs=2)
    for cell in found["cells"]:
        low, high = cell["micro_f1_ci95"]
        assert 0 <= low <= cell["micro_f1"] <= high <= 1
    (paired,) = found["paired_with_best"].values()
    assert 0 < paired["p_value"] <= 1 and paired["difference"] >= 0
    shown = cli(*arguments, "--overwrite", "--seeds", 2)
    assert "Micro F1" in shown.stdout and (tmp_path / "c" / "comparison.png").read_bytes().startswith(b"\x89PNG")
