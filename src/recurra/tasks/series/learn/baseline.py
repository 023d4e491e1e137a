"""The baseline of a model of series: random convolutions with a ridge, or the nearest series, whichever is better on
training rows that it has not learnt from."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from recurra.evaluation.calibration import fit_temperature, softmax
from recurra.tasks.series.learn.fit_convolutions import FEATURES, fit_convolutions
from recurra.tasks.series.learn.nearest import fit_nearest
from recurra.tasks.series.learn.ridge import fit_ridge
from recurra.tasks.series.shape import Kind

CONVOLUTIONS = "random convolutions with ridge"
LEFT_OUT, MOST_LEFT_OUT = 0.2, 100
"""The share of the training series, and the most of them, that the nearest of the others answers."""

Floats = NDArray[np.float32]
Outputs = NDArray[np.float64]


class Judged(NamedTuple):
    """What a baseline answers.

    name: of it. answers: [M], the number of the label, or the number, of each held-out series. left_out: [N], the same
    of training series by a model of others, NaN where none was asked. outputs: [M, K] logits where it has some.
    """

    name: str
    answers: NDArray[Any]
    left_out: NDArray[Any]
    outputs: Outputs | None = None

    def probabilities(self, labels: int) -> Outputs:
        """Return the probability [M, K] of each label: 1 of the answer where there are no logits."""
        return np.eye(labels)[self.answers] if self.outputs is None else softmax(self.outputs)


def baselines(
    training: Sequence[Floats], targets: NDArray[Any], held_out: Sequence[Floats], outputs: int, kind: Kind, seed: int
) -> list[Judged]:
    """Return what each baseline answers. training [N], held_out [M]: standardised frames [T_n, V]; targets: [N]."""
    return [
        convolutions_baseline(training, targets, held_out, outputs, kind, seed),
        nearest_baseline(training, targets, held_out, seed),
    ]


def convolutions_baseline(
    training: Sequence[Floats], targets: NDArray[Any], held_out: Sequence[Floats], outputs: int, kind: Kind, seed: int
) -> Judged:
    """Return what random convolutions with a ridge answer. training, held_out: standardised frames [T_n, V]."""
    convolutions = fit_convolutions(training, np.random.default_rng(seed), FEATURES)
    if kind == "regress":
        fit = fit_ridge(convolutions.of_all(training), np.asarray(targets, dtype=np.float64)[:, None])
        found = convolutions.of_all(held_out) @ fit.weights + fit.bias
        return Judged(CONVOLUTIONS, found[:, 0].astype(np.float64), fit.left_out[:, 0])
    fit = fit_ridge(convolutions.of_all(training), np.eye(outputs)[targets] * 2 - 1)
    found = (convolutions.of_all(held_out) @ fit.weights + fit.bias).astype(np.float64)
    logits = found / fit_temperature(fit.left_out, np.asarray(targets, dtype=np.int64), 1.0)
    return Judged(CONVOLUTIONS, found.argmax(axis=1), fit.left_out.argmax(axis=1), logits.astype(np.float64))


def nearest_baseline(
    training: Sequence[Floats], targets: NDArray[Any], held_out: Sequence[Floats], seed: int
) -> Judged:
    """Return the answers of the nearest training series: see `nearest.py`."""
    count = min(MOST_LEFT_OUT, max(1, round(LEFT_OUT * len(training))))
    asked = np.zeros(len(training), dtype=bool)
    asked[np.random.default_rng(seed).permutation(len(training))[:count]] = True
    left_out = np.full(len(training), np.nan)
    others = [values for values, one in zip(training, asked, strict=True) if not one]
    some = [values for values, one in zip(training, asked, strict=True) if one]
    left_out[asked] = fit_nearest(others, targets[~asked], seed=seed).predict(some)
    nearest = fit_nearest(training, targets, seed=seed)
    return Judged(nearest.name, nearest.predict(held_out), left_out)


def best(candidates: Sequence[Judged], targets: NDArray[Any], kind: Kind) -> Judged:
    """Return the candidate with the fewest errors on the training rows that all have left out. targets: [N]."""
    known = np.isfinite(np.stack([one.left_out.astype(np.float64) for one in candidates])).all(axis=0)

    def error(judged: Judged) -> float:
        found, truth = judged.left_out[known], targets[known]
        return float((found != truth).mean() if kind == "classify" else np.abs(found - truth).mean())

    return min(candidates, key=error)
