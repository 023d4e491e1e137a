"""The check that the packages of the `train` extra are installed. It imports none of them."""

from __future__ import annotations

from collections.abc import Iterable
from importlib.util import find_spec

from recurra.errors import OptionError, installation

TRAINING = ("torch", "sklearn", "matplotlib", "onnx", "jinja2", "sacrebleu")
"""Modules that training imports, beyond what the base installation has."""


def training_installed() -> None:
    """Raise OptionError, with the names of the missing packages, unless all that training imports is installed."""
    if missing := not_installed(TRAINING):
        raise OptionError(
            f"Training needs packages that are not installed ({', '.join(missing)}). {installation('train')}"
        )


def not_installed(modules: Iterable[str]) -> list[str]:
    """Return those of some modules that are not installed."""
    return [name for name in modules if not _installed(name)]


def _installed(name: str) -> bool:
    try:
        return find_spec(name) is not None
    except (ImportError, ValueError):
        return False
