"""N-grams first: the linear model fitted before the network, which is then trained on what it leaves over.

The weights are those of a logistic regression on the presence of n-grams, each scaled by its naive Bayes ratio (Wang
and Manning, 2012: Baselines and bigrams: simple, good sentiment and topic classification). The network must not learn
from scores that the linear model has by heart: those of the training rows come from fits on the other folds.
"""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from itertools import repeat
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from recurra.inference.batching import batches_by_length
from recurra.many_to_one.learn.examples import Examples
from recurra.many_to_one.learn.network import ManyToOneNetwork
from recurra.many_to_one.learn.objective import SCORING_TOKENS, Objective
from recurra.text.ngrams import HashedNgrams
from recurra.training.logistic_regression import SparseRows

SHARE = 0.35
"""Of the logits of n-grams that are fitted first, so much is added to the network's while it is trained: with more of
them it learns too little of its own. How much is added in the end is chosen afterwards."""
SCALES = (0.5, 0.7, 0.85, 1.0, 1.2, 1.5, 1.8, 2.2, 2.7, 3.3)
"""Factors of the n-grams' logits that are tried once the network is trained."""
TELLING_ROWS = 1_000
"""With fewer validation rows no factor but 1 is taken: they could not tell."""
FOLDS = 5
COSTS = (0.1, 0.3, 1.0)
"""C of the logistic regression; the one with the least log loss on the first fold is taken."""
MOST_TOKENS = 12_000_000
"""Tokens of the rows that the linear model learns from; of more, a uniform random sample of the rows."""
CHUNK_ROWS = 4096
COUNTED_ROWS = 20_000
_ALL_BUCKETS = 2**30 - 35  # a prime


@dataclass(frozen=True)
class NgramFit:
    """weights: [F, O] float32; intercept: [O]; scores: [N, O] float32, of the training rows, each by a fit that has not
    seen it, by whose temperature all of these are divided; c: the C that was chosen; rows: how many were learnt from.
    """

    weights: NDArray[np.float32]
    intercept: NDArray[np.float32]
    scores: NDArray[np.float32]
    c: float
    rows: int

    def of_others(self, rows: Examples, hashing: HashedNgrams, threads: int) -> NDArray[np.float32]:
        """Return the scores [n, O] of rows that none of the fits has seen."""
        return linear_scores(rows, np.arange(len(rows)), hashing, self.weights, self.intercept, threads)


def fit_ngrams(rows: Examples, hashing: HashedNgrams, objective: Objective, *, seed: int, threads: int) -> NgramFit:
    """Fit the n-grams of the training rows, as the model reads them."""
    rng = np.random.default_rng(seed)
    kept = sample(rows.lengths, rng)
    learnt = rows.select(kept)
    data = ngram_rows(rows, kept, hashing, threads)
    problem = objective.problem(data, learnt.targets, seed, "ratio", learnt.weights)
    folds = problem.folds(FOLDS, rng)
    with ThreadPoolExecutor(threads) as pool:
        c, first = problem.best_cost(folds, COSTS, pool)
        whole = pool.submit(problem.fit, np.arange(len(kept)), c)
        others = pool.map(problem.fold, repeat(folds), range(1, FOLDS), repeat(c))
        own = np.empty((len(kept), first.shape[1]))
        for number, found in enumerate([first, *others]):
            own[folds == number] = found
        weights, intercept = whole.result()
    temperature = objective.temperature(own, learnt)
    own, weights, intercept = own / temperature, weights / temperature, intercept / temperature
    scores: NDArray[np.float32] = np.empty((len(rows), own.shape[1]), dtype=np.float32)
    scores[kept] = own
    unseen = np.setdiff1d(np.arange(len(rows)), kept)
    scores[unseen] = linear_scores(rows, unseen, hashing, weights, intercept, threads)
    return NgramFit(weights.astype(np.float32), intercept.astype(np.float32), scores, c, len(kept))


def linear_scores(
    rows: Examples,
    chosen: NDArray[np.int64],
    hashing: HashedNgrams,
    weights: NDArray[Any],
    intercept: NDArray[Any],
    threads: int,
) -> NDArray[np.float32]:
    """Return the scores of the chosen rows [n, O] by weights [F, O] of their n-grams and an intercept [O]."""
    scores: NDArray[np.float32] = np.empty((len(chosen), weights.shape[1]), dtype=np.float32)
    for start in range(0, len(chosen), CHUNK_ROWS):
        part = slice(start, start + CHUNK_ROWS)
        scores[part] = ngram_rows(rows, chosen[part], hashing, threads).dot(weights) + intercept
    return scores


def sample(lengths: NDArray[np.int64], rng: np.random.Generator) -> NDArray[np.int64]:
    """Return the rows that a linear model learns from, in order: all, or a sample with MOST_TOKENS."""
    order = rng.permutation(len(lengths))
    fitting = int(np.searchsorted(np.cumsum(lengths[order]), MOST_TOKENS, side="right"))
    return np.sort(order[: max(FOLDS, fitting)])


def distinct_ngrams(rows: Examples, order: int) -> int:
    """Return how many different pairs and triples of words the rows hold, about; of many rows, at least so many."""
    words = rows.tokenizer.size
    hashing = HashedNgrams(words, order, _ALL_BUCKETS)
    chosen = np.arange(len(rows))[:: 1 + len(rows) // COUNTED_ROWS]
    found = np.unique(ngram_rows(rows, chosen, hashing, 1).indices)
    return int(len(found) - np.searchsorted(found, words))


def scores_of_parts(
    network: ManyToOneNetwork, rows: Examples, device: torch.device | str = "cpu"
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return the scores of the recurrent network and those of its n-grams for each row, [N, outputs] each."""
    network.eval()
    own, beside = (np.empty((len(rows), network.shape.outputs)) for _ in range(2))
    with torch.inference_mode():
        for chosen in batches_by_length(rows.lengths, SCORING_TOKENS):
            batch, _ = rows.batch(chosen, device)
            own[chosen] = network.network_scores(batch).float().cpu().numpy()
            beside[chosen] = network.ngram_scores(batch).float().cpu().numpy()
    return own, beside


def calibrated_loss(
    objective: Objective, network: ManyToOneNetwork, scores: NDArray[np.float64], rows: Examples
) -> float:
    """Return the loss of scores [N, outputs] once their logits are divided by the best temperature."""
    with torch.no_grad():
        logits = network.logits(torch.from_numpy(scores)).double().numpy()
    return objective.calibrated_loss(logits, rows)


def choose_scale(objective: Objective, network: ManyToOneNetwork, rows: Examples) -> float:
    """Multiply the n-grams' scores by the factor with the least calibrated loss on the validation rows; return it."""
    if len(rows) < TELLING_ROWS:
        return 1.0
    own, beside = scores_of_parts(network, rows)
    best = min(SCALES, key=lambda scale: calibrated_loss(objective, network, own + scale * beside, rows))
    network.scale_ngrams(best)
    return best


def figures(
    network: ManyToOneNetwork, first: NgramFit | None, scale: float, blended: dict[str, Any] | None
) -> dict[str, Any]:
    """Return how the n-grams of a network were fitted, as plain values: order, buckets, subwords; first; c and
    intercept, of those that were fitted first; scale, what their logits were multiplied by;
    blend, what `blend` returned.
    """
    shape = network.shape
    share = 1.0 if first is None else SHARE
    return {
        "order": shape.ngrams,
        "buckets": shape.ngram_buckets,
        "subwords": shape.subwords,
        "first": first is not None,
        "c": None if first is None else first.c,
        "intercept": None if first is None else (share * scale * first.intercept).tolist(),
        "scale": share * scale,
        "blend": blended,
    }


def ngram_rows(rows: Examples, chosen: NDArray[np.int64], hashing: HashedNgrams, threads: int) -> SparseRows:
    """Return the n-grams of the chosen rows."""
    pieces, sizes = [], np.empty(len(chosen), dtype=np.int64)
    for place, row in enumerate(chosen):
        ids = rows.encoding(int(row)).ids
        pieces.append(ids)
        sizes[place] = len(ids)
    flat = np.concatenate(pieces).astype(np.int32)
    pointer, index = hashing.distinct(flat, np.cumsum(sizes) - sizes, sizes, threads)
    return SparseRows(pointer, index, hashing.features)
