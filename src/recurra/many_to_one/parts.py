"""The parts of a loaded model that explanations and streams need."""

from __future__ import annotations

from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from recurra.many_to_one.engines.engine import Engine
from recurra.many_to_one.engines.onnx import GraphSession
from recurra.many_to_one.link import Link
from recurra.many_to_one.ngrams import NgramModel
from recurra.storage.model_directory import Manifest
from recurra.text.tokenizer import Tokenizer


class ModelParts(Protocol):
    """A tokenizer, an engine, and one label a class; see `model.TextModel`, which has them all.

    chosen: the index of the label that answers [N, K] lead to; decided: the label itself, None where it is withheld.
    graph: the model's graph on ONNX Runtime, which reads streams. ngrams: the linear model beside the network, if there
    is one. digest: identifies the model.
    """

    @property
    def tokenizer(self) -> Tokenizer: ...

    @property
    def engine(self) -> Engine: ...

    @property
    def classes_(self) -> NDArray[Any]: ...

    def chosen(self, answers: NDArray[Any]) -> NDArray[np.int64]: ...

    def decided(self, answers: NDArray[Any]) -> NDArray[Any]: ...

    @property
    def graph(self) -> GraphSession: ...

    @property
    def ngrams(self) -> NgramModel | None: ...

    @property
    def temperature(self) -> float: ...

    @property
    def link(self) -> Link: ...

    @property
    def digest(self) -> str: ...

    @property
    def manifest(self) -> Manifest | None: ...
