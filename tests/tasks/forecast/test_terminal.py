"""What is printed says what was measured."""

from __future__ import annotations

from typing import Any

import pytest
from rich.console import Console

from recurra.tasks.forecast import terminal

TEST: dict[str, Any] = {
    "rows": 40, "mase": 0.812, "mase_ci95": [0.7, 0.95], "smape": 0.1234, "smape_ci95": [0.1, 0.2], "crps": 0.5,
    "crps_ci95": None, "coverage": 0.79, "coverage_ci95": [0.7, 0.85], "nominal_coverage": 0.8,
}  # fmt: skip
METRICS = {
    "test": TEST,
    "baselines": [
        {"name": "drift", "mase": 1.5, "chosen": False, "rows": 40, "model_mase": 0.812},
        {"name": "seasonal naive", "mase": 1.1, "chosen": True, "rows": 40, "model_mase": 0.812},
        {"name": "AutoETS", "mase": 0.9, "chosen": False, "rows": 12, "model_mase": 0.7},
    ],
    "baseline": {"name": "seasonal naive"},
    "paired": {"difference": -0.288, "p_value": 0.003},
}


def printed(capsys: pytest.CaptureFixture[str]) -> str:
    return " ".join(capsys.readouterr().out.split())


def test_training(capsys: pytest.CaptureFixture[str]) -> None:
    terminal.print_training(Console(width=120), METRICS)
    told = printed(capsys)
    assert "Held-out MASE 0.812 (95 % interval 0.700 to 0.950, 40 series; 1 is repeating the last season)" in told
    assert "Baseline (seasonal naive) 1.100 drift 1.500 AutoETS 0.900 (12 series, where the model has 0.700)" in told
    assert "better than the baseline, by -0.288 (p = 0.003)" in told
    assert "Coverage of the 80% band 79.0% (95 % interval 70.0% to 85.0%)" in told
    terminal.print_training(Console(width=120), {**METRICS, "paired": {"difference": 0.1, "p_value": 0.2}})
    assert "may be chance (p = 0.200)" in printed(capsys)
    terminal.print_training(Console(width=120), {"test": TEST, "baseline": None, "paired": None})
    assert "Baseline" not in printed(capsys)


def test_evaluation_and_answers(capsys: pytest.CaptureFixture[str]) -> None:
    terminal.print_evaluation(Console(width=100), {**TEST, "how": "the last 5 steps"})
    told = printed(capsys)
    assert "sMAPE 12.3% 10.0% to 20.0%" in told and "40 series, the last 5 steps" in told
    steps = [{"ds": "2024-01", "y": 1.5, "lo": 1.0, "hi": 2.25}, {"ds": 2, "y": 1e6, "lo": -3.0, "hi": 2e6}]
    terminal.print_answer({"series": "a\x1b", "forecast": steps})
    terminal.print_answer({"forecast": steps[1:]})
    first, _, third = capsys.readouterr().out.splitlines()
    assert first.split("\t")[1:] == ["2024-01", "1.5", "1", "2.25"] and "\x1b" not in first
    assert third == "2\t1000000.0\t-3\t2000000.0"
