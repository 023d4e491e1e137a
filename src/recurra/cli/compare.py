"""`recurra compare`: the cells side by side on one data set."""

from __future__ import annotations

import shlex
import sys
from collections.abc import Callable
from typing import Annotated, Any

import typer

from recurra.cli.options import Config, Data, Json, Out, flags_of, print_json, takes
from recurra.errors import OptionError
from recurra.tasks.classify.options import ClassifyOptions, ComparisonOptions
from recurra.tasks.configuration import task_options
from recurra.terminal.output import already_written
from recurra.training.installed import training_installed


def command() -> Callable[..., None]:
    """Return the command."""

    @takes(flags_of(ComparisonOptions, leave_out=("cell", "baseline", "quantise")))
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
        """Train several cells on one split: accuracy with error bars, time, size and latency in one table and one plot.

        Example: recurra compare imdb --out comparison --cell rnn,gru,lstm --rows 10000
        """
        training_installed()
        from recurra.tasks.classify.learn.compare import compare as run
        from recurra.tasks.classify.terminal import print_comparison
        from recurra.training.memory import prepare_memory

        prepare_memory()
        options = task_options(given, config)
        if not isinstance(options, ClassifyOptions):
            raise OptionError(f"--task {options.task}: only classifiers can be compared.")
        result = run(
            data,
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
                print_comparison(result, out)

    return compare
