"""What networks say of rows that they have not learnt from: each fold by one that learnt from the others."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from recurra.tasks.series.learn.examples import Examples
from recurra.tasks.series.learn.objective import outputs_of
from recurra.tasks.series.learn.recipe import Recipe
from recurra.training.control import RunControl

FOLDS = 3
SHARE = 0.5
"""Of the usual steps that a network of a fold is trained for: it is only to tell how good the other one will be."""


def unseen_outputs(recipe: Recipe, rows: Examples, fold: NDArray[np.int64], control: RunControl) -> NDArray[np.float64]:
    """Return the outputs [N, K] for each row by a network that has not learnt from it. fold: [N], of each row.

    Each fold is a stage of the run, with checkpoints of its own.
    """
    numbers = np.unique(fold)
    outputs = np.empty((len(rows), recipe.shape.outputs))
    for place, number in enumerate(numbers, start=1):
        learnt, judged = rows.of(np.flatnonzero(fold != number)), rows.of(np.flatnonzero(fold == number))
        its = control.stage(f"fold {place} of {len(numbers)}", f"fold-{place}")
        network, _ = recipe.train(learnt, judged, its, SHARE)
        outputs[fold == number] = outputs_of(network, judged)
    return outputs


def folds(targets: NDArray[np.generic], kind: str, seed: int, count: int = FOLDS) -> NDArray[np.int64]:
    """Return the fold [N] of each row, all of about one size: rows of one label spread over them as evenly as can be,
    and rows of numbers from low to high."""
    rng = np.random.default_rng(seed)
    ranked = np.lexsort((rng.random(len(targets)), targets))
    fold = np.empty(len(targets), dtype=np.int64)
    if kind == "classify":
        fold[ranked] = np.arange(len(targets)) % count
        return fold
    for start in range(0, len(targets), count):  # neighbours in rank, each to another fold
        few = ranked[start : start + count]
        fold[few] = rng.permutation(count)[: len(few)]
    return fold
