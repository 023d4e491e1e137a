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

from recurra.errors import RecurraError, installation

if TYPE_CHECKING:
    from recurra.tasks.chat.model import Chatter
    from recurra.tasks.classify.learn.estimator import SequenceClassifier
    from recurra.tasks.classify.model import Classifier
    from recurra.tasks.forecast.learn.estimator import SequenceForecaster
    from recurra.tasks.forecast.model import ForecastModel
    from recurra.tasks.generate.learn.estimator import TextGenerator
    from recurra.tasks.generate.model import Generator
    from recurra.tasks.multilabel.learn.estimator import SequenceMultilabelClassifier
    from recurra.tasks.multilabel.model import MultilabelClassifier
    from recurra.tasks.registry import load
    from recurra.tasks.regress.learn.estimator import SequenceRegressor
    from recurra.tasks.regress.model import TextRegressor
    from recurra.tasks.series.model import SeriesModel
    from recurra.tasks.tag.learn.estimator import SequenceTagger
    from recurra.tasks.tag.model import Tagger
    from recurra.tasks.transcribe.model import Transcriber
    from recurra.tasks.translate.learn.estimator import SequenceTranslator
    from recurra.tasks.translate.model import Translator

__version__ = metadata.version("recurra")
__all__ = [
    "Chatter",
    "Classifier",
    "ForecastModel",
    "Generator",
    "MultilabelClassifier",
    "RecurraError",
    "SequenceClassifier",
    "SequenceForecaster",
    "SequenceMultilabelClassifier",
    "SequenceRegressor",
    "SequenceTagger",
    "SequenceTranslator",
    "SeriesModel",
    "Tagger",
    "TextGenerator",
    "TextRegressor",
    "Transcriber",
    "Translator",
    "__version__",
    "load",
]

_HOMES = {
    "Chatter": "recurra.tasks.chat.model",
    "Classifier": "recurra.tasks.classify.model",
    "ForecastModel": "recurra.tasks.forecast.model",
    "Generator": "recurra.tasks.generate.model",
    "MultilabelClassifier": "recurra.tasks.multilabel.model",
    "SequenceClassifier": "recurra.tasks.classify.learn.estimator",
    "SequenceForecaster": "recurra.tasks.forecast.learn.estimator",
    "SequenceMultilabelClassifier": "recurra.tasks.multilabel.learn.estimator",
    "SequenceRegressor": "recurra.tasks.regress.learn.estimator",
    "SequenceTagger": "recurra.tasks.tag.learn.estimator",
    "SequenceTranslator": "recurra.tasks.translate.learn.estimator",
    "SeriesModel": "recurra.tasks.series.model",
    "Tagger": "recurra.tasks.tag.model",
    "TextGenerator": "recurra.tasks.generate.learn.estimator",
    "TextRegressor": "recurra.tasks.regress.model",
    "Transcriber": "recurra.tasks.transcribe.model",
    "Translator": "recurra.tasks.translate.model",
    "load": "recurra.tasks.registry",
}

_RENAMED = {"Model": "Classifier"}
"""Public names that were renamed, and their present names: they go with the next release."""


def __getattr__(name: str) -> Any:
    """Import a public name when it is first used, so that reading a model never imports what trains."""
    if name in _RENAMED:
        import warnings

        new = _RENAMED[name]
        warnings.warn(f"recurra.{name} is deprecated; use recurra.{new}", DeprecationWarning, stacklevel=2)
        name = new
    if name not in _HOMES:
        raise AttributeError(f"module 'recurra' has no attribute {name!r}")
    import importlib

    try:
        return getattr(importlib.import_module(_HOMES[name]), name)
    except ModuleNotFoundError as error:
        if not _HOMES[name].endswith(".learn.estimator"):
            raise
        raise ModuleNotFoundError(
            f"{name} needs packages that are not installed ({error.name}). {installation('train')}",
            name=error.name,
        ) from error


def __dir__() -> list[str]:
    return sorted(__all__)
