"""`recurra inspect`: what a model is, what it was trained on, and how it scored."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from recurra import artefact


def inspect(directory: Path) -> dict[str, Any]:
    """Return the manifest and the metrics of a checked model directory, without the rows quoted in its report."""
    model = artefact.read(directory, load=(artefact.METRICS,))
    manifest = model.manifest.model_dump(by_alias=True)
    metrics = json.loads(model.files.get(artefact.METRICS, b"{}"))
    metrics.pop("mistakes", None)
    size = sum(entry.size for entry in model.manifest.files.values())
    return {
        "path": str(directory),
        "parameters": model.network.parameters,
        "bytes": size,
        **manifest,
        "metrics": metrics,
    }
