"""From logits to an answer: the last step of a network, which depends on what is asked.

In the words of generalised linear models these are inverse links. Of N rows:

    softmax      one of K classes: logits [N, K], or [N, 1] of two, where z stands for [0, z]; answers [N, K] sum to 1
    sigmoid      any of K labels, each for itself: logits [N, K]; answers [N, K], probabilities
    cumulative   one of K classes in an order: logits [N, K - 1] of "above class k", falling from left to right;
                 answers [N, K] sum to 1. McCullagh, 1980: Regression models for ordinal data
    identity     a number: logits [N, 1] are the answers [N, 1], in the unit of the target

Base installation only; `learn/graph.py` writes the same as operators of a graph.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import Any

import numpy as np
from numpy.typing import NDArray

from recurra.evaluation.calibration import class_logits

Floats = NDArray[np.float32]

ROUNDING = 1e-3
"""How far the probabilities of a row may be from 1 in sum, or a probability beyond 0 and 1."""


class Link(ABC):
    """How answers are made of logits.

    output: what a graph calls its answers.
    """

    output = "probabilities"

    @abstractmethod
    def width(self, logits: int) -> int:
        """Return K, how many numbers an answer has, for so many logits."""

    @abstractmethod
    def exact(self, logits: NDArray[Any]) -> NDArray[np.float64]:
        """Return answers [N, K] in double precision."""

    @abstractmethod
    def sound(self, answers: NDArray[np.floating[Any]]) -> bool:
        """Return whether answers [N, K] can be such, but for rounding."""

    def settled(self, answers: Floats) -> NDArray[np.float64]:
        """Return answers [N, K] of an engine in double precision, without what rounding left."""
        return answers.astype(np.float64)

    def answers(self, logits: Floats) -> Floats:
        """Return answers [N, K] in single precision."""
        return self.exact(logits).astype(np.float32)


class Softmax(Link):
    """One of K classes."""

    def width(self, logits: int) -> int:
        return max(2, logits)

    def exact(self, logits: NDArray[Any]) -> NDArray[np.float64]:
        scores = class_logits(logits)
        weights = np.exp(scores.astype(np.float64) - scores.max(axis=1, keepdims=True))
        return np.asarray(weights / weights.sum(axis=1, keepdims=True))

    def sound(self, answers: NDArray[np.floating[Any]]) -> bool:
        return bool(answers.min(initial=0) >= 0 and (np.abs(answers.sum(axis=1) - 1) <= ROUNDING).all())

    def settled(self, answers: Floats) -> NDArray[np.float64]:
        precise = answers.astype(np.float64)
        precise /= precise.sum(axis=1, keepdims=True)
        return precise


class Sigmoid(Link):
    """Any of K labels."""

    def width(self, logits: int) -> int:
        return logits

    def exact(self, logits: NDArray[Any]) -> NDArray[np.float64]:
        return sigmoid(logits)

    def sound(self, answers: NDArray[np.floating[Any]]) -> bool:
        return bool(((answers >= 0) & (answers <= 1 + ROUNDING)).all())

    def settled(self, answers: Floats) -> NDArray[np.float64]:
        return np.minimum(answers.astype(np.float64), 1.0)


class Cumulative(Softmax):
    """One of K classes in an order."""

    def width(self, logits: int) -> int:
        return logits + 1

    def exact(self, logits: NDArray[Any]) -> NDArray[np.float64]:
        above = sigmoid(logits)
        edges = np.concatenate([np.ones((len(above), 1)), above, np.zeros((len(above), 1))], axis=1)
        return np.asarray(np.maximum(edges[:, :-1] - edges[:, 1:], 0.0))

    def settled(self, answers: Floats) -> NDArray[np.float64]:
        return super().settled(np.maximum(answers, 0))

    def sound(self, answers: NDArray[np.floating[Any]]) -> bool:
        return super().sound(np.where((answers < 0) & (answers > -ROUNDING), 0, answers))


class Identity(Link):
    """A number."""

    output = "values"

    def width(self, logits: int) -> int:
        return logits

    def exact(self, logits: NDArray[Any]) -> NDArray[np.float64]:
        return logits.astype(np.float64)

    def sound(self, answers: NDArray[np.floating[Any]]) -> bool:
        return bool(np.isfinite(answers).all())


LINKS: dict[str, Link] = {
    "softmax": Softmax(),
    "sigmoid": Sigmoid(),
    "cumulative": Cumulative(),
    "identity": Identity(),
}
"""By the name in `shape.LinkName`."""


def sigmoid(logits: NDArray[Any]) -> NDArray[np.float64]:
    """Return 1 / (1 + exp(-logits)) in double precision, without overflow."""
    small = np.exp(-np.abs(logits.astype(np.float64)))
    return np.asarray(np.where(logits >= 0, 1.0, small) / (1.0 + small))
