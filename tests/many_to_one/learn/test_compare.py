"""Cells side by side on texts, by the measure of each task that learns from rows, on one split."""

from __future__ import annotations

import csv
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from support.labelled import labelled_rows, write_labelled
from support.regressors import write_rated

TINY = ("--hidden", 4, "--embedding", 4, "--epochs", 1, "--threads", 1, "--cell", "rnn,gru")


@pytest.mark.parametrize(
    ("task", "measure", "title"), [("multilabel", "micro_f1", "Micro F1"), ("regress", "mae", "MAE")]
)
def test_cells_are_compared_by_the_tasks_measure(
    cli: Callable[..., Any],
    tmp_path: Path,
    only_json: Callable[[str], dict[str, Any]],
    task: str,
    measure: str,
    title: str,
) -> None:
    data = tmp_path / "rows.csv"
    if task == "multilabel":
        write_labelled(data, labelled_rows(120))
    else:
        write_rated(data, 120)
    arguments = ("compare", data, "--task", task, "--out", tmp_path / "c", "--split", 0.25, *TINY)
    found = only_json(cli(*arguments, "--json").stdout)
    assert found["measure"] == measure and found["split"]["test"] == pytest.approx(30, abs=2)
    for cell in found["cells"]:
        low, high = cell[f"{measure}_ci95"]
        assert 0 <= low <= cell[measure] <= high
    (paired,) = found["paired_with_best"].values()
    assert 0 < paired["p_value"] <= 1 and paired["difference_ci95"][0] <= paired["difference"]
    shown = cli(*arguments, "--overwrite", "--seeds", 2)
    assert title in shown.stdout and (tmp_path / "c" / "comparison.png").read_bytes().startswith(b"\x89PNG")


def test_groups_go_with_it(cli: Callable[..., Any], tmp_path: Path, only_json: Callable[[str], dict[str, Any]]) -> None:
    with (tmp_path / "rows.csv").open("w", newline="") as file:
        rows = [(f"{('poor', 'fine')[n % 2]} film {n}", n % 2, f"a{n // 5}") for n in range(100)]
        csv.writer(file).writerows([("text", "stars", "author"), *rows])
    arguments = (
        "compare",
        tmp_path / "rows.csv",
        "--task",
        "regress",
        "--target",
        "stars",
        "--out",
        tmp_path / "c",
        *TINY,
    )
    found = only_json(cli(*arguments, "--text", "text", "--group", "author", "--json").stdout)
    assert "whole groups of 'author'" in found["split"]["how"]
    result = cli(*arguments, "--split", 0)
    assert result.exit_code == 2 and "nothing to evaluate on" in result.stderr
