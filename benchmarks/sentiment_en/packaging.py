"""From a trained model directory to one that comes with the package: no weights, no report, no text of the data."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from recurra.storage import model_directory
from recurra.storage.model_directory import METRICS, MODEL, TOKENIZER

QUOTED = ("mistakes", "samples", "examples", "attention", "command")
"""Parts of the metrics that quote texts, or places of the machine that trained."""


def package(trained: Path, out: Path, card: str, metrics: Mapping[str, Any]) -> None:
    """Write the directory `out` from the one that training wrote. metrics: what is added to its metrics."""
    source = model_directory.read(trained, load=(MODEL, TOKENIZER, METRICS))
    manifest = source.manifest
    kept = {name: value for name, value in model_directory.read_metrics(source).items() if name not in QUOTED}
    kept["data"] = _without_places(kept.get("data", {}))
    kept["config"] = _file_names(kept.get("config", {}))
    content = json.dumps({**kept, **metrics}, indent=1).encode() + b"\n"
    out.parent.mkdir(parents=True, exist_ok=True)
    model_directory.write(
        out,
        {MODEL: source.files[MODEL], TOKENIZER: source.files[TOKENIZER], METRICS: content, "README.md": card.encode()},
        task=manifest.task,
        labels=manifest.labels,
        network=manifest.network,
        config=_file_names(manifest.config),
        metrics=manifest.metrics,
        data=_without_places(manifest.data),
        overwrite=True,
    )


def _without_places(data: Mapping[str, Any]) -> dict[str, Any]:
    """Return what is known of the data without where it lay."""
    named = {**data, "name": "sentiment-en", "how": "the training table of `make bundled-model`"}
    if beside := data.get("unlabelled"):
        named["unlabelled"] = {**beside, "name": Path(beside["name"]).name, "how": "beside the training table"}
    return named


def _file_names(options: Mapping[str, Any]) -> dict[str, Any]:
    """Return options whose files of word vectors and of unlabelled texts are named without their folders."""
    files = {name: options[name] for name in ("word_vectors", "unlabelled") if isinstance(options.get(name), str)}
    return {**options, **{name: Path(file).name for name, file in files.items()}}
