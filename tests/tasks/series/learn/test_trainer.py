"""The steps of a training run, each on what the one before left; judgement, report and card among them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from sklearn.metrics import accuracy_score, mean_absolute_error

from recurra.tasks.series.learn.trainer import SeriesTrainer
from recurra.tasks.series.model import SeriesModel
from recurra.tasks.series.options import SeriesOptions
from recurra.terminal.progress import Reporter
from recurra.training.control import UNATTENDED
from recurra.training.trainer import RunContext
from support.series_files import TINY, write_long


def trained(folder: Path, **options: Any) -> tuple[SeriesTrainer, dict[str, Any]]:
    path = write_long(folder / "waves.csv")
    chosen = SeriesOptions(**{**TINY, "values": "x,y", "split": 0.3, **options})
    context = RunContext(str(path), folder, folder / "rejects", Reporter(quiet=True))
    trainer = SeriesTrainer(chosen, context)
    data = trainer.read()
    split, digest = trainer.split()
    assert digest and split["train"] + split["valid"] + split["test"] == 60
    history = trainer.fit(UNATTENDED)
    assert history
    metrics = trainer.evaluate()
    whole = {**metrics, "data": data, "split": split, "history": history, "task": "series", "labels": trainer.labels()}
    return trainer, whole


def test_labels(tmp_path: Path) -> None:
    trainer, metrics = trained(tmp_path, label="label")
    assert "2 channels, 3 labels" in trainer.heading()
    corpus = trainer._corpus
    rows = np.flatnonzero(corpus.parts.test)
    fitted = trainer._fitted
    model = SeriesModel(fitted.shape, fitted.inputs, trainer.labels(), fitted.graph)
    answers = model.predict([corpus.series.values[row] for row in rows])
    truth = [corpus.labels[target] for target in corpus.targets[rows]]
    assert metrics["test"]["accuracy"] == pytest.approx(accuracy_score(truth, answers))
    assert trainer.summary(metrics)["accuracy"] == metrics["test"]["accuracy"]
    chosen = [one for one in metrics["baselines"] if one["chosen"]]
    assert len(metrics["baselines"]) == 2 and chosen[0]["accuracy"] == metrics["baseline"]["accuracy"]
    page = trainer.report(metrics)
    for text in ("waves.csv classifier", "What it confuses", "random convolutions with ridge", "frames, median"):
        assert text in page, text
    assert "waves.csv classifier" in trainer.card(metrics) and "recurra predict . new.parquet" in trainer.card(metrics)
    assert '"x"' in trainer.tokenizer_json()


def test_numbers(tmp_path: Path) -> None:
    trainer, metrics = trained(tmp_path, target="target", baseline=False)
    assert metrics["baseline"] is None and trainer.labels() == [] and trainer.loss_unit == ""
    corpus = trainer._corpus
    rows = np.flatnonzero(corpus.parts.test)
    found = trainer._model.predict([corpus.series.values[row] for row in rows])
    assert metrics["test"]["mae"] == pytest.approx(mean_absolute_error(corpus.targets[rows], found))
    worst = metrics["mistakes"][0]
    errors = np.abs(found - corpus.targets[rows])
    assert abs(worst["truth"] - worst["predicted"]) == pytest.approx(errors.max(), rel=1e-4)
    assert worst["series"] == corpus.series.ids[rows[errors.argmax()]]
    assert "Largest errors" in trainer.report(metrics) and "waves.csv regression" in trainer.card(metrics)


def test_groups_stay_whole(tmp_path: Path) -> None:
    trainer, metrics = trained(tmp_path, label="label", group="owner", baseline=False)
    owners = np.array(trainer._corpus.series.columns["owner"])
    parts = trainer._corpus.parts
    assert not set(owners[parts.test]) & set(owners[parts.train | parts.valid])
    assert "groups held out" in metrics["split"]["how"] and "--group" not in trainer.report(metrics)
