"""`recurra export`: a model in the form of another program."""

from __future__ import annotations

from collections.abc import Callable
from importlib import import_module
from pathlib import Path
from typing import Annotated, Any

import typer

from recurra.cli.options import Directory, Json, print_json
from recurra.errors import OptionError, did_you_mean
from recurra.storage.model_directory import read
from recurra.terminal.output import already_written
from recurra.terminal.table import console, shown

TARGETS: dict[str, str] = {
    "mlflow": "recurra.conversion.mlflow:export",
}
"""What a model can be exported to, as "module:function" of (model, output, overwrite); it returns plain JSON."""


def command() -> Callable[..., None]:
    """Return the command."""

    def export(
        *,
        directory: Directory,
        to: Annotated[str, typer.Option("--to", help=f"Target: {', '.join(TARGETS)}.", show_default=False)],
        output: Annotated[
            Path, typer.Option("--output", help="Where it is written: a new directory.", show_default=False)
        ],
        overwrite: Annotated[bool, typer.Option("--overwrite", help="Replace an earlier export in --output.")] = False,
        json_: Json = False,
    ) -> None:
        """Write a model in the form of another program.

        Example: recurra export model --to mlflow --output model-mlflow
        """
        if to not in TARGETS:
            raise OptionError(f"--to {to}: accepted are {', '.join(TARGETS)}.{did_you_mean(to, TARGETS)}")
        module, _, name = TARGETS[to].partition(":")
        result: dict[str, Any] = getattr(import_module(module), name)(read(directory), output, overwrite=overwrite)
        with already_written():
            if json_:
                print_json({"output": str(output), **result})
                return
            for title, value in ((to, output), ("Next", result["next"])):
                console().print(f"{title:<7} {shown(value)}", soft_wrap=True)

    return export
