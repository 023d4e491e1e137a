"""`recurra predict`: answers to texts, or to every row of a file."""

from __future__ import annotations

import os
import shlex
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Annotated, Any

import typer

from recurra.cli.options import Directory, Json, example_row, flags_by_task, print_json, takes
from recurra.errors import OptionError
from recurra.options.base import flag, validated
from recurra.tasks.registry import all_tasks, open_model, read, task_of
from recurra.terminal.input import lines
from recurra.terminal.output import already_written
from recurra.terminal.progress import Reporter


def command() -> Callable[..., None]:
    """Return the command, with the options of all tasks."""
    predicting = [task for task in all_tasks() if task.can("predict")]

    @takes(flags_by_task(predicting, lambda task: task.predict_options))
    def predict(
        *,
        directory: Directory,
        texts: Annotated[
            list[str] | None,
            typer.Argument(metavar="[TEXT]...", help="Texts to answer, or paths of recordings.", show_default=False),
        ] = None,
        input: Annotated[
            str | None, typer.Option("--input", help="File of any readable format, or a pattern of several in quotes.")
        ] = None,
        output: Annotated[
            Path | None, typer.Option("--output", help="File to write: .csv, .tsv, .jsonl or .parquet.")
        ] = None,
        resume: Annotated[
            bool, typer.Option("--resume", help="Continue the run for --output that was stopped.")
        ] = False,
        overwrite: Annotated[
            bool, typer.Option("--overwrite", help="Replace the file in --output, and drop a run that was stopped.")
        ] = False,
        escape_formulas: Annotated[
            bool,
            typer.Option(
                "--escape-formulas",
                help="In .csv and .tsv, put an apostrophe before cells that a spreadsheet would run: those that begin "
                "with = + - @ or a tab or line end. Numbers stay.",
            ),
        ] = False,
        json_: Json = False,
        given: dict[str, Any],
    ) -> None:
        """Answer texts: from the arguments, from a file, or from standard input, one a line.

        A classifier labels them, a tagger tags their words, a translator translates them; a transcriber writes what is
        said in recordings.

        Example: recurra predict model "A wonderful film."
        """
        if input is not None and texts:
            hint = " A pattern in --input goes in quotes, so that it is not the shell that expands it."
            files = all(map(os.path.exists, texts))
            raise OptionError(f"Give texts or --input, not both.{hint if files else ''}")
        if input is not None and output is None:
            raise OptionError("--input needs --output, the file to write.")
        source = read(directory)
        task = task_of(source)
        if not task.can("predict"):
            raise task.cannot("predict", directory)
        options = validated(task.predict_options, task.accepted(given, task.predict_options))
        switches = {"resume": resume, "overwrite": overwrite, "escape_formulas": escape_formulas}
        if input is not None and output is not None:
            predict_file = task.file_predictor()
            result = predict_file(open_model(source), input, output, options, reporter=Reporter(), **switches)
            with already_written():
                if json_:
                    print_json(result)
                else:
                    typer.echo(f"{result['rows']:,} rows done, into {result['output']}", err=True)
            return
        of_files = [name for name in given if name not in task.text_options.model_fields]
        if output is not None or any(switches.values()) or of_files:
            named = [*(["--output"] if output else []), *(flag(n) for n, on in switches.items() if on)]
            named += map(flag, of_files)
            raise OptionError(
                f"{' and '.join(named)} can only go with --input, the file to read; without it, give texts."
            )
        if not texts and sys.stdin.isatty():
            typer.echo("Reading from standard input, a text or a file's name a line; end with Ctrl-D.", err=True)
        answers = task.predict(open_model(source), texts or lines(sys.stdin.buffer), options)
        if json_:
            print_json({"predictions": list(answers)})
        else:
            answered = False
            for answer in answers:
                task.terminal().print_answer(answer)
                answered = True
            if not answered:
                step = task.next_command(shlex.quote(str(directory)), example_row(source.manifest.data))
                typer.echo(
                    f"Nothing was given, and so there is no answer. A model of the task {task.name} takes "
                    f"{task.takes}. Try: {step}",
                    err=True,
                )

    return predict
