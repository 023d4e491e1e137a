"""Response selection: which of ten replies was given? It measures understanding apart from writing.

Replies are put into blocks of ten, so that each has nine distractors that people gave to other turns. A model that uses
the context ranks the reply that was given first; chance is one in ten (Lowe et al., 2015: The Ubuntu dialogue corpus).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from recurra.evaluation.intervals import resampled_means

CHOICES = 10


def candidate_blocks(
    rows: Sequence[int] | NDArray[np.int64], dialogue: Sequence[int] | NDArray[np.int64], seed: int
) -> NDArray[np.int64]:
    """Return the rows in random blocks [n, CHOICES], or in one block of all where there are fewer; those that fill no
    block are left out. Replies of one dialogue are in different blocks, as far as there are enough blocks.

    dialogue: of any row, its dialogue's number.
    """
    mixed = np.random.default_rng(seed).permutation(np.asarray(rows, dtype=np.int64))
    size = min(CHOICES, max(1, len(mixed)))
    mixed = mixed[: len(mixed) // size * size]
    together = mixed[np.argsort(np.asarray(dialogue)[mixed], kind="stable")]
    return together.reshape(size, -1).T


def rows_of_other_dialogues(
    rows: NDArray[np.int64], dialogue: NDArray[np.int64], rng: np.random.Generator
) -> NDArray[np.int64]:
    """Return for each of `rows` a row of another dialogue, each used once; none where one dialogue has more than half
    of them.

    Rows are sorted by dialogue, and each gets the row that follows at a distance of the largest dialogue's length.
    """
    if not len(rows):
        return rows
    mixed = rng.permutation(len(rows))
    order = mixed[np.argsort(dialogue[rows[mixed]], kind="stable")]
    largest = int(np.unique(dialogue[rows], return_counts=True)[1].max())
    if 2 * largest > len(rows):
        return rows[:0]
    taken = np.empty_like(rows)
    taken[order] = rows[np.roll(order, -largest)]
    return taken


def selection_credits(similarity: NDArray[np.floating]) -> NDArray[np.float64]:
    """Return each context's credit [n, k] for choosing its own reply: 1 where it is the best, 1/m where m tie, else 0.

    similarity: [n, k, k] of contexts and replies, where reply i was given to context i: a log-probability, or any other
    measure. Each reply's column is centred, so that a reply that suits every context wins none.
    """
    centred = similarity - similarity.mean(axis=1, keepdims=True)
    best = centred >= centred.max(axis=2, keepdims=True) - 1e-9
    own = np.diagonal(best, axis1=1, axis2=2)
    return np.asarray(own / best.sum(axis=2), dtype=np.float64)


def selection_scores(credits: NDArray[np.float64], choices: int, seed: int = 0) -> dict[str, Any]:
    """Return right_choice with its 95 % interval, and the number of choices. credits: [N] of `selection_credits`."""
    edges = np.percentile(resampled_means(credits, seed), [2.5, 97.5])
    return {
        "right_choice": float(credits.mean()),
        "right_choice_ci95": [float(edge) for edge in edges],
        "choices": choices,
    }
