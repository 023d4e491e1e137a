"""One trial: a network with some options, judged on the validation rows. The held-out rows are left alone."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

from recurra.options.base import validated
from recurra.options.training import TaskOptions
from recurra.terminal.progress import Reporter, TrainingProgress
from recurra.training.control import RunControl
from recurra.training.trainer import RunContext, Trainer
from recurra.tuning.metric import Figure
from recurra.tuning.study import EPOCHS, SECONDS

if TYPE_CHECKING:
    from optuna import Trial


PREFIX = "trial-"
"""Of the folders with temporary files."""


@dataclass(frozen=True)
class Tried:
    """A trained trial. value: its figure; resolved: its options with those that depend on the data; fingerprint, rows:
    of the data; facts: what is told of it."""

    value: float
    figures: dict[str, float]
    resolved: TaskOptions
    fingerprint: str
    validation_rows: int
    facts: dict[str, Any]


class Pruned(Exception):
    """A trial is ended early: it is worse than the others were."""


def with_values(options: TaskOptions, values: Mapping[str, Any]) -> TaskOptions:
    """Return the options that were given with some values beside them. Raises OptionError where they do not fit."""
    given = {name: getattr(options, name) for name in options.model_fields_set}
    return validated(type(options), {**given, **values})


def run_trial(
    trainer: type[Trainer[Any]],
    data: str,
    options: TaskOptions,
    figure: Figure | None,
    scratch: Path,
    *,
    on_epoch: Callable[[int, float], bool] = lambda epoch, value: False,
    reporter: Reporter | None = None,
) -> Tried:
    """Train a network and judge it on the validation rows.

    figure: what it is judged by; None: what the task's searches go by. scratch: for temporary files. on_epoch: told of
    the epochs done and the figure then, where that foretells what the trial is judged by, and there are more to come;
    True ends the trial. Raises Pruned then, and what a trainer does.
    """
    began = time.perf_counter()
    with TemporaryDirectory(dir=scratch, prefix=PREFIX) as folder:
        context = RunContext(data, Path(folder), Path(folder) / "rejects", reporter or Reporter(quiet=True))
        with trainer(options, context) as task:
            figure = figure or Figure(task.search_metric)
            found = task.read()
            counts, _ = task.split()

            def watch(progress: TrainingProgress) -> None:
                entry = progress.finished_epoch
                if entry is None or progress.stage or not task.epochs_tell or progress.epoch + 1 == progress.epochs:
                    return
                value = figure.of_epoch(entry)
                if value is not None and on_epoch(int(entry["epoch"]), value):
                    raise Pruned

            history = task.fit(RunControl(on_progress=watch))
            figures = task.validation()
            facts = {EPOCHS: len(history), SECONDS: time.perf_counter() - began}
            return Tried(
                figure.of(figures), figures, task.options, found["fingerprint"], int(counts.get("valid", 0)), facts
            )


def watched(trial: Trial) -> Callable[[int, float], bool]:
    """Return what tells Optuna of the epochs of a trial, and asks it whether to go on."""

    def on_epoch(epoch: int, value: float) -> bool:
        trial.report(value, epoch)
        return trial.should_prune()

    return on_epoch
