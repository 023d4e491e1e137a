"""The parts of a loaded classifier that explanations and streams need."""

from __future__ import annotations

from typing import Any, Protocol

from numpy.typing import NDArray

from recurra.storage.model_directory import Manifest
from recurra.tasks.classify.engines.engine import Engine
from recurra.tasks.classify.engines.onnx import GraphSession
from recurra.text.tokenizer import Tokenizer


class ClassifierParts(Protocol):
    """A tokenizer, an engine, and one label a class; see `model.Classifier`, which has them all.

    graph: the model's graph on ONNX Runtime, which reads streams. digest: identifies the model.
    """

    @property
    def tokenizer(self) -> Tokenizer: ...

    @property
    def engine(self) -> Engine: ...

    @property
    def classes_(self) -> NDArray[Any]: ...

    @property
    def graph(self) -> GraphSession: ...

    @property
    def digest(self) -> str: ...

    @property
    def manifest(self) -> Manifest | None: ...
