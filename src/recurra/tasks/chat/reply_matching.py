"""How well each reply of a block fits each of its dialogues, by a chat model: what response selection ranks by.

The log-probability of a reply after the turns, less its mean over the dialogues of the block, so that the blandest one
does not win everywhere, and divided by the root of its length, so that the longest does not; and, of a model that
matches turns and replies, a factor times that match. The factor is chosen on validation dialogues.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from recurra.tasks.chat.model import Chatter
from recurra.tasks.chat.response_selection import selection_credits

WEIGHTS = (0.0, 0.1, 0.2, 0.3, 0.5, 0.8, 1.2, 2.0, 5.0)
"""The factors of the match that are tried."""

Sequences = Sequence[Sequence[int]]


def fits(model: Chatter, turns: Sequences, replies: Sequences, blocks: NDArray[np.int64]) -> NDArray[np.float64]:
    """Return how well reply j of a block fits the turns of its dialogue i: [n, k, k].

    turns, replies: ids of each row; blocks: [n, k] numbers of rows.
    """
    fit = likelihoods(model, turns, replies, blocks)
    if model.shape.match_weight:
        fit += model.shape.match_weight * matches(model, turns, replies, blocks)
    return fit


def likelihoods(model: Chatter, turns: Sequences, replies: Sequences, blocks: NDArray[np.int64]) -> NDArray[np.float64]:
    """Return the log-probability of every reply of a block after the turns of every dialogue in it: [n, k, k].

    It is divided by the root of the reply's length in pieces, END included.
    """
    count, size = blocks.shape
    contexts = np.repeat(blocks, size, axis=1).ravel().tolist()  # each context of a block with all its replies
    answers = np.tile(blocks, (1, size)).ravel().tolist()
    scored = model.score([turns[row] for row in contexts], [replies[row] for row in answers])
    sums = [one.nats.sum(dtype=np.float64) / math.sqrt(len(one.nats)) for one in scored]
    return -np.array(sums).reshape(count, size, size)


def matches(model: Chatter, turns: Sequences, replies: Sequences, blocks: NDArray[np.int64]) -> NDArray[np.float64]:
    """Return the match of every reply of a block with the turns of every dialogue in it: [n, k, k]."""
    rows = blocks.ravel().tolist()
    asked, given = model.match_vectors([turns[row] for row in rows], [replies[row] for row in rows])
    shape = (*blocks.shape, model.shape.match)
    left, right = (vectors.reshape(shape).astype(np.float64) for vectors in (asked, given))
    return np.asarray(left @ right.transpose(0, 2, 1))


def best_weight(likelihood: NDArray[np.float64], match: NDArray[np.float64]) -> float:
    """Return the factor of the match with which the most dialogues get their own reply, the smallest of several.

    likelihood, match: [n, k, k] of validation dialogues.
    """
    return max(WEIGHTS, key=lambda weight: float(selection_credits(likelihood + weight * match).mean()))
