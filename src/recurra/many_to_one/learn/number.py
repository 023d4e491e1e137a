"""Training for a number a text: targets are standardised, and the answers are in their own unit in the end."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Literal

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.nn import functional

from recurra.many_to_one.learn.examples import Examples, Targets
from recurra.many_to_one.learn.linear_problem import LinearProblem, Scale, inverse_frequency
from recurra.many_to_one.learn.objective import Floats, Objective
from recurra.training.logistic_regression import SparseRows
from recurra.training.objective import Monitor, Validation
from recurra.training.ridge_regression import RidgeProblem

Loss = Literal["squared", "huber", "absolute"]

HUBER = 1.0
"""Errors beyond so many standard deviations count by their size instead of their square, under Huber's loss."""
PENALTY = 0.03
"""The alpha of a ridge regression is this over C, times the mean square of a row's features: what it costs does not
depend on how long the texts are."""
MOVED = 0.01
"""A prediction that moves by more standard deviations than this counts as changed."""
HEAD_PENALTY = 100.0
"""Of the ridge regression from which a head starts, over features of variance 1."""


@dataclass(frozen=True)
class Number(Objective):
    """Which number?

    mean, deviation: of the training targets; `Examples.targets` are less the mean and divided by the deviation.
    measure: what an error costs, in standard deviations: half its square, Huber's loss, or its size.
    """

    link = "identity"
    ngrams_first = False

    mean: float
    deviation: float
    measure: Loss = "squared"
    calibrate: bool = False

    @classmethod
    def of(cls, targets: NDArray[np.float64], measure: Loss = "squared") -> Number:
        """Return the objective of training targets [N], in their own unit."""
        return cls(float(targets.mean()), float(targets.std()) or 1.0, measure)

    def standardised(self, targets: NDArray[np.float64]) -> NDArray[np.float32]:
        """Return targets [N] as `Examples` have them."""
        return ((targets - self.mean) / self.deviation).astype(np.float32)

    def own(self, targets: NDArray[Any]) -> Floats:
        """Return standardised targets [N] in their own unit."""
        return np.asarray(targets, dtype=np.float64) * self.deviation + self.mean

    @property
    def outputs(self) -> int:
        return 1

    @property
    def classes(self) -> int:
        return 2

    @property
    def unit(self) -> float:  # type: ignore[override]
        """A standard deviation of the targets."""
        return self.deviation

    def losses(self, logits: Tensor, targets: Targets) -> Tensor:
        """Return the loss of each row [B], of numbers in standard deviations."""
        predictions, truth = logits[:, 0], targets.labels.to(logits.dtype)
        if self.measure == "absolute":
            return functional.l1_loss(predictions, truth, reduction="none")
        if self.measure == "huber":
            return functional.huber_loss(predictions, truth, reduction="none", delta=HUBER)
        return functional.mse_loss(predictions, truth, reduction="none") / 2

    def metrics(self, outputs: Tensor, targets: Targets) -> dict[str, float]:
        """Return the sum of the absolute errors, in the targets' unit."""
        errors = (targets.whole(outputs)[:, 0] - targets.labels).abs()
        return {"absolute_error": float(errors.sum()) * self.deviation, "count": len(targets)}

    def summarise(self, sums: Mapping[str, float]) -> dict[str, float]:
        """Return the mean absolute error."""
        return {"mae": sums["absolute_error"] / max(1, sums["count"])}

    def validation(self, logits: Floats, rows: Examples) -> Validation:
        """Evaluate by the loss."""
        loss = self.mean_loss(logits, rows)
        errors = np.abs(logits[:, 0] - rows.targets)
        return Validation({"loss": loss, "mae": float(errors.mean()) * self.deviation}, Monitor("loss", loss))

    def temperature(self, logits: Floats, rows: Examples, prior: float = 0.0) -> float:
        return 1.0

    def mean_loss(self, logits: Floats, rows: Examples) -> float:
        targets = Targets(torch.from_numpy(np.asarray(rows.targets, dtype=np.float64)))
        losses = self.losses(torch.from_numpy(np.asarray(logits, dtype=np.float64)), targets).numpy()
        return float(np.average(losses, weights=rows.weights))

    def figures(self, answers: Floats, rows: Examples) -> dict[str, Any]:
        """Return mae and rmse."""
        errors = answers[:, 0] - self.own(rows.targets)
        return {"mae": float(np.abs(errors).mean()), "rmse": float(np.sqrt(np.square(errors).mean()))}

    def quality(self, answers: NDArray[Any], targets: NDArray[Any]) -> float:
        """Return R², 0 where all targets are equal."""
        truth = self.own(targets)
        spread = float(np.square(truth - truth.mean()).sum())
        return 1 - float(np.square(answers[:, 0] - truth).sum()) / spread if spread else 0.0

    def changed(self, answers: NDArray[Any], others: NDArray[Any]) -> int:
        return int((np.abs(answers - others) > MOVED * self.deviation).sum())

    def problem(
        self,
        data: SparseRows,
        targets: NDArray[Any],
        seed: int,
        scale: Scale,
        weights: NDArray[np.float32] | None,
        network: Any = None,
    ) -> LinearProblem:
        return RidgeLinearProblem(data, targets, seed, "none" if scale == "none" else "frequency", weights)

    def start_head(self, features: Floats, targets: NDArray[Any]) -> tuple[Floats, Floats] | None:
        """Return those of a ridge regression."""
        from sklearn.linear_model import Ridge

        fitted = Ridge(HEAD_PENALTY).fit(features, targets)
        return fitted.coef_[None], np.array([fitted.intercept_])

    @torch.no_grad()
    def begin(self, network: Any) -> None:
        """Make the answers, which are in the unit of the targets, standardised."""
        network.head.bias.sub_(self.mean).div_(self.deviation)
        network.head.weight.div_(self.deviation)
        if network.ngrams is not None:
            network.scale_ngrams(1 / self.deviation)
        if network.features is not None:
            network.features.scale(1 / self.deviation)

    @torch.no_grad()
    def finish(self, network: Any) -> None:
        """Make the answers those in the unit of the targets."""
        network.head.weight.mul_(self.deviation)
        network.head.bias.mul_(self.deviation).add_(self.mean)
        if network.ngrams is not None:
            network.scale_ngrams(self.deviation)
        if network.features is not None:
            network.features.scale(self.deviation)


@dataclass(frozen=True)
class RidgeLinearProblem(LinearProblem):
    """A number, by ridge regression on n-grams scaled by their inverse document frequency; targets: [N]."""

    def fit(
        self, rows: NDArray[np.int64], c: float, threads: int = 1
    ) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        scale = self._frequencies(rows) if self.scale != "none" else None
        sizes = np.diff(self.data.indptr)[rows]
        factor = 1.0 if scale is None else float(np.mean(np.square(scale[self.data.indices])))
        alpha = PENALTY / c * max(1.0, float(sizes.mean())) * factor
        model = self._whole.fit(alpha, rows=rows, scale=scale)
        return model.coefficients[:, None], np.array([model.intercept])

    def loss(self, scores: NDArray[np.float64], rows: NDArray[np.int64]) -> float:
        weights = None if self.weights is None else self.weights[rows]
        return float(np.average(np.square(scores[:, 0] - self.targets[rows]), weights=weights)) / 2

    @cached_property
    def _whole(self) -> RidgeProblem:
        left = self.targets if self.offset is None else self.targets - self.offset[:, 0]
        return RidgeProblem(self.data, left, self.weights)

    def _frequencies(self, rows: NDArray[np.int64]) -> NDArray[np.float32]:
        counts = self.data.class_counts(np.zeros(len(self.data), dtype=np.int32), 1, rows)
        return inverse_frequency(counts, len(rows))
