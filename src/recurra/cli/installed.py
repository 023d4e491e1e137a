"""Say plainly what is missing where only the reading side is installed."""

from __future__ import annotations

from importlib.util import find_spec

from recurra.errors import OptionError

TRAINING = ("torch", "sklearn", "matplotlib", "onnx", "jinja2", "sacrebleu")


def training_installed() -> None:
    """Raise OptionError where the packages for training are not installed."""
    missing = [name for name in TRAINING if not _there(name)]
    if missing:
        raise OptionError(
            f"Training needs packages that are not installed ({', '.join(missing)}). Install them with: "
            "pip install 'recurra[train]'"
        )


def _there(name: str) -> bool:
    try:
        return find_spec(name) is not None
    except (ImportError, ValueError):
        return False
