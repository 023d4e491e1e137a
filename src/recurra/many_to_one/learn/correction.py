"""A linear correction of a trained model: weights of n-grams and spellings that are added to those it has.

It is a regression whose offset is what the model says of each row, so that its penalty pulls towards the model instead
of towards nothing: with weights w of the model and d of the correction, |d|^2 is the penalty of w + d with a prior that
is centred on w. That is a step of sequential Bayesian learning with the last estimate as the next prior.
"""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from itertools import repeat

import numpy as np
import torch
from numpy.typing import NDArray

from recurra.many_to_one.learn.blend import SPELLING_WEIGHT, ngrams_and_spellings
from recurra.many_to_one.learn.defaults import MANY_CLASSES
from recurra.many_to_one.learn.examples import Examples
from recurra.many_to_one.learn.network import ManyToOneNetwork
from recurra.many_to_one.learn.ngram_fit import sample, scores_of_parts
from recurra.many_to_one.learn.objective import Objective

COSTS = (0.003, 0.01, 0.03, 0.1, 0.3, 1.0)
"""C of the correction; the one with the least loss on a fold that it has not seen is taken."""
COST_OF_MANY = 0.1
"""C with many classes, where a regression takes long."""
FOLDS = 5


@dataclass(frozen=True)
class Correction:
    """weights: [F + S, O] float64, of n-grams and spellings; intercept: [O]; scores: [N, O] float32, what it adds to
    the rows that it learnt from, each by a fit that has not seen the row; c: the C that was chosen."""

    weights: NDArray[np.float64]
    intercept: NDArray[np.float64]
    scores: NDArray[np.float32]
    c: float

    @torch.no_grad()
    def add_to(self, network: ManyToOneNetwork) -> None:
        """Add the correction to what a network has."""
        assert network.ngrams is not None  # for the type checker
        weights = torch.from_numpy(self.weights).float()
        features = network.ngrams.hashing.features
        network.head.bias.add_(torch.from_numpy(self.intercept).float())
        network.ngrams.table.weight.add_(weights[:features])
        if network.spellings is not None and network.spellings.ngrams is not None:
            network.spellings.ngrams.weight.add_(SPELLING_WEIGHT * weights[features:])


def fit_correction(
    network: ManyToOneNetwork, rows: Examples, objective: Objective, *, seed: int, threads: int
) -> Correction:
    """Fit the correction of a network that has learnt from none of the rows."""
    own = np.add(*scores_of_parts(network, rows))
    kept = sample(rows.lengths, np.random.default_rng(seed))
    learnt, offset = rows.select(kept), own[kept]
    data = ngrams_and_spellings(network, learnt, threads)
    problem = objective.problem(data, learnt.targets, seed, "frequency", learnt.weights, network)
    problem = replace(problem, offset=offset)
    folds = problem.folds(FOLDS, np.random.default_rng(seed))
    with ThreadPoolExecutor(threads) as pool:
        if objective.classes <= MANY_CLASSES:
            c, first = problem.best_cost(folds, COSTS, pool)
        else:
            c = COST_OF_MANY
            first = problem.fold(folds, 0, c)
        others = pool.map(problem.fold, repeat(folds), range(1, FOLDS), repeat(c))
        found = np.empty_like(offset)
        for number, scores in enumerate([first, *others]):
            found[folds == number] = scores
    weights, intercept = problem.fit(np.arange(len(kept)), c, threads)
    added: NDArray[np.float32] = np.empty((len(rows), own.shape[1]), dtype=np.float32)
    added[kept] = found - offset
    unseen = np.setdiff1d(np.arange(len(rows)), kept)
    if len(unseen):
        more = ngrams_and_spellings(network, rows.select(unseen), threads)
        added[unseen] = more.dot(weights) + intercept
    return Correction(weights, intercept, added, c)
