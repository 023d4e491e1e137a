"""`recurra train`: from data to a model directory."""

from __future__ import annotations

import shlex
import sys
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Annotated, Any

import typer
from pydantic.fields import FieldInfo

from recurra.cli import command as commands
from recurra.cli.options import Config, Data, Flag, Json, Out, flags_by_task, print_json, takes
from recurra.cli.trained import print_end
from recurra.options.training import TaskOptions
from recurra.tasks.configuration import task_options
from recurra.tasks.registry import TASKS, all_tasks, get_task
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


class Command(commands.Command):
    """`recurra train`, whose help shows only the options of the task that is named beside it."""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        if name := _named_task(args):
            task = get_task(name)
            self.help = (
                f"Train a model of the task {task.name}: from {task.takes} to {task.gives}.\n\n"
                f"Example: recurra train DATA --task {task.name} --out model"
            )
            shown_here = {flag.name: flag for flag in flags_by_task([task], lambda task: task.options)}
            elsewhere = self.elsewhere(args)
            for parameter in self.params:
                if flag := shown_here.get(parameter.name or ""):
                    if flag.name != "task":
                        parameter.help = flag.help.replace("[", "\\[")  # type: ignore[attr-defined]
                        parameter.rich_help_panel = flag.panel  # type: ignore[attr-defined]
                elif parameter.name in elsewhere:
                    parameter.hidden = True  # type: ignore[attr-defined]
        return super().parse_args(ctx, args)

    def elsewhere(self, args: Sequence[str]) -> set[str]:
        name = _named_task(args) or ("" if any(word.startswith("--config") for word in args) else "classify")
        if not name:
            return set()
        return {field for task in all_tasks() for field in task.options.model_fields} - {
            *get_task(name).options.model_fields
        }


def _named_task(args: Sequence[str]) -> str | None:
    """Return the task that the arguments name, if they name one."""
    for index, word in enumerate(args):
        if word == "--task" and index + 1 < len(args):
            return args[index + 1]
        if word.startswith("--task="):
            return word.removeprefix("--task=")
    return None


def command() -> Callable[..., None]:
    """Return the command, with the options of all tasks."""
    names = ", ".join(TASKS)
    sentence = f"{TaskOptions.model_fields['task'].description} One of: {names}. [default: classify]"
    flags = [flag for flag in flags_by_task(all_tasks(), lambda task: task.options) if flag.name != "task"]
    tasks = Flag("task", FieldInfo(annotation=str, default="classify", description=sentence), "Task")

    @takes([replace(tasks, defaults={"": None}), *flags])
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
            data,
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
    next_command = task.next_command(shlex.quote(str(out)))
    print_end(output, metrics, {"Model": out, "Report": out / "report.html", "Next": next_command})
