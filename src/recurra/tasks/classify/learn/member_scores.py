"""What an ensemble gains: the accuracy of each of its members as the model that it is alone, on the held-out rows."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from recurra.evaluation.comparison import compare_correct
from recurra.evaluation.intervals import wilson
from recurra.many_to_one.given import Given
from recurra.tasks.classify.model import Classifier


def member_scores(
    members: Sequence[Classifier],
    texts: Callable[[], Iterable[Given]],
    right: NDArray[np.bool_],
    targets: NDArray[np.int64],
) -> dict[str, Any]:
    """Return members, the accuracy of each with its accuracy_ci95, and gain: `compare_correct` of the ensemble against
    them, as if it were as many models.

    texts: yields the N held-out texts, each time it is called; right: [N], whether the ensemble is; targets: [N].
    """
    correct = [model.predict_proba(texts()).argmax(axis=1) == targets for model in members]
    return {
        "members": [
            {"accuracy": float(found.mean()), "accuracy_ci95": list(wilson(int(found.sum()), len(found)))}
            for found in correct
        ],
        "gain": compare_correct([right] * len(correct), correct),
    }
