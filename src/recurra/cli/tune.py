"""`recurra tune`: a search for options, and a model of the best."""

from __future__ import annotations

import math
import shlex
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Annotated, Any

import typer

from recurra.cli import train
from recurra.cli.options import Config, Data, Json, Out, print_json, takes
from recurra.cli.trained import print_end
from recurra.data.tables.location import joined
from recurra.errors import OptionError
from recurra.tasks.configuration import task_options
from recurra.tasks.registry import get_task
from recurra.tasks.task import Task
from recurra.terminal.output import already_written
from recurra.terminal.table import console, shown
from recurra.training.installed import training_installed
from recurra.tuning.limits import duration
from recurra.tuning.space import on_command_line


class Command(train.Command):
    """`recurra tune`, whose help shows only the options of the task that is named beside it."""

    left_out = frozenset({"folds"})

    def sentence(self, task: Task[Any]) -> str:
        return (
            f"Search for options of the task {task.name}: from {task.takes} to {task.gives}.\n\n"
            f"Example: recurra tune DATA --task {task.name} --out model --trials 40 --time 20m"
        )


def command() -> Callable[..., None]:
    """Return the command, with the options of all tasks."""

    @takes(Command.all_flags())
    def tune(
        *,
        data: Data,
        out: Out,
        trials: Annotated[
            int,
            typer.Option("--trials", min=1, max=100_000, help="Trials in all, the first with the options as given."),
        ] = 40,
        timeout: Annotated[
            str | None,
            typer.Option(
                "--timeout",
                help="No trial begins after so long: 90s, 20m or 2h. But for forecasts, --time says the same.",
                show_default=False,
            ),
        ] = None,
        jobs: Annotated[
            int, typer.Option("--jobs", min=1, max=256, help="Trials at the same time, in processes of their own.")
        ] = 1,
        metric: Annotated[
            str | None,
            typer.Option(
                "--metric",
                help="Figure of the validation rows to make as good as can be, such as accuracy (default: the loss; of "
                "numbers, mae).",
                show_default=False,
            ),
        ] = None,
        space: Annotated[
            Path | None,
            typer.Option("--space", metavar="FILE.toml", help="The options to search, and their values."),
        ] = None,
        config: Config = None,
        resume: Annotated[bool, typer.Option("--resume", help="Go on with the search that was stopped.")] = False,
        overwrite: Annotated[
            bool, typer.Option("--overwrite", help="Replace what is in --out, and the search beside it.")
        ] = False,
        json_: Json = False,
        given: dict[str, Any],
    ) -> None:
        """Search for options, each trial judged on validation rows, and train a model with the best.

        Options that are given are not searched. The study, a table of the trials and a plot lie beside --out.

        Example: recurra tune reviews.csv --out model --trials 40 --time 20m
        """
        seconds, given = _limit(timeout, given)
        training_installed()
        from recurra.training.memory import prepare_memory
        from recurra.tuning.tune import PLOT, TABLE, tuning_directory
        from recurra.tuning.tune import tune as run

        prepare_memory()
        metrics = run(
            joined(data),
            out,
            task_options(given, config),
            trials=trials,
            seconds=seconds,
            jobs=jobs,
            metric=metric,
            space=space,
            resume=resume,
            overwrite=overwrite,
            repeat=lambda best: _train_command(data, out, config, given, best),
        )
        folder = tuning_directory(out)
        with already_written():
            if json_:
                print_json({"out": str(out), **metrics})
            else:
                _print(metrics, out, {"Trials": folder / TABLE, "Plot": folder / PLOT})

    return tune


def _limit(timeout: str | None, given: Mapping[str, Any]) -> tuple[float, dict[str, Any]]:
    """Return the seconds of --timeout, and the options of the task; --time counts as it where the task has none."""
    rest, name = dict(given), "--timeout"
    if "time" in rest and "time" not in get_task(str(rest.get("task", "classify"))).options.model_fields:
        if timeout is not None:
            raise OptionError("--time and --timeout say the same; give one of them.")
        timeout, name = str(rest.pop("time")), "--time"
    return (math.inf if timeout is None else duration(timeout, name)), rest


def _train_command(
    data: Sequence[str], out: Path, config: Path | None, given: Mapping[str, Any], best: Mapping[str, Any]
) -> str:
    """Return the command that trains with the best options."""
    words = ["recurra train", *map(shlex.quote, data), "--out", shlex.quote(str(out))]
    if config is not None:
        words += ["--config", shlex.quote(str(config))]
    return " ".join(filter(None, [*words, on_command_line({**given, **best}, shlex.quote)]))


def _print(metrics: dict[str, Any], out: Path, files: Mapping[str, Path]) -> None:
    """Print the scores of the best, the paths of the results, and the command that trains it again."""
    task, output = get_task(metrics["task"]), console()
    output.print()
    task.terminal().print_training(output, metrics)
    lines = {"Model": out, "Report": out / "report.html", **files, "Next": task.next_command(shlex.quote(str(out)))}
    print_end(output, metrics, lines)
    output.print("Again:  ", end="")
    output.print(shown(metrics["tuning"]["command"]), soft_wrap=True)
