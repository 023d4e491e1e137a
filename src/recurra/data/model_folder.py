"""Where nothing else may be written: inside of a model directory, which is refused once it holds another file."""

from __future__ import annotations

import json
import os
from pathlib import Path

from recurra.errors import OutputError

MANIFEST = "manifest.json"


def model_folder(path: Path) -> Path | None:
    """Return the model directory that `path` lies in, at any depth; None where it lies in none."""
    place = Path(os.path.realpath(path))
    return next((folder for folder in place.parents if is_model(folder)), None)


def check_outside_models(path: Path, name: str) -> None:
    """Raise OutputError where `path`, which is called `name` in the message, lies in a model directory."""
    if (folder := model_folder(path)) is not None:
        raise OutputError(
            f"{name} {path} lies in the model directory {folder}, and a model with another file in it is refused. "
            "Choose another place."
        )


def is_model(folder: Path) -> bool:
    """Return whether a folder is a model directory, as far as its manifest says."""
    try:
        manifest = json.loads((folder / MANIFEST).read_bytes())
    except (OSError, ValueError):
        return False
    return isinstance(manifest, dict) and "recurra" in manifest
