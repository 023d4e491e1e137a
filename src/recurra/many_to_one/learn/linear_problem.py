"""Linear models of the n-grams of rows, of which folds, penalties and scales are tried: one subclass for each kind of
answer."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Sequence
from concurrent.futures import Executor
from dataclasses import dataclass
from itertools import repeat
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from recurra.evaluation.calibration import class_logits
from recurra.training.logistic_regression import SparseRows, fit_logistic_regression, naive_bayes_ratio

Scale = Literal["ratio", "frequency", "none"]
"""How features are scaled: by their naive Bayes ratio, by their inverse document frequency, or not at all."""


@dataclass(frozen=True)
class LinearProblem(ABC):
    """Rows of n-grams and what they are to be [N, ..].

    weights: of the rows [N] (None: 1); scale: see `Scale`; offset: logits [N, O] of another model (None: 0), which the
    linear one is added to: with its penalty it is held back towards that model rather than towards nothing.
    """

    data: SparseRows
    targets: NDArray[Any]
    seed: int
    scale: Scale = "ratio"
    weights: NDArray[np.float32] | None = None
    offset: NDArray[np.float64] | None = None

    @abstractmethod
    def fit(
        self, rows: NDArray[np.int64], c: float, threads: int = 1
    ) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Return the weights [F, O] and the intercept [O] of the model on some rows. c: the larger, the less it is held
        back."""

    @abstractmethod
    def loss(self, scores: NDArray[np.float64], rows: NDArray[np.int64]) -> float:
        """Return the mean loss of the scores [n, O] of some rows."""

    def folds(self, count: int, rng: np.random.Generator) -> NDArray[np.int64]:
        """Return the fold of each row [N], at random."""
        return np.asarray(rng.permutation(np.arange(len(self.targets)) % count))

    def fold(self, folds: NDArray[np.int64], number: int, c: float) -> NDArray[np.float64]:
        """Return the scores of the rows of one fold [M, O] by the model on all others, with the offset in them."""
        weights, intercept = self.fit(np.flatnonzero(folds != number), c)
        rows = np.flatnonzero(folds == number)
        scores = self.data.dot(weights, rows) + intercept
        return scores if self.offset is None else scores + self.offset[rows]

    def best_cost(
        self, folds: NDArray[np.int64], costs: Sequence[float], pool: Executor
    ) -> tuple[float, NDArray[np.float64]]:
        """Return (the C with the least loss on fold 0, which its model has not seen, the scores there)."""
        tried = list(pool.map(self.fold, repeat(folds), repeat(0), costs))
        first = np.flatnonzero(folds == 0)
        best = int(np.argmin([self.loss(scores, first) for scores in tried]))
        return costs[best], tried[best]


@dataclass(frozen=True)
class LogisticProblem(LinearProblem):
    """One of `classes` classes, by logistic regression; targets: the index of each row's."""

    classes: int = 2

    def fit(
        self, rows: NDArray[np.int64], c: float, threads: int = 1
    ) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        scale = None
        if self.scale != "none":
            counts = self.data.class_counts(self.targets, self.classes, rows)
            scale = naive_bayes_ratio(counts) if self.scale == "ratio" else inverse_frequency(counts, len(rows))
        model = fit_logistic_regression(
            self.data,
            self.targets,
            self.classes,
            c=c,
            rows=rows,
            weights=self.weights,
            scale=scale,
            offset=None if self.offset is None else margins(self.offset).astype(np.float32),
            seed=self.seed,
            threads=threads,
        )
        return model.coefficients, model.intercept

    def loss(self, scores: NDArray[np.float64], rows: NDArray[np.int64]) -> float:
        return log_loss(scores, self.targets[rows], None if self.weights is None else self.weights[rows])

    def folds(self, count: int, rng: np.random.Generator) -> NDArray[np.int64]:
        """Return the fold of each row [N], at random, with each class alike in every fold."""
        shuffled = rng.permutation(len(self.targets))
        folds = np.empty(len(self.targets), dtype=np.int64)
        folds[shuffled[np.argsort(self.targets[shuffled], kind="stable")]] = np.arange(len(self.targets)) % count
        return folds


def margins(logits: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the log-odds of each class against all others [N, O], of logits [N, O] as `log_loss` reads them."""
    if logits.shape[1] == 1:
        return logits
    found = np.empty_like(logits)
    for k in range(logits.shape[1]):
        others = np.delete(logits, k, axis=1)
        largest = others.max(axis=1)
        found[:, k] = logits[:, k] - largest - np.log(np.exp(others - largest[:, None]).sum(axis=1))
    return found


def inverse_frequency(counts: NDArray[np.int32], rows: int) -> NDArray[np.float32]:
    """Return log((1 + rows) / (1 + d)) + 1 of each feature [F], d the rows that have it. counts: [F, K]."""
    frequency: NDArray[np.float64] = np.log((1 + rows) / (1 + counts.sum(axis=1))) + 1
    return frequency.astype(np.float32)


def log_loss(
    scores: NDArray[np.float64], targets: NDArray[np.int64], weights: NDArray[np.float32] | None = None
) -> float:
    """Return the log loss of scores [N, O] as logits: of one output for two classes, else their softmax."""
    logits = class_logits(scores)
    logits = logits - logits.max(axis=1, keepdims=True)
    losses = np.log(np.exp(logits).sum(axis=1)) - logits[np.arange(len(targets)), targets]
    return float(np.average(losses, weights=weights))
