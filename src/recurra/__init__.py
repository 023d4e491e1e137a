"""Recurra makes recurrent sequence models (RNN, GRU, LSTM) practical.

import recurra
model = recurra.load("model")                 # base installation
model.predict(["A wonderful film."])

classifier = recurra.SequenceClassifier()     # recurra[train]
classifier.fit(texts, labels).save("model")
"""

from __future__ import annotations

from importlib import metadata
from typing import TYPE_CHECKING, Any

from recurra.errors import RecurraError

if TYPE_CHECKING:
    from recurra.tasks.classify.learn.estimator import SequenceClassifier
    from recurra.tasks.classify.model import Model
    from recurra.tasks.registry import load

__version__ = metadata.version("recurra")
__all__ = ["Model", "RecurraError", "SequenceClassifier", "__version__", "load"]

_HOMES = {
    "Model": "recurra.tasks.classify.model",
    "load": "recurra.tasks.registry",
    "SequenceClassifier": "recurra.tasks.classify.learn.estimator",
}


def __getattr__(name: str) -> Any:
    """Import a public name when it is first used, so that reading a model never imports what trains."""
    if name not in _HOMES:
        raise AttributeError(f"module 'recurra' has no attribute {name!r}")
    import importlib

    try:
        return getattr(importlib.import_module(_HOMES[name]), name)
    except ModuleNotFoundError as error:
        if name != "SequenceClassifier":
            raise
        raise ModuleNotFoundError(
            f"{name} needs packages that are not installed ({error.name}). Install them with: "
            "pip install 'recurra[train]'",
            name=error.name,
        ) from error


def __dir__() -> list[str]:
    return sorted(__all__)
