"""`recurra inspect`: what a model is, what it was trained on, and how it scored."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from recurra.storage import model_directory
from recurra.tasks.classify.engines.choice import answering
from recurra.tasks.registry import SHAPES, task_of

_QUOTED = ("mistakes", "samples", "examples", "attention")
"""Parts of the metrics that quote rows."""


def inspect(directory: Path) -> dict[str, Any]:
    """Return the manifest and the metrics of a checked model directory, without the rows quoted in its report."""
    model = model_directory.read(directory, load=(model_directory.METRICS,))
    metrics = json.loads(model.files.get(model_directory.METRICS, b"{}"))
    return {
        "path": str(directory),
        "parameters": model.manifest.network_as(SHAPES[task_of(directory, model.manifest)]).parameters,
        "bytes": sum(entry.size for entry in model.manifest.files.values()),
        "engine": _engine(directory, model.manifest),
        **model.manifest.model_dump(by_alias=True),
        "metrics": {name: value for name, value in metrics.items() if name not in _QUOTED},
    }


def _engine(directory: Path, manifest: model_directory.Manifest) -> str:
    """Return the name of what answers here; a kernel needs weights, which a directory may be without."""
    weights = manifest.task == "classify" and (directory / model_directory.WEIGHTS).exists()
    return answering(manifest) if weights else "onnxruntime"
