"""A recorded run that is killed and resumed: one record, with each step once, and the figures of a whole run."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from support.killed_training import training_process
from support.records import csv_figures, csv_parameters, mlflow_figures, mlflow_runs, tensorboard_figures

WORDS = "--epochs 16 --batch 8 --patience 1000 --hidden 4 --embedding 4 --threads 1 --precision fp32 --no-baseline"
LONG = {"epochs": 16, "batch": 8, "patience": 1000}
KINDS = "csv,tensorboard,mlflow"
TIMES = ("epoch/seconds",)


def by_name(figures: list[tuple[str, int, float]]) -> dict[tuple[str, int], float]:
    found = {(name, step): value for name, step, value in figures if name not in TIMES}
    assert len(found) == len([name for name, _, _ in figures if name not in TIMES]), "no step is there twice"
    return found


def test_a_run_killed_twice_has_one_record_of_every_step(
    train_tiny: Callable[..., Any], reviews: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("MLFLOW_TRACKING_URI", raising=False)
    train_tiny(reviews, tmp_path / "whole", log="csv", **LONG)
    expected = by_name(csv_figures(tmp_path / "whole.log"))
    assert [step for name, step in expected if name == "step/loss"] == list(range(1, max(s for _, s in expected) + 1))

    out, log, rng = tmp_path / "m", tmp_path / "m.log", np.random.default_rng()
    for more, earliest, latest in (((), 1, 100), (("--resume",), 120, 220)):
        with training_process(reviews, "--out", out, "--log", KINDS, *WORDS.split(), *more) as training:
            training.wait_for_step(int(rng.integers(earliest, latest)))
            training.child.kill()
    with (log / "metrics.csv").open("ab") as file:
        file.write(b"2026-01-01T00:00:00,3,step/lo")  # half of a line
    train_tiny(reviews, out, resume=True, log=KINDS, **LONG)

    assert by_name(csv_figures(log)) == expected
    shown = by_name(tensorboard_figures(log))
    assert shown.keys() == expected.keys()
    assert [shown[key] for key in expected] == pytest.approx([expected[key] for key in expected], rel=1e-6)
    assert by_name(mlflow_figures(log)) == expected
    (run,) = mlflow_runs(log)
    assert run.info.status == "FINISHED" and run.info.run_name == "m"
    assert run.data.params.items() >= {"hidden": "4", "data/rows": "200", "learning_rate": "0.001"}.items()
    parameters = csv_parameters(log)
    assert {name: parameters[name] for name in run.data.params} == run.data.params
    assert (run.data.tags["recurra.model"], run.data.tags["recurra.digest"]) == ("m", parameters["digest"])
    weights = [(folder / "weights.safetensors").read_bytes() for folder in (out, tmp_path / "whole")]
    assert weights[0] == weights[1], "records change nothing"
