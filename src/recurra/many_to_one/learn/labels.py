"""Training for any of several labels a text: a sigmoid unit for each, and the cross-entropy of each yes or no."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.nn import functional

from recurra.evaluation.calibration import fit_temperature
from recurra.many_to_one.learn.examples import Examples, Targets
from recurra.many_to_one.learn.linear_problem import LinearProblem, Scale, inverse_frequency
from recurra.many_to_one.learn.objective import Floats, Objective
from recurra.training.logistic_regression import SparseRows, fit_one_vs_rest, naive_bayes_ratio
from recurra.training.objective import Monitor, Validation

PENALTY = 0.01
"""C of the regressions from which a head starts, over features of variance 1."""
ITERATIONS = 300


@dataclass(frozen=True)
class Labels(Objective):
    """Which of L labels, each by itself?

    number: L, at least 1; the targets of a row are 0 or 1 for each, [N, L]. Losses are sums over the labels.
    """

    link = "sigmoid"

    number: int
    calibrate: bool = True

    @property
    def classes(self) -> int:
        return max(2, self.number)

    @property
    def outputs(self) -> int:
        return self.number

    def losses(self, logits: Tensor, targets: Targets) -> Tensor:
        """Return the cross-entropy of each row in nats [B], the sum over its labels."""
        wanted = targets.labels.to(logits.dtype)
        return functional.binary_cross_entropy_with_logits(logits, wanted, reduction="none").sum(dim=1)

    def metrics(self, outputs: Tensor, targets: Targets) -> dict[str, float]:
        """Return how many labels are given with a probability of a half, how many of them rightly, and how many there
        are."""
        given, has = targets.whole(outputs) > 0, targets.labels > 0
        return {
            "hits": int((given & has).sum()),
            "given": int(given.sum()),
            "labels": int(has.sum()),
            "count": len(targets),
        }

    def summarise(self, sums: Mapping[str, float]) -> dict[str, float]:
        """Return micro F1 with the threshold of a half."""
        return {"micro_f1": 2 * sums["hits"] / max(1, sums["given"] + sums["labels"])}

    def validation(self, logits: Floats, rows: Examples) -> Validation:
        """Evaluate by the log loss, after calibration where `calibrate` asks for it."""
        loss = self.mean_loss(logits, rows)
        monitor = Monitor("loss", loss)
        if self.calibrate:
            monitor = Monitor("calibrated_loss", self.calibrated_loss(logits, rows))
        return Validation({"loss": loss, "micro_f1": _micro_f1(logits > 0, rows.targets)}, monitor)

    def temperature(self, logits: Floats, rows: Examples, prior: float = 0.0) -> float:
        """Return the temperature that all labels share: that of their yes and no as two classes."""
        flat = logits.reshape(-1)
        weights = None if rows.weights is None else np.repeat(rows.weights, logits.shape[1])
        return fit_temperature(np.stack([np.zeros_like(flat), flat], axis=1), rows.targets.reshape(-1), prior, weights)

    def mean_loss(self, logits: Floats, rows: Examples) -> float:
        return float(np.average(_losses(logits, rows.targets).sum(axis=1), weights=rows.weights))

    def figures(self, answers: Floats, rows: Examples) -> dict[str, Any]:
        """Return micro_f1 with the threshold of a half, and log_loss, the mean over rows and labels."""
        least = np.finfo(np.float64).tiny
        of_truth = np.maximum(np.where(rows.targets > 0, answers, 1.0 - answers), least)
        return {"micro_f1": _micro_f1(answers >= 0.5, rows.targets), "log_loss": float(-np.log(of_truth).mean())}

    def quality(self, answers: NDArray[Any], targets: NDArray[Any]) -> float:
        return float(((answers >= 0.5) == (targets > 0)).mean())

    def changed(self, answers: NDArray[Any], others: NDArray[Any]) -> int:
        return int(((answers >= 0.5) != (others >= 0.5)).any(axis=1).sum())

    def problem(
        self,
        data: SparseRows,
        targets: NDArray[Any],
        seed: int,
        scale: Scale,
        weights: NDArray[np.float32] | None,
        network: Any = None,
    ) -> LinearProblem:
        return LabelsProblem(data, targets, seed, scale, weights)

    def start_head(self, features: Floats, targets: NDArray[Any]) -> tuple[Floats, Floats] | None:
        """Return those of a logistic regression for each label; one that all rows have, or none, starts with the bias
        of its share alone."""
        from sklearn.linear_model import LogisticRegression

        weights, bias = np.zeros((self.outputs, features.shape[1])), np.empty(self.outputs)
        for k in range(self.outputs):
            has = targets[:, k] > 0
            share = (has.sum() + 0.5) / (len(has) + 1)
            bias[k] = np.log(share / (1 - share))
            if 0 < has.sum() < len(has):
                fitted = LogisticRegression(C=PENALTY, max_iter=ITERATIONS).fit(features, has)
                weights[k], bias[k] = fitted.coef_[0], fitted.intercept_[0]
        return weights, bias

    def start(self, network: Any, targets: NDArray[Any]) -> None:
        """Start the bias of each label at the log-odds of its share of the rows, which most labels are far from half
        of."""
        shares = (targets.sum(axis=0, dtype=np.float64) + 0.5) / (len(targets) + 1)
        with torch.no_grad():
            network.head.bias.copy_(torch.from_numpy(np.log(shares / (1 - shares)).astype(np.float32)))


@dataclass(frozen=True)
class LabelsProblem(LinearProblem):
    """Any of L labels, by a logistic regression each; targets: [N, L], 0 or 1."""

    def fit(
        self, rows: NDArray[np.int64], c: float, threads: int = 1
    ) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        model = fit_one_vs_rest(
            self.data,
            self.targets,
            c=c,
            rows=rows,
            weights=self.weights,
            scale=self._scale(rows),
            offset=None if self.offset is None else self.offset.astype(np.float32),
            seed=self.seed,
            threads=threads,
        )
        return model.coefficients, model.intercept

    def loss(self, scores: NDArray[np.float64], rows: NDArray[np.int64]) -> float:
        weights = None if self.weights is None else self.weights[rows]
        return float(np.average(_losses(scores, self.targets[rows]).sum(axis=1), weights=weights))

    def _scale(self, rows: NDArray[np.int64]) -> NDArray[np.float32] | None:
        """Return the factors of the features: [F], or [F, L] of the naive Bayes ratio of each label."""
        if self.scale == "none":
            return None
        if self.scale == "frequency":
            return inverse_frequency(self.data.class_counts(np.zeros(len(self.targets)), 1, rows), len(rows))
        ratios = [
            naive_bayes_ratio(self.data.class_counts(self.targets[:, k], 2, rows)) for k in range(self.targets.shape[1])
        ]
        return np.concatenate(ratios, axis=1)


def _losses(logits: NDArray[Any], targets: NDArray[Any]) -> NDArray[np.float64]:
    """Return -log p of the truth [N, L]. logits: [N, L]; targets: [N, L], 0 or 1."""
    return np.asarray(np.logaddexp(0.0, np.where(targets > 0, -logits, logits)))


def _micro_f1(given: NDArray[np.bool_], targets: NDArray[Any]) -> float:
    has = targets > 0
    return float(2 * (given & has).sum() / max(1, given.sum() + has.sum()))
