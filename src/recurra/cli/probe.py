"""`recurra probe`: how far back each cell remembers."""

from __future__ import annotations

import shlex
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Annotated

import typer

from recurra.cli.options import Json, print_json
from recurra.probe import budget
from recurra.terminal.output import already_written

RATES = ", ".join(f"{rate:g} {cell}" for cell, rate in budget.LEARNING_RATES.items())


def command() -> Callable[..., None]:
    """Return the command."""

    def probe(
        *,
        out: Annotated[Path, typer.Option("--out", help="Where table and plot are written.", show_default=False)],
        cell: Annotated[str, typer.Option("--cell", help="Cells to probe, with commas between.")] = "rnn,gru,lstm",
        length: Annotated[
            str, typer.Option("--length", help="Steps to look back, with commas between.")
        ] = "10,30,100,300",
        tasks: Annotated[
            str, typer.Option("--tasks", help="Problems that need memory: adding, copy, agreement.")
        ] = "adding,copy,agreement",
        seeds: Annotated[int, typer.Option("--seeds", min=1, max=100, help="Times to train each.")] = budget.SEEDS,
        first_seed: Annotated[
            int, typer.Option("--first-seed", min=0, max=2**31, help="Seed of the first; the others follow it.")
        ] = 0,
        steps: Annotated[
            int, typer.Option("--steps", min=1, help="Most training steps, each on 32 fresh rows.")
        ] = budget.STEPS,
        hidden: Annotated[int, typer.Option("--hidden", min=1, max=8192, help="Hidden size.")] = budget.HIDDEN,
        learning_rate: Annotated[
            float | None,
            typer.Option(
                "--learning-rate", min=1e-9, max=10, help=f"Adam's rate (default: {RATES}).", show_default=False
            ),
        ] = None,
        processes: Annotated[
            int | None,
            typer.Option(
                "--processes", min=1, max=1024, help="Trainings at once (default: one a core).", show_default=False
            ),
        ] = None,
        overwrite: Annotated[bool, typer.Option("--overwrite", help="Replace what is in --out.")] = False,
        json_: Json = False,
    ) -> None:
        """Measure how far back each cell remembers, and at what cost: on made-up problems, several seeds, one plot.

        Example: recurra probe --cell rnn,gru,lstm --length 10,30,100 --out probe
        """
        from recurra.probe.run import markdown, parse_lengths
        from recurra.probe.run import probe as run

        result = run(
            [name.strip() for name in cell.split(",")],
            parse_lengths(length),
            out,
            problems=[name.strip() for name in tasks.split(",")],
            seeds=seeds,
            first_seed=first_seed,
            budget=budget.Budget(steps, hidden, learning_rate),
            processes=processes,
            overwrite=overwrite,
            command=shlex.join(["recurra", *sys.argv[1:]]),
        )
        with already_written():
            if json_:
                print_json({"out": str(out), **result})
            else:
                typer.echo(markdown(result))

    return probe
