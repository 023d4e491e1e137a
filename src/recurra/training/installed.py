"""The check that the packages of the `train` extra are installed. It imports none of them."""

from __future__ import annotations

from importlib.util import find_spec

from recurra.errors import OptionError, installation

TRAINING = ("torch", "sklearn", "matplotlib", "onnx", "jinja2", "sacrebleu")
"""Modules that training imports, beyond what the base installation has."""


def training_installed() -> None:
    """Raise OptionError, with the names of the missing packages, unless all that training imports is installed."""
    missing = [name for name in TRAINING if not _installed(name)]
    if missing:
        raise OptionError(
            f"Training needs packages that are not installed ({', '.join(missing)}). {installation('train')}"
        )


def _installed(name: str) -> bool:
    try:
        return find_spec(name) is not None
    except (ImportError, ValueError):
        return False
