"""What the commands print of a model of numbers."""

from __future__ import annotations

from io import StringIO
from typing import Any

import pytest
from rich.console import Console

from recurra.tasks.regress import terminal
from recurra.tasks.regress.scores import evaluate

SCORES = evaluate([1.0, 2.0, 4.0], [0.0, 1.0, 3.5], [2.0, 3.0, 5.0], [1.5, 2.0, 3.0], [3, 4, 5], [False] * 3, level=0.9)


def printed(function: Any, *values: Any) -> str:
    file = StringIO()
    function(Console(file=file, width=200), *values)
    return file.getvalue()


@pytest.mark.parametrize(("p", "words"), [(0.2, "may be chance"), (0.0001, "better than the baseline by 0.1")])
def test_training(p: float, words: str) -> None:
    metrics = {
        "test": SCORES | {"nothing_known_rows": 2},
        "train": {"mae": 0.25},
        "baseline": {"name": "[ridge]", "mae": 0.6, "mae_ci95": [0.5, 0.7]},
        "constant": {"mae": 1.5},
        "paired": {"difference": -0.1, "p_value": p},
        "ensemble": {"members": [{"mae": 0.5}, {"mae": 0.625}]},
    }
    told = printed(terminal.print_training, metrics)
    for part in ("error 0.5", "66.7%", "[ridge]", words, "1.5", "0.5 to 0.625", "0.25", "2 of the held-out"):
        assert part in told
    assert "Baseline" not in printed(terminal.print_training, metrics | {"baseline": None, "constant": None})


def test_evaluation_and_answers(capsys: pytest.CaptureFixture[str]) -> None:
    told = printed(terminal.print_evaluation, SCORES)
    assert "Mean absolute error" in told
    assert "90% asked for" in told
    terminal.print_answer({"value": 1.23456789, "lo": 0.5, "hi": 1e6, "nothing_known": True})
    assert capsys.readouterr().out == "1.23457\t0.5\t1e+06\tnothing known was read\n"


def test_inspection_with_and_without_scores() -> None:
    network = {"cell": "lstm", "layers": 1, "hidden": 3, "direction": "both", "pooling": "max", "embedding": 4}
    intervals = {"level": 0.9, "edges": [], "widths": [1.0], "lowest": 1.0, "highest": 10.0}
    manifest: dict[str, Any] = {"network": network, "metrics": {"intervals": intervals}, "data": {"target": "stars"}}
    lines = terminal.inspection(manifest)
    assert lines["Task"] == "regress: a number (stars), 1 to 10"
    assert lines["Mean absolute error"] == ""
    manifest["metrics"] |= {"test": SCORES, "baseline": {"mae": 0.75}}
    lines = terminal.inspection(manifest)
    assert lines["Mean absolute error"].startswith("0.5 (95 % interval")
    assert lines["Baseline"] == "0.75"
    assert "66.7% of the held-out" in lines["Intervals"]
