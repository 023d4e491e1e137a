"""Training for one of several classes in an order: a score for each text, and thresholds between the classes.

A text is above threshold k with the probability sigmoid(score - t_k): the proportional odds model (McCullagh, 1980:
Regression models for ordinal data). N-grams are averaged with the network by a regression for the same thresholds.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.nn import functional

from recurra.evaluation.temperature import COLDEST, HOTTEST
from recurra.many_to_one.learn.examples import Examples, Targets
from recurra.many_to_one.learn.linear_problem import LinearProblem, Scale, inverse_frequency
from recurra.many_to_one.learn.objective import Floats, Objective
from recurra.many_to_one.link import LINKS
from recurra.training.logistic_regression import SparseRows
from recurra.training.objective import Monitor, Validation

CLOSEST = 1e-6
"""Thresholds that are closer than this count as so far apart."""
ITERATIONS = 100
"""Of the solver of the regression on n-grams, at most."""


@dataclass(frozen=True)
class Order(Objective):
    """Which of K classes in an order?

    number: K, at least 2; a target is the place of a label in the order, from 0.
    """

    link = "cumulative"
    ngrams_first = False

    number: int
    calibrate: bool = True

    @property
    def levels(self) -> int:  # type: ignore[override]
        return self.number

    @property
    def classes(self) -> int:
        return self.number

    @property
    def outputs(self) -> int:
        return 1

    def losses(self, logits: Tensor, targets: Targets) -> Tensor:
        """Return the cross-entropy of each row in nats [B]. logits: [B, K - 1], of being above each threshold."""
        chances = log_probabilities(logits)
        if targets.probabilities is not None:
            return -(targets.probabilities.to(chances.dtype) * chances).sum(dim=1)
        return -chances.gather(1, targets.labels[:, None])[:, 0]

    def metrics(self, outputs: Tensor, targets: Targets) -> dict[str, float]:
        """Return how many rows are right, by how many steps the others are off, and how many there are; of those with a
        label."""
        predicted = log_probabilities(targets.whole(outputs)).argmax(dim=1)
        labelled = targets.labels >= 0
        off = (predicted - targets.labels).abs()[labelled]
        return {
            "correct": int((off == 0).sum()),
            "off": int(off.sum()),
            "labelled": int(labelled.sum()),
            "count": len(targets),
        }

    def summarise(self, sums: Mapping[str, float]) -> dict[str, float]:
        """Return the accuracy, and by how many steps answers are off on average."""
        rows = max(1, sums["labelled"])
        return {"accuracy": sums["correct"] / rows, "steps_off": sums["off"] / rows}

    def validation(self, logits: Floats, rows: Examples) -> Validation:
        """Evaluate by the log loss, after calibration where `calibrate` asks for it."""
        loss = self.mean_loss(logits, rows)
        monitor = Monitor("loss", loss)
        if self.calibrate:
            monitor = Monitor("calibrated_loss", self.calibrated_loss(logits, rows))
        off = np.abs(LINKS["cumulative"].exact(logits).argmax(axis=1) - rows.targets)
        values = {"loss": loss, "accuracy": float((off == 0).mean()), "steps_off": float(off.mean())}
        return Validation(values, monitor)

    def temperature(self, logits: Floats, rows: Examples, prior: float = 0.0) -> float:
        """Return the number by which the logits are best divided; the loss is convex in its inverse."""
        from scipy.optimize import minimize_scalar

        def cost(log: float) -> float:
            return len(rows) * self.mean_loss(logits / np.exp(log), rows) + prior * log**2

        found = minimize_scalar(
            cost, bounds=(np.log(COLDEST), np.log(HOTTEST)), method="bounded", options={"xatol": 1e-4}
        )
        return float(np.exp(found.x))

    def mean_loss(self, logits: Floats, rows: Examples) -> float:
        chances = log_probabilities(torch.from_numpy(np.asarray(logits, dtype=np.float64))).numpy()
        return float(np.average(-chances[np.arange(len(rows)), rows.targets], weights=rows.weights))

    def figures(self, answers: Floats, rows: Examples) -> dict[str, Any]:
        """Return accuracy, log_loss and steps_off."""
        of_truth = answers[np.arange(len(answers)), rows.targets]
        return {
            "accuracy": self.quality(answers, rows.targets),
            "log_loss": float(-np.log(np.maximum(of_truth, np.finfo(np.float64).tiny)).mean()),
            "steps_off": float(np.abs(answers.argmax(axis=1) - rows.targets).mean()),
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
        """Return the proportional odds model with the thresholds of the network."""
        thresholds = first_thresholds(targets, self.number)
        if network is not None:
            thresholds = network.thresholds().detach().double().numpy()
        return OrderProblem(
            data, targets, seed, "none" if scale == "none" else "frequency", weights, thresholds=thresholds
        )

    def start(self, network: Any, targets: NDArray[Any]) -> None:
        """Begin with thresholds that give each class its share of the rows."""
        network.thresholds.start(first_thresholds(targets, self.number))


def log_probabilities(logits: Tensor) -> Tensor:
    """Return the log-probability of each class [B, K] from the logits of being above each threshold [B, K - 1]."""
    nothing = torch.zeros_like(logits[:, :1])
    above = torch.cat([nothing, functional.logsigmoid(logits)], dim=1)
    below = torch.cat([functional.logsigmoid(-logits), nothing], dim=1)
    apart = (logits[:, :-1] - logits[:, 1:]).clamp(min=CLOSEST)  # [B, K - 2], of the classes between two thresholds
    between = torch.log(-torch.expm1(-apart))
    if logits.shape[1] == 1:
        return above + below
    return above + below + torch.cat([nothing, between, nothing], dim=1)


def first_thresholds(targets: NDArray[Any], classes: int) -> Floats:
    """Return the thresholds [K - 1] at which a score of 0 gives each class its share of targets [N]."""
    counts = np.bincount(targets[targets >= 0], minlength=classes) + 0.5
    above = counts[::-1].cumsum()[::-1][1:] / counts.sum()
    return np.asarray(np.log((1 - above) / above), dtype=np.float64)


@dataclass(frozen=True)
class OrderProblem(LinearProblem):
    """One of K classes in an order, by a linear score of n-grams; targets: [N], the place of each row's class.

    thresholds: [K - 1], given: the score is to be averaged with another that has the same.
    """

    thresholds: NDArray[np.float64] = None  # type: ignore[assignment]  # it is always given

    def fit(
        self, rows: NDArray[np.int64], c: float, threads: int = 1
    ) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Minimise |w|^2 / 2 + C sum_i loss_i by L-BFGS, the intercept left free."""
        from scipy.optimize import minimize

        matrix, targets = self.data.scipy()[rows], self.targets[rows]
        shares = np.ones(len(rows)) if self.weights is None else self.weights[rows].astype(np.float64)
        scale = np.ones(self.data.features)
        offset = 0.0 if self.offset is None else self.offset[rows, 0]
        if self.scale != "none":
            counts = self.data.class_counts(np.zeros(len(self.data), dtype=np.int32), 1, rows)
            scale = inverse_frequency(counts, len(rows)).astype(np.float64)

        def cost(solution: Floats) -> tuple[float, Floats]:
            weights, intercept = solution[:-1], solution[-1]
            losses, slopes = score_losses(matrix @ (scale * weights) + intercept + offset, targets, self.thresholds)
            slopes = c * shares * slopes
            gradient = np.concatenate([weights + scale * (matrix.T @ slopes), [slopes.sum()]])
            return float(weights @ weights / 2 + c * shares @ losses), gradient

        found = minimize(
            cost, np.zeros(self.data.features + 1), jac=True, method="L-BFGS-B", options={"maxiter": ITERATIONS}
        )
        return (scale * found.x[:-1])[:, None], found.x[-1:]

    def loss(self, scores: NDArray[np.float64], rows: NDArray[np.int64]) -> float:
        losses, _ = score_losses(scores[:, 0], self.targets[rows], self.thresholds)
        return float(np.average(losses, weights=None if self.weights is None else self.weights[rows]))


def score_losses(scores: Floats, targets: NDArray[Any], thresholds: Floats) -> tuple[Floats, Floats]:
    """Return the log losses of scores [N] for classes [N], and their slopes by the score."""
    low = np.concatenate([[-np.inf], thresholds])[targets]
    high = np.concatenate([thresholds, [np.inf]])[targets]
    above, below = scores - low, scores - high  # infinite beyond the first and the last class
    between = np.log(-np.expm1(-np.maximum(high - low, CLOSEST)))
    losses = np.logaddexp(0, -above) + np.logaddexp(0, below) - between
    slopes = _sigmoid(below) - _sigmoid(-above)
    return np.asarray(losses), np.asarray(slopes)


def _sigmoid(values: Floats) -> Floats:
    small = np.exp(-np.abs(values))
    return np.asarray(np.where(values >= 0, 1.0, small) / (1.0 + small))
