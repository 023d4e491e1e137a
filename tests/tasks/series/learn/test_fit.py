"""Series to a trained model: it learns what it can, chooses its blend, and answers as its graph and its kernel do."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from recurra.errors import DataError, LabelError, OptionError, TrainingError
from recurra.tasks.series.learn.fit import FittedSeries, Rows, fit_series
from recurra.tasks.series.model import SeriesModel
from recurra.tasks.series.options import SeriesOptions
from recurra.terminal.progress import TrainingProgress
from recurra.training.checkpoints import CheckpointStore
from recurra.training.control import RunControl
from support.series import waves


def options(**changes: object) -> SeriesOptions:
    fields = {"threads": 1, "epochs": 12, "hidden": 8, "convolutions": 168, "precision": "fp32"}
    return SeriesOptions(**{**fields, **changes})


def fitted(count: int = 60, **changes: object) -> FittedSeries:
    series, labels = waves(count)
    held = count // 6
    training, validation = Rows(series[held:], labels[held:]), Rows(series[:held], labels[:held])
    return fit_series(training, validation, ["a", "b"], 3, "classify", options(**changes))


def answering(found: FittedSeries, labels: list[str]) -> SeriesModel:
    return SeriesModel(found.shape, found.inputs, labels, found.graph, threads=1)


@pytest.mark.parametrize(("convolutions", "epochs"), [(0, 25), (168, 12)])
def test_it_tells_waves_apart(convolutions: int, epochs: int) -> None:
    found = fitted(90, convolutions=convolutions, epochs=epochs)
    assert (found.blend is None) == (convolutions == 0)
    assert {name: weight.shape for name, weight in found.weights.items()} == found.shape.weight_shapes()
    series, labels = waves(90, seed=1)
    model = answering(found, ["slow", "fast", "both"])
    answers = model.predict(series)
    right = np.mean(answers == np.array(["slow", "fast", "both"], dtype=object)[labels])
    assert right > 0.85
    assert len(found.history) == epochs and {"valid_loss", "valid_accuracy"} <= found.history[0].keys()


def test_it_predicts_numbers_in_their_own_unit() -> None:
    rng = np.random.default_rng(0)
    speeds = rng.uniform(0.2, 1.5, 90)
    series = [np.sin(speed * np.arange(30) + rng.uniform(0, 6))[:, None].astype(np.float32) for speed in speeds]
    numbers = 1000 + 100 * speeds
    found = fit_series(
        Rows(series[10:70], numbers[10:70]), Rows(series[:10], numbers[:10]), ["y"], 1, "regress", options(epochs=20)
    )
    answers = answering(found, []).predict(series[70:])
    errors = np.abs(answers - numbers[70:]).mean()
    assert errors < 0.5 * np.abs(numbers[70:] - numbers[:70].mean()).mean()


def test_missing_values_are_learnt_with() -> None:
    series, labels = waves(60)
    rng = np.random.default_rng(1)
    for values in series:
        values[rng.random(len(values)) < 0.2, 1] = np.nan
    rows = Rows(series[10:], labels[10:]), Rows(series[:10], labels[:10])
    found = fit_series(*rows, ["a", "b"], 3, "classify", options(epochs=2))
    assert found.inputs.masked == [1] and found.shape.masks == 1
    assert np.isfinite(answering(found, list("abc")).outputs(series)).all()
    with pytest.raises(DataError, match="'b'"):
        fit_series(*rows, ["a", "b"], 3, "classify", options(missing="refuse"))


def test_the_same_seed_gives_the_same_weights() -> None:
    one, other = fitted(epochs=2, seed=7), fitted(epochs=2, seed=7)
    assert all((one.weights[name] == other.weights[name]).all() for name in one.weights)


@pytest.mark.parametrize("stage", ["fold 2 of 3", ""])
def test_a_stopped_run_goes_on_where_it_was(tmp_path: Path, stage: str) -> None:
    series, labels = waves(40)
    rows = Rows(series[6:], labels[6:]), Rows(series[:6], labels[:6])
    seen: list[tuple[str, int]] = []

    def fit(control: RunControl) -> FittedSeries:
        return fit_series(*rows, ["a", "b"], 3, "classify", options(epochs=4), control=control)

    def stop(progress: TrainingProgress) -> None:
        if (progress.stage, progress.epoch) == (stage, 1):
            raise KeyboardInterrupt

    def watch(progress: TrainingProgress) -> None:
        seen.append((progress.stage, progress.epoch))

    whole = fit(RunControl(CheckpointStore(tmp_path / "whole"), on_progress=watch))
    assert list(dict.fromkeys(name for name, _ in seen)) == ["fold 1 of 3", "fold 2 of 3", "fold 3 of 3", ""]
    seen.clear()
    with pytest.raises(KeyboardInterrupt):
        fit(RunControl(CheckpointStore(tmp_path / "run"), on_progress=stop))
    resumed = fit(RunControl(CheckpointStore(tmp_path / "run"), resume=True, on_progress=watch))
    assert seen[0] == (stage, 1)
    assert all((whole.weights[name] == resumed.weights[name]).all() for name in whole.weights)


def test_what_cannot_be_learnt_is_refused() -> None:
    series, labels = waves(12)
    with pytest.raises(TrainingError, match="series to train on"):
        fit_series(Rows(series, labels), Rows([], labels[:0]), ["a", "b"], 3, "classify", options())
    with pytest.raises(LabelError, match="Each label"):
        fit_series(Rows(series[3:], labels[3:]), Rows(series[:3], labels[:3]), ["a", "b"], 4, "classify", options())
    with pytest.raises(OptionError, match="cannot be built"):
        fitted(hidden=8192, layers=16)


def test_long_series_are_read_several_frames_a_step_and_a_flat_channel_does_no_harm() -> None:
    rng = np.random.default_rng(2)
    series = [rng.normal(label, 1, (640, 2)).astype(np.float32) for label in range(2) for _ in range(10)]
    for values in series:
        values[:, 1] = 7
    labels = np.repeat([0, 1], 10)
    rows = Rows(series[1:19], labels[1:19]), Rows([series[0], series[19]], labels[[0, 19]])
    found = fit_series(*rows, ["a", "b"], 2, "classify", options(epochs=2))
    assert (found.shape.front[0][2], found.shape.pool) == (2, 7)
    assert (answering(found, ["0", "1"]).predict(series) == labels.astype(str)).all()
