"""What is printed says what was measured."""

from __future__ import annotations

import pytest
from rich.console import Console

from recurra.tasks.series import terminal

LABELS = {
    "test": {"rows": 40, "accuracy": 0.9, "accuracy_ci95": [0.8, 0.95], "macro_f1": 0.88, "log_loss": 0.3},
    "train": {"accuracy": 0.99},
    "baseline": {"name": "one", "accuracy": 0.7},
    "baselines": [
        {"name": "other", "accuracy": 0.6, "chosen": False},
        {"name": "one", "accuracy": 0.7, "chosen": True},
    ],
    "paired": {"difference": 0.2, "p_value": 0.003},
}
NUMBERS = {
    "test": {"rows": 9, "mae": 1.234, "mae_ci95": [1.0, 1.5], "r2": None},
    "train": {"mae": 0.5},
    "baseline": None,
    "paired": {"difference": 0.3, "p_value": 0.2},
}


def printed(capsys: pytest.CaptureFixture[str]) -> str:
    return " ".join(capsys.readouterr().out.split())


def test_training(capsys: pytest.CaptureFixture[str]) -> None:
    terminal.print_training(Console(width=100), LABELS)
    told = printed(capsys)
    assert "Held-out accuracy 90.0% (95 % interval 80.0% to 95.0%, 40 series)" in told
    assert (
        "Baseline 70.0% (one) Baseline 60.0% (other)" in told
        and "better than the baseline, by +20.0 points (p = 0.003)" in told
    )
    terminal.print_training(Console(width=100), NUMBERS)
    told = printed(capsys)
    assert "mean absolute error 1.234" in told and "may be chance (p = 0.200)" in told
    worse = {**NUMBERS, "paired": {"difference": 0.3, "p_value": 0.0001}}
    terminal.print_training(Console(width=100), worse)
    assert "worse than the baseline, by +0.3 (p < 0.001)" in printed(capsys)


def test_evaluation_and_answers(capsys: pytest.CaptureFixture[str]) -> None:
    terminal.print_evaluation(Console(width=100), {**LABELS["test"], "left_out": 3})
    told = printed(capsys)
    assert "Macro F1 0.8800" in told and "40 series; 3 left out" in told
    terminal.print_answer({"series": "a\x1b", "label": "walk", "probability": 0.5})
    terminal.print_answer({"number": 2.5})
    assert capsys.readouterr().out.splitlines()[1] == "2.5"
    top = [{"label": "walk", "probability": 0.75}, {"label": "r\nun", "probability": 0.25}]
    terminal.print_answer({"series": "a", **top[0], "top": top})
    assert capsys.readouterr().out == "a\twalk\t0.7500\tr\\nun\t0.2500\n"


def test_inspection() -> None:
    network = {"kind": "classify", "channels": 1, "layers": 1, "cell": "gru", "hidden": 8, "direction": "both"}
    metrics = {"test": LABELS["test"], "baseline": LABELS["baseline"]}
    told = terminal.inspection({"network": network, "metrics": metrics, "labels": ["a", "b"]})
    assert told["Task"] == "series: 1 channel to 2 labels (a, b)" and told["Accuracy"].startswith("90.0%")
    told = terminal.inspection({"network": {**network, "kind": "regress"}, "metrics": {}, "labels": []})
    assert told["Task"] == "series: 1 channel to a number" and told["Mean absolute error"] == ""
