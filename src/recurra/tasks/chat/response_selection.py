"""Response selection: which of ten replies was given? It measures understanding apart from writing.

Replies are put into blocks of ten different texts, so that each has nine distractors that people gave to other turns. A
model that uses the context ranks the reply that was given first; chance is one in ten (Lowe et al., 2015: The Ubuntu
dialogue corpus).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from recurra.data.normalise import normalise
from recurra.evaluation.intervals import middle, resampled_means

CHOICES = 10


def candidate_blocks(
    rows: Sequence[int] | NDArray[np.int64],
    dialogue: Sequence[int] | NDArray[np.int64],
    replies: Sequence[str],
    seed: int,
) -> NDArray[np.int64]:
    """Return the rows in random blocks [n, CHOICES] of different replies; those that fill no block are left out.

    Where there are fewer different replies than CHOICES, a block has each of them. Replies of one dialogue are in
    different blocks, as far as there are enough blocks and the repeated replies allow it.

    dialogue: of any row, its dialogue's number; replies: of each of `rows`, its text. Texts are compared as `normalise`
    leaves them: another that means the same would be a wrong answer that is right.
    """
    mixed = np.random.default_rng(seed).permutation(len(rows))
    _, number = np.unique([normalise(text) for text in replies], return_inverse=True)
    text, rows = number[mixed], np.asarray(rows, dtype=np.int64)[mixed]
    times = np.bincount(text, minlength=1)
    size = min(CHOICES, len(times))
    blocks = len(rows) // size
    while blocks and np.minimum(times, blocks).sum() < blocks * size:
        blocks -= 1  # a text can be once in a block
    kept = np.flatnonzero(_occurrence(text) < blocks)[: blocks * size]
    repeated = np.where(times[text] > 1, text, len(times))[kept]
    # Dealt in this order, one to each block in turn, those of one text, which are at most `blocks`, never meet.
    together = kept[np.lexsort((np.asarray(dialogue)[rows[kept]], repeated))]
    return rows[together].reshape(size, -1).T


def _occurrence(values: NDArray[np.int64]) -> NDArray[np.int64]:
    """Return for each value [N] how many equal ones are before it."""
    order = np.argsort(values, kind="stable")
    ordered = values[order]
    places = np.arange(len(values))
    found = np.empty_like(places)
    found[order] = places - np.searchsorted(ordered, ordered)
    return found


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
    """Return right_choice with its 95 % interval, None of one choice, and the number of replies to choose from.

    credits: [N] of `selection_credits`.
    """
    return {
        "right_choice": float(credits.mean()),
        "right_choice_ci95": middle(resampled_means(credits, seed), len(credits), share=True),
        "choices": choices,
    }
