"""`recurra inspect`: what a model is, what it was trained on, and how it scored."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from recurra.cli.options import Directory, Json, print_json
from recurra.data.word_vectors.coverage import vectors_in_words
from recurra.errors import ArtefactError
from recurra.kernel.layout import CELL_NAMES
from recurra.kernel.library import state
from recurra.storage import model_directory
from recurra.tasks.registry import get_task, task_of
from recurra.terminal.table import console, facts

_QUOTED = ("mistakes", "samples", "examples", "attention")
"""Parts of the metrics that quote rows."""


def inspect(directory: Path) -> dict[str, Any]:
    """Return the manifest and the metrics of a checked model directory, without the rows quoted in its report.

    Raises ArtefactError, naming the file and the reason.
    """
    from recurra.storage.base import BaseShape  # with NumPy, which no help needs

    model = model_directory.read(directory, load=(model_directory.METRICS,))
    task = None if model.manifest.task == model_directory.BASE else task_of(model)
    weights = (directory / model_directory.WEIGHTS).exists()
    try:
        metrics = model_directory.read_metrics(model)
        parameters = model.manifest.network_as(task.shape() if task else BaseShape).parameters
        engine = task.engine(model.manifest, weights=weights) if task else None
    except ArtefactError as error:
        raise model_directory.of_directory(directory, error) from None
    return {
        "path": str(directory),
        "parameters": parameters,
        "bytes": sum(entry.size for entry in model.manifest.files.values()),
        "kernel": state(),
        "engine": engine,
        "missing": [] if weights or model_directory.WEIGHTS not in model.manifest.files else [model_directory.WEIGHTS],
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
        console().print(facts(_facts(result)))

    return inspect_command


def _facts(result: Mapping[str, Any]) -> dict[str, str]:
    """Return names and values of what `inspect` returned. Raises ArtefactError where they are not what training writes.

    What training measured is kept as plain JSON, of no fixed form; a file that somebody has changed may hold anything.
    """
    from recurra.storage.base import from_in_words

    kernel: str = result["kernel"]
    lacking = f". {kernel}" if result["engine"] and kernel.startswith("No") else ""
    try:
        data, split = result["data"], result["metrics"].get("split") or {}
        counted = all(isinstance(split.get(name), int) for name in ("train", "valid", "test"))
        return {
            "Model": result["path"],
            **_of_its_kind(result),
            "Size": f"{result['parameters']:,} weights, {result['bytes'] / 1e6:.1f} MB in all",
            "Engine": (result["engine"] or "") + lacking,
            "Missing": "".join(f"{name}, which is not needed to answer" for name in result["missing"]),
            "Trained on": str(data.get("how", data.get("name", ""))),
            "Texts": ", ".join(map(repr, data["texts"])) + (" joined" if len(data["texts"]) > 1 else "")
            if isinstance(data.get("texts"), list)
            else "",
            "Features": ", ".join(map(repr, data.get("features") or ())),
            "Started from": from_in_words(data.get("from")),
            "Word vectors": vectors_in_words(result["metrics"].get("word_vectors")),
            "Split": str(split.get("how", "")),
            "Rows": "{train:,} training, {valid:,} validation, {test:,} held out".format(**split) if counted else "",
            "Written": f"{result['created']} by Recurra {result['recurra']}",
            "Command": str(result["metrics"].get("command", "")),
        }
    except (AttributeError, IndexError, KeyError, TypeError, ValueError):
        raise ArtefactError(
            f"{result['path']}: the scores in {model_directory.METRICS} are not as training writes them. "
            "`recurra inspect --json` prints what is there; copy the model again."
        ) from None


def _of_its_kind(result: Mapping[str, Any]) -> dict[str, str]:
    """Return what is particular to the task of a model, or to a base."""
    if result["task"] != model_directory.BASE:
        return get_task(result["task"]).terminal().inspection(result)
    network, test = result["network"], result["metrics"].get("test")
    return {
        "Task": "none: a base, from which models start (recurra train DATA --from DIR)",
        "Network": f"{network['layers']} x {CELL_NAMES[network['cell']]}({network['hidden']}), {network['direction']}, "
        f"embedding {network['embedding']}, vocabulary {network['vocabulary']:,}",
        "Perplexity": f"{test['perplexity']:,.1f} (by counting words alone {test['perplexity_by_counts']:,.1f})"
        if test
        else "",
    }
