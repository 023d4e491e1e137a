"""The scores of a model of series: those of labels with probabilities, or those of numbers."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from recurra.evaluation.calibration import softmax
from recurra.evaluation.class_scores import score_classes
from recurra.evaluation.regression import score_numbers
from recurra.storage.model_directory import Label


def score(
    outputs: NDArray[np.float32], targets: NDArray[Any], labels: Sequence[Label], seed: int = 0
) -> dict[str, Any]:
    """Return everything measured on N series.

    outputs: [N, K], logits of the labels or one number each. targets: [N], the number of the label, or the number.
    labels: K of them, none of numbers. See `score_classes` and `score_numbers`.
    """
    if labels:
        return score_classes(softmax(outputs), targets, [str(label) for label in labels], seed)
    return score_numbers(outputs[:, 0].astype(np.float64), targets, seed)
