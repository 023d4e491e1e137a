"""Cells side by side on texts, on one split: groups go with it, and a share of 0 does not."""

from __future__ import annotations

import csv
from collections.abc import Callable
from pathlib import Path
from typing import Any

TINY = ("--hidden", 4, "--embedding", 4, "--epochs", 1, "--threads", 1, "--cell", "rnn,gru")


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
