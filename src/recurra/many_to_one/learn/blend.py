"""Average a trained classifier with a logistic regression on its own n-grams.

Beside the network, n-grams learn without a penalty what the network leaves to them; a regression that is held back errs
elsewhere. Both are linear in the same features, so that the average of their logits is one model of the same size.
"""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from recurra.many_to_one.learn.defaults import MANY_CLASSES
from recurra.many_to_one.learn.dense_columns import with_columns
from recurra.many_to_one.learn.examples import Examples
from recurra.many_to_one.learn.network import ManyToOneNetwork
from recurra.many_to_one.learn.ngram_fit import (
    calibrated_loss,
    ngram_rows,
    sample,
    scores_of_parts,
)
from recurra.many_to_one.learn.objective import Objective
from recurra.many_to_one.shape import SPELLING_SCALE
from recurra.training.logistic_regression import SparseRows

COSTS = (0.01, 0.03, 0.1, 0.3, 1.0)
"""C of the regression; the one with the least log loss on a fold that it has not seen is taken."""
COST_OF_MANY = 0.1
"""C with many classes, where a regression takes long."""
SHARES = (0.0, 0.2, 0.4)
"""The shares of the regression that are tried on the validation rows."""
MORE_SHARES = (0.6, 0.8)
"""Tried as well where something stands beside the texts, of which a regression on all of it at once can know more than
the network."""
TELLING_ROWS = 100
"""With fewer validation rows the share is the largest of `SHARES`: they could not tell."""
FOLDS = 5
SPELLING_WEIGHT = 2.0
"""The regression sees spellings this much larger than the network's n-grams do, so that it may use them more."""


@dataclass(frozen=True)
class Regression:
    """The regression on n-grams and spellings: weights [F + S, O], intercept [O], and the C that was chosen."""

    weights: NDArray[np.float64]
    intercept: NDArray[np.float64]
    c: float


def fit_regression(
    network: ManyToOneNetwork, rows: Examples, objective: Objective, *, seed: int, threads: int
) -> Regression:
    """Fit the regression on the features of the training rows that the n-grams of `network` have."""
    rows = rows.select(sample(rows.lengths, np.random.default_rng(seed)))
    data = ngrams_and_spellings(network, rows, threads)
    problem = objective.problem(data, rows.targets, seed, "frequency", rows.weights, network)
    folds = problem.folds(FOLDS, np.random.default_rng(seed))
    c = COST_OF_MANY
    if objective.classes <= MANY_CLASSES:
        with ThreadPoolExecutor(threads) as pool:
            c, _ = problem.best_cost(folds, COSTS, pool)
    return Regression(*problem.fit(np.arange(len(rows)), c, threads), c)


def blend(
    network: ManyToOneNetwork, regression: Regression, valid: Examples, objective: Objective, *, threads: int
) -> dict[str, Any]:
    """Make the scores of `network` (1 - share) times their own plus `share` times those of the regression, in place.

    valid: the validation rows; the share is the one with the least calibrated log loss on them. Returns share and c,
    the C that was chosen.
    """
    weights, intercept = regression.weights, regression.intercept
    share = SHARES[-1]
    if len(valid) >= TELLING_ROWS:
        own = sum(scores_of_parts(network, valid))
        other = ngrams_and_spellings(network, valid, threads).dot(weights) + intercept
        share = min(
            SHARES if valid.beside is None else SHARES + MORE_SHARES,
            key=lambda part: calibrated_loss(objective, network, (1 - part) * own + part * other, valid),
        )
    rarity = None if valid.beside is None else valid.beside.encoder.rarity
    _add(network, share, weights.astype(np.float32), intercept.astype(np.float32), rarity)
    return {"share": share, "c": regression.c}


@torch.no_grad()
def _add(
    network: ManyToOneNetwork,
    share: float,
    weights: NDArray[np.float32],
    intercept: NDArray[np.float32],
    rarity: NDArray[np.float32] | None,
) -> None:
    """Take the average with a regression. weights: [F + S + X, O]; intercept: [O]; rarity: [X]."""
    assert network.ngrams is not None  # for the type checker
    network.head.weight.mul_(1 - share)
    network.head.bias.mul_(1 - share).add_(share * torch.from_numpy(intercept))
    network.scale_ngrams(1 - share)
    features = network.ngrams.hashing.features
    network.ngrams.table.weight.add_(share * torch.from_numpy(weights[:features]))
    if network.features is not None and rarity is not None:
        beside = len(weights) - len(rarity)
        network.features.blend(share, rarity[:, None] * weights[beside:])
        weights = weights[:beside]
    if network.spellings is not None and network.spellings.ngrams is not None:
        network.spellings.ngrams.weight.add_(share * SPELLING_WEIGHT * torch.from_numpy(weights[features:]))


def ngrams_and_spellings(network: ManyToOneNetwork, rows: Examples, threads: int) -> SparseRows:
    """Return the n-grams of each row, after them the character n-grams of its distinct words, and what stands beside
    its text, scaled by its rarity as n-grams are where they are penalised: [N, F + S + X]."""
    found = _of_texts(network, rows, threads)
    return found if rows.beside is None else with_columns(found, rows.features() * rows.beside.encoder.rarity)


def _of_texts(network: ManyToOneNetwork, rows: Examples, threads: int) -> SparseRows:
    from scipy import sparse

    assert network.ngrams is not None  # for the type checker
    hashing = network.ngrams.hashing
    found = ngram_rows(rows, np.arange(len(rows)), hashing, threads)
    spellings = network.spellings
    if spellings is None or spellings.ngrams is None:
        return found
    ends, grams = spellings.ends.cpu().numpy(), spellings.grams.cpu().numpy()
    sizes = np.diff(ends)
    values = np.repeat(SPELLING_WEIGHT * SPELLING_SCALE / np.sqrt(np.maximum(sizes, 1)), sizes)
    of_word = sparse.csr_matrix((values, grams, ends), shape=(hashing.words, len(spellings.ngrams.weight)))
    whole = found.scipy()
    joined = sparse.hstack([whole, whole[:, : hashing.words] @ of_word], format="csr")
    joined.sort_indices()
    return SparseRows(
        joined.indptr.astype(np.int64),
        joined.indices.astype(np.int32),
        joined.shape[1],
        joined.data.astype(np.float32),
    )
