"""`recurra probe`: how far back each cell remembers."""

from __future__ import annotations

import shlex
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Annotated

import typer

from recurra.cli.options import Json, print_json
from recurra.errors import OptionError
from recurra.probe import budget
from recurra.terminal.output import already_written

ALL_TASKS = "adding,copy,agreement"
RATES = ", ".join(f"{rate:g} {cell}" for cell, rate in budget.LEARNING_RATES.items())


def command() -> Callable[..., None]:
    """Return the command."""

    def probe(
        *,
        out: Annotated[
            Path | None, typer.Option("--out", help="Where table and plot are written.", show_default=False)
        ] = None,
        write: Annotated[
            Path | None,
            typer.Option(
                "--write",
                metavar="FILE",
                help="Write the problem adding as a file of series (.parquet, .jsonl, .csv) to train on, and stop.",
                show_default=False,
            ),
        ] = None,
        rows: Annotated[
            int, typer.Option("--rows", min=10, max=10_000_000, help="Series that --write writes.")
        ] = 5_000,
        cell: Annotated[str, typer.Option("--cell", help="Cells to probe, with commas between.")] = "rnn,gru,lstm",
        length: Annotated[
            str, typer.Option("--length", help="Steps to look back, with commas between.")
        ] = "10,30,100,300",
        tasks: Annotated[
            str, typer.Option("--tasks", help="Problems that need memory: adding, copy, agreement.")
        ] = ALL_TASKS,
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
        overwrite: Annotated[
            bool, typer.Option("--overwrite", help="Replace what is in --out, or the file of --write.")
        ] = False,
        json_: Json = False,
    ) -> None:
        """Measure how far back each cell remembers, and at what cost: on made-up problems, several seeds, one plot.

        Example: recurra probe --cell rnn,gru,lstm --length 10,30,100 --out probe
        """
        from recurra.probe.run import markdown, parse_lengths
        from recurra.probe.run import probe as run

        if write is not None:
            _write(write, out, parse_lengths(length), tasks, rows, first_seed, overwrite=overwrite)
            return
        if out is None:
            raise OptionError("Give --out, where table and plot are written, or --write FILE.")
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


def _write(
    path: Path, out: Path | None, lengths: list[int], tasks: str, rows: int, seed: int, *, overwrite: bool
) -> None:
    """Write a problem to a file. Raises OptionError for options that would leave open which one, and OutputError."""
    from recurra.probe.problem_file import write_problem
    from recurra.terminal.progress import Reporter

    if out is not None:
        raise OptionError("--write writes a file and trains nothing, so that --out would be empty. Give one of them.")
    problem = "adding" if tasks == ALL_TASKS else tasks
    if len(lengths) > 1:
        raise OptionError("--write writes series of one length. Give one, such as --length 30.")
    write_problem(path, problem, lengths[0], rows, seed=seed, overwrite=overwrite, reporter=Reporter())
