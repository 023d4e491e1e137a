"""Training for one label a text.

Two classes share one sigmoid unit, as in the tutorial; K > 2 classes have a softmax over K units.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from torch import Tensor
from torch.nn import functional

from recurra.evaluation.calibration import class_logits, fit_temperature
from recurra.many_to_one.learn.examples import Examples, Targets
from recurra.many_to_one.learn.linear_problem import LinearProblem, LogisticProblem, Scale, log_loss
from recurra.many_to_one.learn.objective import Floats, Objective
from recurra.training.logistic_regression import SparseRows
from recurra.training.objective import Monitor, Validation

PENALTY = 0.01
"""C of the regression from which a head starts, over features of variance 1."""
ITERATIONS = 300


@dataclass(frozen=True)
class Classification(Objective):
    """Which of K labels?

    number: K, at least 2; a target is the index of a label.
    """

    link = "softmax"

    number: int
    calibrate: bool = True

    @property
    def classes(self) -> int:
        return self.number

    @property
    def outputs(self) -> int:
        """Units of the head: 1 for two classes, else K."""
        return 1 if self.number == 2 else self.number

    def losses(self, logits: Tensor, targets: Targets) -> Tensor:
        """Return the cross-entropy of each row in nats [B]."""
        if targets.probabilities is not None:
            wanted = targets.probabilities.to(logits.dtype)
            if self.outputs == 1:
                return functional.binary_cross_entropy_with_logits(logits[:, 0], wanted[:, 1], reduction="none")
            return functional.cross_entropy(logits, wanted, reduction="none")
        if self.outputs == 1:
            return functional.binary_cross_entropy_with_logits(
                logits[:, 0], targets.labels.to(logits.dtype), reduction="none"
            )
        return functional.cross_entropy(logits, targets.labels, reduction="none")

    def metrics(self, outputs: Tensor, targets: Targets) -> dict[str, float]:
        """Return how many rows are classified correctly, and how many there are, also of those that have a label."""
        correct = self.predicted(targets.whole(outputs)) == targets.labels
        sums: dict[str, float] = {"correct": int(correct.sum()), "count": len(targets)}
        return sums if targets.probabilities is None else {**sums, "labelled": int((targets.labels >= 0).sum())}

    def summarise(self, sums: Mapping[str, float]) -> dict[str, float]:
        """Return the share of the rows with a label that are classified correctly."""
        return {"accuracy": sums["correct"] / max(1, sums.get("labelled", sums["count"]))}

    def predicted(self, logits: Tensor) -> Tensor:
        """Return the index of the likeliest label, [B] int64. A tie goes to the lower index."""
        return (logits[:, 0] > 0).long() if self.outputs == 1 else logits.argmax(-1)

    def validation(self, logits: Floats, rows: Examples) -> Validation:
        """Evaluate by the log loss, after calibration where `calibrate` asks for it."""
        loss = self.mean_loss(logits, rows)
        monitor = Monitor("loss", loss)
        if self.calibrate:
            monitor = Monitor("calibrated_loss", self.calibrated_loss(logits, rows))
        accuracy = float((class_logits(logits).argmax(-1) == rows.targets).mean())
        return Validation({"loss": loss, "accuracy": accuracy}, monitor)

    def temperature(self, logits: Floats, rows: Examples, prior: float = 0.0) -> float:
        return fit_temperature(class_logits(logits), rows.targets, prior, rows.weights)

    def mean_loss(self, logits: Floats, rows: Examples) -> float:
        return log_loss(logits, rows.targets, rows.weights)

    def figures(self, answers: Floats, rows: Examples) -> dict[str, Any]:
        """Return accuracy and log_loss."""
        of_truth = answers[np.arange(len(answers)), rows.targets]
        return {
            "accuracy": self.quality(answers, rows.targets),
            "log_loss": float(-np.log(np.maximum(of_truth, np.finfo(np.float64).tiny)).mean()),
        }

    def quality(self, answers: NDArray[Any], targets: NDArray[Any]) -> float:
        return float((answers.argmax(axis=1) == targets).mean())

    def changed(self, answers: NDArray[Any], others: NDArray[Any]) -> int:
        return int((answers.argmax(axis=1) != others.argmax(axis=1)).sum())

    def problem(
        self,
        data: SparseRows,
        targets: NDArray[Any],
        seed: int,
        scale: Scale,
        weights: NDArray[np.float32] | None,
        network: Any = None,
    ) -> LinearProblem:
        return LogisticProblem(data, targets, seed, scale, weights, classes=self.number)

    def start_head(self, features: Floats, targets: NDArray[Any]) -> tuple[Floats, Floats] | None:
        """Return those of a logistic regression; a class without a row starts with the least intercept."""
        from sklearn.linear_model import LogisticRegression

        if len(np.unique(targets)) < 2:
            return None
        fitted = LogisticRegression(C=PENALTY, max_iter=ITERATIONS).fit(features, targets)
        weights, bias = fitted.coef_, fitted.intercept_
        if len(weights) == self.outputs == 1:
            return weights, bias
        if len(weights) == 1:  # two of more classes
            weights, bias = np.concatenate([-weights, weights]), np.concatenate([-bias, bias])
        whole, intercepts = np.zeros((self.outputs, features.shape[1])), np.full(self.outputs, bias.min())
        whole[fitted.classes_], intercepts[fitted.classes_] = weights, bias
        return whole, intercepts
