"""`recurra compare`: the cells side by side on one data set."""

from __future__ import annotations

import shlex
import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Annotated, Any

import typer
from pydantic import BaseModel

from recurra.cli.options import Config, Data, Json, Out, print_json, takes
from recurra.cli.task_command import TaskCommand
from recurra.data.tables.location import joined
from recurra.errors import OptionError
from recurra.tasks.configuration import task_options
from recurra.tasks.registry import all_tasks, get_task
from recurra.tasks.task import Task
from recurra.terminal.model_table import FORMS
from recurra.terminal.output import already_written
from recurra.terminal.table import console, interval, shown, table
from recurra.training.installed import training_installed


class Command(TaskCommand):
    """`recurra compare`, whose help shows only the options of the task that is named beside it."""

    left_out = frozenset({"cell", "baseline", "quantise"})

    @classmethod
    def tasks(cls) -> dict[str, Task[Any]]:
        return {task.name: task for task in all_tasks() if task.can("comparison")}

    @classmethod
    def options(cls, task: Task[Any]) -> type[BaseModel]:
        return task.comparison_options

    def sentence(self, task: Task[Any]) -> str:
        return (
            f"Train several cells on one split of the data of the task {task.name}: from {task.takes} to {task.gives}."
            f"\n\nExample: recurra compare DATA --task {task.name} --out comparison"
        )


def command() -> Callable[..., None]:
    """Return the command."""

    @takes(Command.all_flags())
    def compare(
        *,
        data: Data,
        out: Out,
        cell: Annotated[str, typer.Option("--cell", help="Cells to compare, with commas between.")] = "rnn,gru,lstm",
        seeds: Annotated[
            int, typer.Option("--seeds", min=1, max=100, help="Times to train each, from different weights.")
        ] = 1,
        config: Config = None,
        overwrite: Annotated[bool, typer.Option("--overwrite", help="Replace what is in --out.")] = False,
        json_: Json = False,
        given: dict[str, Any],
    ) -> None:
        """Train several cells on one split: scores with error bars, time, size and latency in one table and one plot.

        Example: recurra compare imdb --out comparison --cell rnn,gru,lstm --rows 10000
        """
        training_installed()
        from recurra.training.comparison import compare as run
        from recurra.training.memory import prepare_memory

        prepare_memory()
        options = task_options(given, config, _defaults)
        task = get_task(options.task)
        if not task.can("comparison"):
            raise OptionError(
                f"Cells cannot be compared with --task {task.name}; it goes with {', '.join(Command.tasks())}."
            )
        result = run(
            task.comparison(),
            joined(data),
            out,
            [name.strip() for name in cell.split(",")],
            options,
            seeds=seeds,
            overwrite=overwrite,
            command=shlex.join(["recurra", *sys.argv[1:]]),
        )
        with already_written():
            if json_:
                print_json(result)
            else:
                _print(result, out)

    return compare


def _defaults(task: Task[Any]) -> dict[str, Any]:
    """Return the defaults of a comparison that differ from those of training."""
    of_training = task.options.model_fields
    own = {name: field.default for name, field in task.comparison_options.model_fields.items() if name in of_training}
    return {name: default for name, default in own.items() if default != of_training[name].default}


def _print(result: Mapping[str, Any], out: Path) -> None:
    """Print the table of a comparison."""
    measure = result["measure"]
    title, form = FORMS[measure]
    rows = table("Cell", title, "95 % interval", "Train s", "Rows/s", "Weights", "MB", "ms for one")
    for cell in result["cells"]:
        rows.add_row(
            cell["cell"],
            form.format(cell[measure]),
            interval(cell[f"{measure}_ci95"], form),
            f"{cell['train_seconds']:.{0 if cell['train_seconds'] >= 10 else 1}f}",
            f"{cell['train_rows_per_second']:,.0f}",
            f"{cell['parameters']:,}",
            f"{cell['model_megabytes']:.1f}",
            f"{cell['latency_p50_ms']:.2f}",
        )
    output = console()
    output.print(rows)
    output.print(shown(result["note"]))
    output.print(f"Table and plot: {shown(out)}")
