"""Read a model directory once, for the model and for what the server shows of it."""

from __future__ import annotations

from pathlib import Path

from recurra.http.model_reloader import REPORT, ServedModel
from recurra.tasks import registry

THREADS = 1
"""Of each call of a model: requests are already computed in several threads."""


def load_model(directory: Path) -> ServedModel:
    """Return the model in `directory` and its report. Raises ArtefactError."""
    source = registry.read(directory, extra=(REPORT,))
    return ServedModel(
        model=registry.open_model(source, THREADS),
        manifest=source.manifest,
        parameters=source.manifest.network_as(registry.task_of(source).shape()).parameters,
        report=source.files.get(REPORT),
    )
