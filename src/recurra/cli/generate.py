"""`recurra generate`: text that continues a prompt."""

from __future__ import annotations

import sys
from collections.abc import Callable
from typing import Any

import typer

from recurra.cli.options import Directory, Json, flags_of, print_json, takes
from recurra.options.base import validated
from recurra.tasks.generate.options import WriteOptions
from recurra.tasks.registry import open_as
from recurra.terminal.progress import Reporter, visible


def command() -> Callable[..., None]:
    """Return the command."""

    @takes(flags_of(WriteOptions))
    def generate(*, directory: Directory, json_: Json = False, given: dict[str, Any]) -> None:
        """Generate text with a model of the task generate, printed as it comes.

        Example: recurra generate model --prompt "ROMEO:" --tokens 400 --temperature 0.8
        """
        from recurra.tasks.generate.command import generate as run

        options = validated(WriteOptions, given)
        writing = run(open_as("generate", directory), options, Reporter())
        if not json_:
            typer.echo(visible(options.prompt, keep="\n\t"), nl=False)
        for piece in writing:
            if not json_:
                sys.stdout.write(visible(piece, keep="\n\t"))
                sys.stdout.flush()
        if json_:
            print_json(writing.result)
        else:
            typer.echo()

    return generate
