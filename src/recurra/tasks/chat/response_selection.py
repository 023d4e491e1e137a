"""Which of ten replies was given? What a model makes of a talk, measured apart from how well it writes.

Replies are put into blocks of ten, each reply beside nine that people gave to other turns. Who heeds what was said
finds the one that belongs to it; who does not is right once in ten (Lowe et al., 2015: The Ubuntu dialogue corpus).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from recurra.evaluation.intervals import resampled_means

CHOICES = 10


def blocks(
    rows: Sequence[int] | NDArray[np.int64], dialogue: Sequence[int] | NDArray[np.int64], seed: int
) -> NDArray[np.int64]:
    """Return [n, CHOICES] of the rows in random order, or one block of all where there are fewer; the last few are
    left out that fill no block. Replies of one dialogue are dealt to different blocks while there are so many.

    dialogue: of any row, its dialogue's number.
    """
    mixed = np.random.default_rng(seed).permutation(np.asarray(rows, dtype=np.int64))
    size = min(CHOICES, max(1, len(mixed)))
    mixed = mixed[: len(mixed) // size * size]
    together = mixed[np.argsort(np.asarray(dialogue)[mixed], kind="stable")]
    return together.reshape(size, -1).T


def of_other_dialogues(
    rows: NDArray[np.int64], dialogue: NDArray[np.int64], rng: np.random.Generator
) -> NDArray[np.int64]:
    """Return for each of `rows` another one from another dialogue, each taken once; none where one dialogue has more
    than half of them.

    Rows are put dialogue after dialogue, and each takes the one that stands as far on as the largest dialogue is long.
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


def found(likeness: NDArray[np.floating]) -> NDArray[np.float64]:
    """Return [n, k] how far each talk's own reply was found: 1 or 0, or 1/m where m replies are as good as the best.

    likeness: [n, k, k] of talks and replies, talk i's own reply being the i-th: a log-probability, or any other
    measure. From each reply's column its mean is taken off, so that a reply that suits every talk wins none.
    """
    lifted = likeness - likeness.mean(axis=1, keepdims=True)
    best = lifted >= lifted.max(axis=2, keepdims=True) - 1e-9
    own = np.diagonal(best, axis1=1, axis2=2)
    return np.asarray(own / best.sum(axis=2), dtype=np.float64)


def choice_scores(credits: NDArray[np.float64], choices: int, seed: int = 0) -> dict[str, Any]:
    """Return right_choice, its 95 % interval, and of how many it was chosen. credits: [N] of `found`."""
    edges = np.percentile(resampled_means(credits, seed), [2.5, 97.5])
    return {
        "right_choice": float(credits.mean()),
        "right_choice_ci95": [float(edge) for edge in edges],
        "choices": choices,
    }
