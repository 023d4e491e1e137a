"""`recurra models`: the models that come with the package."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import typer

from recurra.cli.options import Json, print_json
from recurra.storage import model_directory
from recurra.storage.packaged_models import CARD, licence_of, packaged_models, summary_of
from recurra.terminal.table import console, facts


def command() -> Callable[..., None]:
    """Return the command."""

    def models(*, json_: Json = False) -> None:
        """List the models that come with Recurra: every command takes their names in place of a directory.

        Example: recurra models --json
        """
        found = [_entry(name, directory) for name, directory in packaged_models().items()]
        if json_:
            print_json({"models": found})
            return
        if not found:
            typer.echo("No model comes with this installation of Recurra.", err=True)
        for number, model in enumerate(found):
            if number:
                console().print()
            console().print(facts(_facts(model)))

    return models


def _entry(name: str, directory: Path) -> dict[str, Any]:
    """Return what is listed of a model. Raises ArtefactError where it is damaged."""
    model = model_directory.read(directory, load=(CARD,))
    card = model.files.get(CARD, b"").decode("utf-8", "replace")
    return {
        "name": name,
        "task": model.manifest.task,
        "labels": model.manifest.labels,
        "bytes": sum(entry.size for entry in model.manifest.files.values()),
        "summary": summary_of(card),
        "licence": licence_of(card),
        "path": str(directory),
    }


def _facts(model: dict[str, Any]) -> dict[str, object]:
    return {
        "Name": model["name"],
        "Task": model["task"],
        "Labels": ", ".join(map(str, model["labels"])),
        "Size": f"{model['bytes'] / 1e6:.1f} MB",
        "About": model["summary"],
        "Licence": model["licence"] or "not stated in its card",
        "Path": model["path"],
    }
