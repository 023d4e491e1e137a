"""`recurra train`: from data to a model directory."""

from __future__ import annotations

import shlex
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Annotated, Any

import typer
from pydantic import BaseModel

from recurra.cli.options import Config, Data, Json, Out, example_row, print_json, takes
from recurra.cli.task_command import TaskCommand
from recurra.cli.trained import print_end
from recurra.data.tables.location import joined
from recurra.options.training import TaskOptions
from recurra.tasks.configuration import task_options
from recurra.tasks.registry import all_tasks, get_task
from recurra.tasks.task import Task
from recurra.terminal.folds import in_words
from recurra.terminal.output import already_written
from recurra.terminal.progress import Reporter
from recurra.terminal.table import console
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
    from recurra.training.run import run

    trainer = get_task(options.task).trainer()
    return run(trainer, data, out, options, resume=resume, overwrite=overwrite, command=command, reporter=reporter)


class Command(TaskCommand):
    """`recurra train`, whose help shows only the options of the task that is named beside it."""

    @classmethod
    def tasks(cls) -> dict[str, Task[Any]]:
        return {task.name: task for task in all_tasks()}

    @classmethod
    def options(cls, task: Task[Any]) -> type[BaseModel]:
        return task.options

    def sentence(self, task: Task[Any]) -> str:
        return (
            f"Train a model of the task {task.name}: from {task.takes} to {task.gives}.\n\n"
            f"Example: recurra train DATA --task {task.name} --out model"
        )


def command() -> Callable[..., None]:
    """Return the command, with the options of all tasks."""

    @takes(Command.all_flags())
    def train_command(
        *,
        data: Data,
        out: Out,
        config: Config = None,
        resume: Annotated[bool, typer.Option("--resume", help="Continue the run that was stopped.")] = False,
        overwrite: Annotated[bool, typer.Option("--overwrite", help="Replace what is in --out.")] = False,
        json_: Json = False,
        given: dict[str, Any],
    ) -> None:
        """Train a model and write its directory with a report: a classifier, or another task with --task.

        Options of one task alone: recurra train --task tag --help.

        Example: recurra train reviews.csv --text review --label sentiment --out model
        """
        training_installed()
        from recurra.training.memory import prepare_memory

        prepare_memory()
        metrics = train(
            joined(data),
            out,
            task_options(given, config),
            resume=resume,
            overwrite=overwrite,
            command=shlex.join(["recurra", *sys.argv[1:]]),
        )
        with already_written():
            if json_:
                print_json({"out": str(out), **metrics})
            else:
                _print(metrics, out)

    return train_command


def _print(metrics: dict[str, Any], out: Path) -> None:
    """Print the scores, the paths of the results, and the next command."""
    task, output = get_task(metrics["task"]), console()
    output.print()
    task.terminal().print_training(output, metrics)
    next_command = task.next_command(shlex.quote(str(out)), example_row(metrics.get("data") or {}))
    lines: dict[str, object] = {"Model": out, "Report": out / "report.html"}
    if folds := metrics.get("folds"):
        output.print(in_words(folds))
        lines["Folds"] = out.with_name(f"{out.name}.folds.csv")
    print_end(output, metrics, {**lines, "Next": next_command})
