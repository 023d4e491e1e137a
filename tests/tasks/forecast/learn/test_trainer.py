"""The steps of a training run, each on what the one before left; report and card among them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from recurra.tasks.forecast.learn.trainer import ForecastTrainer
from recurra.tasks.forecast.options import ForecastOptions
from recurra.terminal.progress import Reporter
from recurra.training.control import UNATTENDED
from recurra.training.trainer import RunContext
from support.forecast_files import TINY, write_long


def trained(folder: Path, **options: Any) -> tuple[ForecastTrainer, dict[str, Any]]:
    path = write_long(folder / "sales.csv")
    context = RunContext(str(path), folder, folder / "rejects", Reporter(quiet=True))
    trainer = ForecastTrainer(ForecastOptions(**{**TINY, **options}), context)
    data = trainer.read()
    split, digest = trainer.split()
    assert digest and split["train"] + split["valid"] + split["test"] == sum(40 + 3 * n for n in range(6))
    history = trainer.fit(UNATTENDED)
    assert len(history) == 2
    metrics = trainer.evaluate()
    whole = {**metrics, "data": data, "split": split, "history": history, "task": "forecast", "labels": []}
    return trainer, whole


def test_from_a_file_to_a_report(tmp_path: Path) -> None:
    trainer, metrics = trained(tmp_path, futr_exog_list="price")
    assert "2 x GRU(4) on 6 series (frequency M, season of 12) for 4 steps ahead" in trainer.heading()
    held = trainer._corpus.division.held_out
    said = trainer._model.predict([one.history for one in held])
    inside = np.mean([(q[:, 0] <= one.truth) & (one.truth <= q[:, 2]) for one, q in zip(held, said, strict=True)])
    assert metrics["test"]["coverage"] == pytest.approx(inside)
    assert metrics["config"]["season"] == 12 and metrics["correction"]["windows"] > 0
    assert trainer.summary(metrics)["mase"] == metrics["test"]["mase"]
    page = trainer.report(metrics)
    for text in (
        "sales.csv forecast",
        "shop 3",
        "seasonal naive",
        "Step by step",
        "Covariates known beforehand: price",
    ):
        assert text in page, text
    assert "ends before that" in page and page.count('class="curve forecast"') == 6
    assert "recurra predict . history.csv" in trainer.card(metrics) and '"price"' in trainer.tokenizer_json()


def test_without_a_baseline(tmp_path: Path) -> None:
    trainer, metrics = trained(tmp_path, baseline=False, season=1)
    assert metrics["baseline"] is None and "no season" in trainer.heading()
    assert "without a baseline" in trainer.report(metrics)
