"""`recurra explain`: what each word contributes to an answer, or what else it was derived from."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path
from typing import Annotated

import typer

from recurra.cli.options import Directory, Json, print_json
from recurra.storage.files import atomic_write, check_new_file
from recurra.tasks.registry import open_model, read, task_of
from recurra.terminal.input import whole_text
from recurra.terminal.output import already_written
from recurra.terminal.progress import visible


def command() -> Callable[..., None]:
    """Return the command."""

    def explain(
        *,
        directory: Directory,
        text: Annotated[
            str | None,
            typer.Argument(
                metavar="[TEXT]",
                help="The text, the path of a recording, or a series of a file as FILE#NAME; none: all of standard "
                "input.",
                show_default=False,
            ),
        ] = None,
        target: Annotated[
            str | None,
            typer.Option(
                "--target", metavar="LABEL", help="The label, or the translation, to explain instead of the answer."
            ),
        ] = None,
        top: Annotated[int, typer.Option("--top", min=1, help="Words that are given with their numbers.")] = 10,
        json_: Json = False,
        html: Annotated[
            Path | None, typer.Option("--html", metavar="FILE", help="Write a page with the coloured text.")
        ] = None,
        overwrite: Annotated[bool, typer.Option("--overwrite", help="Replace the file in --html.")] = False,
    ) -> None:
        """Show what each word and each sentence of a text contributes to the answer; of a translation, what was read;
        of a recording, from which moments each character was written; of a series, what its answer or forecast rests
        on.

        Example: recurra explain model "A wonderful film, if a little long."
        """
        source = read(directory)
        task = task_of(source)
        if not task.can("explain"):
            raise task.cannot("explain", directory)
        if html is not None:
            check_new_file(html, "--html", replace=overwrite)
        if text is None:
            if sys.stdin.isatty():
                typer.echo("Reading the text from standard input; end with Ctrl-D.", err=True)
            text = whole_text(sys.stdin.buffer)
        explanation = task.explain(open_model(source), text, target)
        if html is not None:
            atomic_write(html, explanation.page(top).encode())
        if html is None:
            print_json(explanation.values) if json_ else explanation.show(top)
            return
        with already_written():
            if json_:
                print_json(explanation.values | {"html": str(html)})
            else:
                typer.echo(f"Page    {visible(str(html))}", err=True)

    return explain
