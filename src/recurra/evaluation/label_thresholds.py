"""The probability from which a label is answered: chosen on validation rows for F1, and shrunk where rows are few.

Of each label, the threshold with the most F1 is found exactly: scores are sorted, and every cut between two different
ones is tried. With few rows that have the label this threshold says more of those rows than of the label, so it is
drawn towards one that is chosen of all labels together: on the scale of log-odds, a label with n rows has the weight n,
and the common threshold the weight k. k is that of `WEIGHTS` with the most micro F1 over folds of the validation rows,
each answered with the thresholds of the others; among equals, the largest.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from recurra.evaluation.label_metrics import Members
from recurra.evaluation.metric import Floats

WEIGHTS = (0.0, 3.0, 10.0, 30.0, 100.0, math.inf)
"""Weights of the common threshold, in rows; with infinity it is that of every label."""
FOLDS = 5
HALF = 0.5
EDGE = 1e-4
"""Thresholds lie so far from 0 and 1 at least."""


@dataclass(frozen=True)
class Thresholds:
    """values: [L]; common: that of all labels together; weight: k, of the common one, None where all were given."""

    values: Floats
    common: float
    weight: float | None

    def facts(self) -> dict[str, Any]:
        """Return what a manifest states: common, weight ("all" where the common one is every label's)."""
        weight = "all" if self.weight is not None and math.isinf(self.weight) else self.weight
        return {"common": self.common, "weight": weight}


def choose_thresholds(probabilities: ArrayLike, members: ArrayLike, seed: int = 0) -> Thresholds:
    """Return the thresholds by the rule above. probabilities, members: [N, L], of validation rows.

    Without a row that has a label, all are 0.5.
    """
    chances, truth = np.asarray(probabilities, dtype=np.float64), np.asarray(members, dtype=np.bool_)
    if not truth.any():
        return Thresholds(np.full(chances.shape[1], HALF), HALF, None)
    weight = _best_weight(chances, truth, seed)
    common, values = _shrunk(chances, truth, (weight,))
    return Thresholds(values[0], common, weight)


def given_thresholds(threshold: float, labels: int) -> Thresholds:
    """Return one threshold for all labels."""
    return Thresholds(np.full(labels, threshold), threshold, None)


def best_threshold(scores: Floats, positive: NDArray[np.bool_]) -> float:
    """Return the threshold with the most F1 of scores [N] that are probabilities: midway between two different scores,
    or between the lowest and 0; among equals, the highest. 0.5 where no row is positive."""
    if not positive.any():
        return HALF
    order = np.argsort(-scores, kind="stable")
    ranked = scores[order]
    hits = np.cumsum(positive[order])
    f1 = 2.0 * hits / (np.arange(1, len(ranked) + 1) + hits[-1])
    below = np.r_[ranked[1:], 0.0]
    cut = ranked > below  # a cut parts different scores
    cut[-1] = True
    best = int(np.argmax(np.where(cut, f1, -1.0)))
    return float(min(max((ranked[best] + below[best]) / 2, EDGE), 1 - EDGE))


def _shrunk(chances: Floats, truth: Members, weights: tuple[float, ...]) -> tuple[float, list[Floats]]:
    """Return the common threshold, and the thresholds [L] of the labels with each weight of the common one."""
    common = best_threshold(chances.ravel(), truth.ravel())
    support = truth.sum(axis=0).astype(np.float64)
    own = _log_odds(np.array([best_threshold(chances[:, k], truth[:, k]) for k in range(truth.shape[1])]))
    middle = float(_log_odds(np.array([common]))[0])
    found = []
    for weight in weights:
        share = np.zeros_like(support) if math.isinf(weight) else support / np.maximum(support + weight, 1e-12)
        found.append(1.0 / (1.0 + np.exp(-(share * own + (1 - share) * middle))))
    return common, found


def _best_weight(chances: Floats, truth: Members, seed: int) -> float:
    """Return the weight with the most micro F1 over the folds."""
    rows = len(truth)
    if rows < 2 * FOLDS:
        return math.inf
    order = np.random.default_rng(seed).permutation(rows)
    hits, both = np.zeros(len(WEIGHTS)), np.zeros(len(WEIGHTS))
    for fold in range(FOLDS):
        held = np.zeros(rows, dtype=np.bool_)
        held[order[fold::FOLDS]] = True
        if not truth[~held].any():
            continue
        _, values = _shrunk(chances[~held], truth[~held], WEIGHTS)
        for i, cuts in enumerate(values):
            predicted = chances[held] >= cuts
            hits[i] += (predicted & truth[held]).sum()
            both[i] += predicted.sum() + truth[held].sum()
    f1 = 2.0 * hits / np.maximum(both, 1.0)
    return WEIGHTS[len(WEIGHTS) - 1 - int(np.argmax(f1[::-1]))]


def _log_odds(probabilities: Floats) -> Floats:
    return np.asarray(np.log(probabilities) - np.log1p(-probabilities))
