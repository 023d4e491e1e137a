"""What a network that answers a whole text is trained for: one subclass of `Objective` for each kind of answer."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping
from typing import Any, ClassVar

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from recurra.inference.batching import batches_by_length
from recurra.many_to_one.learn.examples import Examples, Targets
from recurra.many_to_one.learn.linear_problem import LinearProblem, Scale
from recurra.many_to_one.shape import LinkName
from recurra.training.logistic_regression import SparseRows
from recurra.training.objective import Validation

SCORING_TOKENS = 2**15
"""Tokens of a batch that is scored, padding included: this bounds memory however long the texts are."""

Floats = NDArray[np.float64]


class Objective(ABC):
    """The loss and the figures of one kind of answer. What it learns from are `Examples.targets`, in the form of the
    objective; numbers may be standardised.

    link: from logits to answers (`link.py`). levels: of classes in an order, how many; else 0. outputs: units of the
    head. classes: how many classes or labels are to be told apart, 2 of a number: defaults depend on it.
    calibrate: fit a temperature on the validation rows, and watch the loss that is left after that: late epochs are
    often overconfident and yet separate the classes best.
    ngrams_first: whether n-grams of many rows are fitted before the network, which is then trained on what they leave
    over, or afterwards, to be averaged with it.
    unit: what a difference between two answers is to be judged by.
    """

    link: ClassVar[LinkName]
    levels: int = 0
    calibrate: bool = True
    ngrams_first: ClassVar[bool] = True
    unit: float = 1.0

    @property
    @abstractmethod
    def outputs(self) -> int: ...

    @property
    @abstractmethod
    def classes(self) -> int: ...

    @abstractmethod
    def losses(self, logits: Tensor, targets: Targets) -> Tensor:
        """Return the loss of each row [B]. logits: of the whole model [B, O] float32."""

    def loss(self, outputs: Tensor, targets: Targets) -> Tensor:
        """Return the mean loss of a batch. outputs: logits of the network [B, O] float32.

        Rows count by their weights, whose mean over the training rows is 1.
        """
        losses = self.losses(targets.whole(outputs), targets)
        return losses.mean() if targets.weights is None else (losses * targets.weights).mean()

    @abstractmethod
    def metrics(self, outputs: Tensor, targets: Targets) -> dict[str, float]:
        """Return named sums over a batch, "count" among them: see `training.objective.Objective`."""

    @abstractmethod
    def summarise(self, sums: Mapping[str, float]) -> dict[str, float]:
        """Return the metrics of an epoch from the sums over its batches."""

    @abstractmethod
    def validation(self, logits: Floats, rows: Examples) -> Validation:
        """Return the values on the validation rows of an epoch. logits: [N, O]."""

    def validate(self, network: nn.Module, rows: Examples, device: torch.device) -> Validation:
        """Evaluate the network on the validation rows."""
        return self.validation(self.logits(network, rows, device), rows)

    def logits(self, network: nn.Module, rows: Examples, device: torch.device) -> Floats:
        """Return the logits [N, O], in the order of the rows, computed in float32."""
        network.eval()
        parts: list[tuple[NDArray[np.intp], NDArray[np.float32]]] = []
        with torch.inference_mode():
            for chosen in batches_by_length(rows.lengths, SCORING_TOKENS):
                batch, _ = rows.batch(chosen, device)
                parts.append((chosen, network(batch).float().cpu().numpy()))
        logits = np.empty((len(rows), parts[0][1].shape[1] if parts else self.outputs), dtype=np.float32)
        for chosen, part in parts:
            logits[chosen] = part
        return logits.astype(np.float64)

    @abstractmethod
    def temperature(self, logits: Floats, rows: Examples, prior: float = 0.0) -> float:
        """Return the number by which logits [N, O] are best divided, whether or not `calibrate` asks for it.

        prior: see `evaluation.calibration.fit_temperature`. Of a number it is 1.
        """

    @abstractmethod
    def mean_loss(self, logits: Floats, rows: Examples) -> float:
        """Return the mean loss of logits [N, O], by the rows' weights."""

    def calibrated_loss(self, logits: Floats, rows: Examples) -> float:
        """Return the mean loss of logits [N, O] divided by the best temperature."""
        return self.mean_loss(logits / self.temperature(logits, rows), rows)

    @abstractmethod
    def figures(self, answers: Floats, rows: Examples) -> dict[str, Any]:
        """Return what is told of the answers [N, K] to validation rows, by name: plain values, in the targets' unit."""

    @abstractmethod
    def quality(self, answers: NDArray[Any], targets: NDArray[Any]) -> float:
        """Return how good answers [N, K] are: 1 is perfect, such as accuracy."""

    @abstractmethod
    def changed(self, answers: NDArray[Any], others: NDArray[Any]) -> int:
        """Return how many rows two sets of answers [N, K] decide differently."""

    @abstractmethod
    def problem(
        self,
        data: SparseRows,
        targets: NDArray[Any],
        seed: int,
        scale: Scale,
        weights: NDArray[np.float32] | None,
        network: Any = None,
    ) -> LinearProblem:
        """Return the linear model of n-grams that answers the same question. data: [N, F]; targets: [N, ..]; network:
        the trained one that it is to be averaged with, if any."""

    def start_head(self, features: Floats, targets: NDArray[Any]) -> tuple[Floats, Floats] | None:
        """Return the head's weights [outputs, P] and bias [outputs] of a linear model on pooled features [N, P], or
        None where rows do not tell."""
        return None

    def start(self, network: Any, targets: NDArray[Any]) -> None:  # noqa: B027 (most have nothing to say)
        """Give a new network what training rows say beforehand, such as thresholds."""

    def begin(self, network: Any) -> None:  # noqa: B027
        """Undo `finish`, in place, so that a trained network can be trained further."""

    def finish(self, network: Any) -> None:  # noqa: B027
        """Change a trained network, in place, so that it answers in the unit of the targets."""
