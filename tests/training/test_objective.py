"""An objective that counts no right answers is trained, resumed, drawn and printed like any other."""

from __future__ import annotations

import io
import json
from pathlib import Path

import pytest
import torch
from PIL import Image
from rich.console import Console

from recurra.errors import ResumeError
from recurra.report.charts import learning_curve
from recurra.report.curves import curves_png
from recurra.report.quantity import Quantity
from recurra.terminal.progress import Reporter, TrainingProgress, epoch_header, epoch_line
from recurra.training import checkpoints
from recurra.training.checkpoints import CheckpointStore
from recurra.training.loop import train
from recurra.training.objective import Monitor
from support.regression import LossAlone, SquaredError, regression_run


class Killed(BaseException):
    """Stands for a process that ends in the middle of a step."""


def test_a_regression_learns_and_its_history_has_its_own_metric() -> None:
    network, run = regression_run(SquaredError(), epochs=12)
    history = train(network, run)
    assert set(history[0]) == {
        "epoch", "seconds", "train_loss", "valid_loss", "train_mean_absolute_error", "valid_mean_absolute_error",
    }  # fmt: skip
    assert history[-1]["valid_mean_absolute_error"] < 0.3 < history[0]["valid_mean_absolute_error"]
    best = min(entry["valid_mean_absolute_error"] for entry in history)
    assert run.objective.validate(network, run.valid, run.device).monitor.value == pytest.approx(best, rel=1e-6)


@pytest.mark.parametrize("stop_at", [1, 12, 13, 14, 40])
def test_a_killed_regression_resumes_to_the_same_weights(tmp_path: Path, stop_at: int) -> None:
    network, run = regression_run(SquaredError())
    whole = train(network, run)

    def die(progress: TrainingProgress) -> None:
        if progress.step == stop_at and progress.finished_epoch is None:
            raise Killed

    store = CheckpointStore(tmp_path)
    cut, run = regression_run(SquaredError(), store=store, checkpoint_seconds=0.0, on_progress=die)
    with pytest.raises(Killed):
        train(cut, run)
    torch.rand(7)  # a new process starts from another random state
    resumed, run = regression_run(SquaredError(), store=store)
    history = train(resumed, run, resume=True)
    for name, tensor in network.state_dict().items():
        assert torch.equal(resumed.state_dict()[name], tensor)
    plain = [[{k: v for k, v in entry.items() if k != "seconds"} for entry in part] for part in (whole, history)]
    assert plain[0] == plain[1]


def test_the_curves_show_the_metrics_that_there_are() -> None:
    network, run = regression_run(SquaredError())
    history = train(network, run)
    width = Image.open(io.BytesIO(curves_png(history, loss_unit=""))).width
    name = "mean_absolute_error"
    picture = str(learning_curve(history, name, Quantity.of_history(name)))
    assert '"Mean absolute error per epoch' in picture and "%" not in picture
    assert "nats" not in str(learning_curve(history, "loss", Quantity.of_history("loss")))
    network, run = regression_run(LossAlone())
    assert Image.open(io.BytesIO(curves_png(train(network, run)))).width < width


def test_the_epoch_line_shows_the_metrics_that_there_are() -> None:
    entry = {
        "epoch": 3, "train_loss": 1.5, "train_mean_absolute_error": 0.25,
        "valid_loss": 2.0, "valid_mean_absolute_error": 0.5, "seconds": 61.25,
    }  # fmt: skip
    header, line = epoch_header(entry), epoch_line(entry, 20)
    assert header.split("  ")[-1].strip() == "Time" and header.count("mean absolute error") == 2
    assert line.split() == ["3/20", "1.5000", "0.2500", "2.0000", "0.5000", "61.2", "s"]
    assert len(header) == len(line)
    alone = {key: value for key, value in entry.items() if "error" not in key}
    assert epoch_header(alone) == "    Epoch  Training loss  Validation loss        Time"
    assert epoch_line(alone, 20) == "     3/20         1.5000           2.0000      61.2 s"


def test_a_regression_is_printed_as_it_trains() -> None:
    reporter, stream = Reporter(), io.StringIO()
    reporter.console = Console(file=stream, width=120, color_system=None)
    with reporter.training() as on_progress:
        network, run = regression_run(SquaredError(), epochs=2, on_progress=on_progress)
        train(network, run)
    lines = stream.getvalue().splitlines()
    assert lines[0].count("mean absolute error") == 2 and [line.split()[0] for line in lines[1:]] == ["1/2", "2/2"]


def test_a_metric_may_be_better_the_higher_it_is() -> None:
    assert Monitor("r2", 0.9, "higher").cost < Monitor("r2", 0.1, "higher").cost
    assert Monitor("loss", 0.1).cost < Monitor("loss", 0.9).cost


@pytest.mark.parametrize("written_with", [None, 1, 99])
def test_checkpoints_of_another_format_are_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, written_with: int | None
) -> None:
    store = CheckpointStore(tmp_path)
    dumps = json.dumps
    monkeypatch.setattr(checkpoints, "FORMAT", written_with)
    if written_with is None:  # 0.1.0 wrote none
        monkeypatch.setattr(
            checkpoints.json, "dumps", lambda state: dumps({k: v for k, v in state.items() if k != "format"})
        )
    store.save(3, {"weights.a": torch.zeros(2)}, {"run": {"loss_sum": 0.0}, "identity": {}})
    monkeypatch.undo()
    network, run = regression_run(SquaredError(), store=store)
    with pytest.raises(ResumeError, match=r"another version of Recurra.*--overwrite"):
        train(network, run, resume=True)
