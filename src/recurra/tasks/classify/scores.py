"""The scores of a classifier of texts: those of its probabilities, and those of short, long and truncated texts."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from recurra.errors import DataError
from recurra.evaluation.class_scores import checked, score_classes
from recurra.evaluation.decision import Decision, coverage
from recurra.evaluation.ordinal import score_order
from recurra.tasks.classify.slices import by_length, by_truncation


def evaluate(
    probabilities: ArrayLike,
    targets: ArrayLike,
    labels: Sequence[str],
    lengths: ArrayLike,
    truncated: ArrayLike,
    seed: int = 0,
    decision: Decision | None = None,
    *,
    ordered: bool = False,
    chosen: ArrayLike | None = None,
) -> dict[str, Any]:
    """Return everything measured on these rows, ready for JSON.

    Args:
        probabilities: [N, K], a row's probabilities add up to 1; K >= 2.
        targets: [N], the index of each row's true class.
        labels: the K class names.
        lengths: [N], tokens of each row before truncation.
        truncated: [N], whether the row lost tokens.
        seed: of the bootstrap.
        decision: how labels are chosen of the probabilities; None: the most probable ones. Where it abstains, accuracy
            and the like are still those of all rows.
        chosen: [N], the class that each row was answered with, where that is not for `decision` to say.
        ordered: whether the classes have an order, which is that of `labels`.

    Returns:
        What `score_classes` does, and of classes in an order `score_order`; truncated_rows; slices (length, truncated);
        abstention: see `decision.coverage`.

    Raises:
        DataError: the arrays do not fit each other, or the probabilities are not probabilities.
    """
    chances, truth = checked(probabilities, targets, classes=len(labels))
    sizes, cut = np.asarray(lengths, dtype=np.int64), np.asarray(truncated, dtype=bool)
    if sizes.shape != truth.shape or cut.shape != truth.shape:
        raise DataError(f"{len(truth)} rows need as many lengths and flags, not {sizes.shape} and {cut.shape}.")
    decided = decision or Decision()
    answered = decided.chosen(chances) if chosen is None else np.asarray(chosen, dtype=np.int64)
    correct = answered == truth
    own = None if decided.positive is None else answered
    of_order = score_order(probabilities, targets, labels, seed) if ordered else {}
    measured = {
        "truncated_rows": int(cut.sum()),
        "abstention": coverage(chances, correct, decided.abstain),
        "slices": {"length": by_length(correct, sizes), "truncated": by_truncation(correct, cut)},
    }
    return score_classes(probabilities, targets, labels, seed, own) | of_order | measured
