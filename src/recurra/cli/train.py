"""`recurra train`: from data to a model directory."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from recurra.options.everything import TaskOptions
from recurra.terminal.progress import Reporter
from recurra.training.installed import training_installed


def train(
    data: str,
    out: Path,
    options: TaskOptions,
    *,
    resume: bool = False,
    overwrite: bool = False,
    command: str = "",
    reporter: Reporter | None = None,
) -> dict[str, Any]:
    """Train a model of the task in `options` on `data` and write the model directory `out`: see `training.run`."""
    training_installed()
    from recurra.tasks.trainers import TRAINERS
    from recurra.training.run import run

    trainer = TRAINERS[options.task]
    return run(trainer, data, out, options, resume=resume, overwrite=overwrite, command=command, reporter=reporter)
