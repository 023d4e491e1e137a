"""`recurra inspect`: what a model is, what it was trained on, and how it scored."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

from recurra.cli.options import Directory, Json, print_json
from recurra.kernel.library import state
from recurra.storage import model_directory
from recurra.tasks.registry import get_task, task_of
from recurra.terminal.table import console, facts

_QUOTED = ("mistakes", "samples", "examples", "attention")
"""Parts of the metrics that quote rows."""


def inspect(directory: Path) -> dict[str, Any]:
    """Return the manifest and the metrics of a checked model directory, without the rows quoted in its report."""
    model = model_directory.read(directory, load=(model_directory.METRICS,))
    task = task_of(model)
    metrics = json.loads(model.files.get(model_directory.METRICS, b"{}"))
    return {
        "path": str(directory),
        "parameters": model.manifest.network_as(task.shape()).parameters,
        "bytes": sum(entry.size for entry in model.manifest.files.values()),
        "kernel": state(),
        "engine": task.engine(model.manifest, weights=(directory / model_directory.WEIGHTS).exists()),
        **model.manifest.model_dump(by_alias=True),
        "metrics": {name: value for name, value in metrics.items() if name not in _QUOTED},
    }


def command() -> Callable[..., None]:
    """Return the command."""

    def inspect_command(*, directory: Directory, json_: Json = False) -> None:
        """Show what a model is, what it was trained on and how it scored.

        Example: recurra inspect model
        """
        result = inspect(directory)
        if json_:
            print_json(result)
            return
        kernel: str = result["kernel"]
        data, split = result["data"], result["metrics"].get("split") or {}
        rows = ("train", "valid", "test")
        console().print(
            facts(
                {
                    "Model": result["path"],
                    **get_task(result["task"]).terminal().inspection(result),
                    "Size": f"{result['parameters']:,} weights, {result['bytes'] / 1e6:.1f} MB in all",
                    "Engine": result["engine"] + (f". {kernel}" if kernel.startswith("No") else ""),
                    "Trained on": data.get("how", data.get("name", "")),
                    "Split": split.get("how", ""),
                    "Rows": "{train:,} training, {valid:,} validation, {test:,} held out".format(**split)
                    if all(isinstance(split.get(name), int) for name in rows)
                    else "",
                    "Written": f"{result['created']} by Recurra {result['recurra']}",
                    "Command": result["metrics"].get("command", ""),
                }
            )
        )

    return inspect_command
