"""A language model's graph on ONNX Runtime: symbols and states in, logits for the next symbols and new states out."""

from __future__ import annotations

from typing import Protocol, TypeVar

import numpy as np
from numpy.typing import NDArray

from recurra.errors import ArtefactError
from recurra.inference.session import open_graph

_INTEGERS, _FLOATS = "tensor(int64)", "tensor(float)"

SCORING_LOGITS = 2**22
"""Logits that are computed at one time: this bounds memory however long a text and however large the vocabulary is."""

State = TypeVar("State")
States = list[NDArray[np.float32]]
"""The arrays [1, B, H] of `LanguageShape.states`, in that order."""


class Reader(Protocol[State]):
    """What reads symbols and tells the next ones: a network alone, or with n-grams beside it."""

    def empty(self) -> State:
        """Return the state before anything was read."""

    def run(self, ids: NDArray[np.int64], state: State, /) -> tuple[NDArray[np.float32], State]:
        """Return (logits or log-probabilities [1, T, V], the new state) for ids [1, T] that follow `state`."""


class LanguageSession:
    """Runs the graph that `learn.graph.build` wrote.

    graph: the bytes of the file `name`. symbols: how many there are; None where nobody says. names: of the states, as
    in `LanguageShape.states`; hidden: H; vocabulary: V.
    Safe to call from several threads. Raises ArtefactError for a graph that is not of this kind.
    """

    def __init__(self, graph: bytes, *, symbols: int | None = None, name: str = "model.onnx") -> None:
        self._session = open_graph(graph, name, None if symbols is None else {"embedding.weight": symbols})
        inputs, outputs = self._session.get_inputs(), self._session.get_outputs()
        names = [value.name.removeprefix("past.") for value in inputs[1:]]
        sound = (
            bool(names and outputs)
            and [(value.name, value.type) for value in inputs]
            == [("ids", _INTEGERS), *((f"past.{name}", _FLOATS) for name in names)]
            and [(value.name, value.type) for value in outputs]
            == [("logits", _FLOATS), *((f"present.{name}", _FLOATS) for name in names)]
            and len(outputs[0].shape) == 3
            and isinstance(outputs[0].shape[2], int)
            and all(len(value.shape) == 3 and value.shape[2] == inputs[1].shape[2] for value in inputs[1:])
            and isinstance(inputs[1].shape[2], int)
        )
        if not sound:
            raise ArtefactError(
                f"{name} does not have the inputs (ids, past) and outputs (logits, present) of a language model."
            )
        self.names: list[str] = names
        self.hidden: int = inputs[1].shape[2]
        self.vocabulary: int = outputs[0].shape[2]
        self._inputs = [value.name for value in inputs]

    def empty(self, rows: int = 1) -> States:
        """Return the states [1, rows, H] before anything was read."""
        return [np.zeros((1, rows, self.hidden), dtype=np.float32) for _ in self.names]

    def run(self, ids: NDArray[np.int64], states: States) -> tuple[NDArray[np.float32], States]:
        """Return (logits [B, T, V], the new states) for ids [B, T] that follow `states`, which are not changed."""
        logits, *after = self._session.run(None, dict(zip(self._inputs, [ids, *states], strict=True)))
        return logits, after
