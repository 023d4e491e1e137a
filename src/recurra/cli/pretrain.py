"""`recurra pretrain`: from texts without labels to a base that many models start from."""

from __future__ import annotations

import shlex
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Annotated, Any

import typer
from pydantic import BaseModel

from recurra.cli.options import Config, Flag, Json, flags_of, print_json, takes
from recurra.cli.trained import print_end
from recurra.data.tables.location import joined
from recurra.options.network import RecurrentOptions
from recurra.options.training import FitOptions, RecordOptions
from recurra.pretraining.options import PretrainOptions, pretrain_options
from recurra.pretraining.verdict import verdict
from recurra.terminal.counts import counted
from recurra.terminal.output import already_written
from recurra.terminal.table import console
from recurra.training.installed import training_installed

Texts = Annotated[
    list[str],
    typer.Argument(
        metavar="TEXTS...",
        help="A file with the texts (.txt with one a line, .csv, .jsonl, .parquet ...), several of them or a pattern "
        "in quotes, a folder, or a name from the catalog: imdb.",
        show_default=False,
    ),
]


def command() -> Callable[..., None]:
    """Return the command."""

    @takes(_flags())
    def pretrain(
        *,
        data: Texts,
        out: Annotated[Path, typer.Option("--out", help="Where the base is written.", show_default=False)],
        config: Config = None,
        resume: Annotated[bool, typer.Option("--resume", help="Continue the run that was stopped.")] = False,
        overwrite: Annotated[bool, typer.Option("--overwrite", help="Replace what is in --out.")] = False,
        json_: Json = False,
        given: dict[str, Any],
    ) -> None:
        """Learn from texts without labels, and write a base that models start from: recurra train DATA --from base.

        Example: recurra pretrain texts.txt --out base
        """
        options = pretrain_options(given, config)
        training_installed()
        from recurra.pretraining.trainer import BaseTrainer
        from recurra.training.memory import prepare_memory
        from recurra.training.run import run

        prepare_memory()
        command = shlex.join(["recurra", *sys.argv[1:]])
        metrics = run(BaseTrainer, joined(data), out, options, resume=resume, overwrite=overwrite, command=command)
        with already_written():
            if json_:
                print_json({"out": str(out), **metrics})
            else:
                _print(metrics, out)

    return pretrain


def _flags() -> list[Flag]:
    """Return the options, under the headings that `recurra train` has."""
    panels: dict[type[BaseModel], str] = {
        FitOptions: "Training",
        RecordOptions: "Records of training",
        RecurrentOptions: "Network",
    }
    return [
        Flag(flag.name, flag.field, next((name for base, name in panels.items() if flag.name in base.model_fields), ""))
        for flag in flags_of(PretrainOptions, leave_out=("task",))
    ]


def _print(metrics: dict[str, Any], out: Path) -> None:
    """Print what was measured, the path of the base, and the next command."""
    output, test = console(), metrics["test"]
    output.print()
    output.print(
        f"Perplexity of {counted(test['rows'], 'held-out text')}: {test['perplexity']:,.1f} (by counting words alone: "
        f"{test['perplexity_by_counts']:,.1f})"
    )
    if told := verdict(test):
        output.print(told)
    next_command = f"recurra train DATA --from {shlex.quote(str(out))} --out model"
    print_end(output, metrics, {"Base": out, "Card": out / "README.md", "Next": next_command})
