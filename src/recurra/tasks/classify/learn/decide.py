"""The decision of a classifier, chosen on its validation rows: whose threshold, and which."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from recurra.errors import OptionError, brief, did_you_mean
from recurra.evaluation.decision import HALF, Decision, Goal, choose_threshold, threshold_value
from recurra.tasks.classify.options import DecisionOptions


@dataclass(frozen=True)
class Tuning:
    """Of two labels, for which the threshold is chosen, and for what. positive: the index of the label."""

    positive: int
    goal: Goal
    seed: int

    def threshold(
        self, probabilities: NDArray[np.float64], targets: NDArray[np.int64], weights: NDArray[np.float64] | None
    ) -> float:
        """Return the threshold that is best on rows. probabilities: [N, 2]; targets: [N]; weights: [N]."""
        chances = probabilities[:, self.positive]
        return choose_threshold(chances, targets == self.positive, self.goal, weights, self.seed)

    def decision(
        self, probabilities: NDArray[np.float64], targets: NDArray[np.int64], weights: NDArray[np.float64] | None
    ) -> Decision:
        """Return the decision with that threshold, which never abstains."""
        return Decision(self.positive, self.threshold(probabilities, targets, weights))

    def facts(
        self, decision: Decision, probabilities: NDArray[np.float64], targets: NDArray[np.int64], label: str
    ) -> dict[str, Any]:
        """Return what is told of a decision: the label, the goal, and how good it and a half are on the validation
        rows."""
        chances, positive = probabilities[:, self.positive], targets == self.positive
        return {
            "label": label,
            "goal": self.goal.written,
            "goal_in_words": self.goal.words,
            "rows": len(targets),
            "positive_rows": int(positive.sum()),
            "value": threshold_value(chances, positive, self.goal, decision.threshold),
            "value_at_half": threshold_value(chances, positive, self.goal, HALF),
        }


def tuning(options: DecisionOptions, labels: Sequence[str], counts: Sequence[int], seed: int) -> Tuning | None:
    """Return what `options` ask to tune, None for nothing. counts: training rows of each label.

    Raises OptionError where there are more than two labels, or the label to be positive is none of them.
    """
    if options.tune_threshold is None:
        return None
    if len(labels) != 2:
        raise OptionError(
            f"--tune-threshold is for two labels, and there are {len(labels)}: of more, the most probable one is "
            "answered. Leave it out; --class-weight makes a rare label count for more, and --abstain withholds answers."
        )
    positive = int(np.argmin(counts))
    if options.positive is not None:
        if options.positive not in labels:
            raise OptionError(
                f"--positive {brief(options.positive)}: there is no such label."
                f"{did_you_mean(options.positive, labels)} Labels: {labels[0]}, {labels[1]}."
            )
        positive = list(labels).index(options.positive)
    return Tuning(positive, Goal.of(options.tune_threshold), seed)
