"""Training for one label a sequence.

Two classes share one sigmoid unit, as in the tutorial; K > 2 classes have a softmax over K units.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import torch
from torch import Tensor, nn
from torch.nn import functional

from recurra.evaluation.calibration import fit_temperature
from recurra.inference.batching import batches_by_length
from recurra.tasks.classify.learn.examples import Examples, Targets
from recurra.training.objective import Monitor, Validation

SCORING_TOKENS = 2**15
"""Tokens of a batch that is scored, padding included: this bounds memory however long the texts are."""


@dataclass(frozen=True)
class Classification:
    """Which of K labels?

    classes: K, at least 2; a target is the index of a label. calibrate: monitor the loss that is left after
    temperature scaling, which the exported model has too: late epochs are often overconfident and yet separate the
    classes best.
    """

    classes: int
    calibrate: bool = True

    @property
    def outputs(self) -> int:
        """Units of the head: 1 for two classes, else K."""
        return 1 if self.classes == 2 else self.classes

    def loss(self, outputs: Tensor, targets: Targets) -> Tensor:
        """Return the mean cross-entropy in nats. outputs: logits [B, outputs] float32."""
        logits = targets.whole(outputs)
        if targets.probabilities is not None:
            wanted = targets.probabilities.to(logits.dtype)
            if self.outputs == 1:
                return functional.binary_cross_entropy_with_logits(logits[:, 0], wanted[:, 1])
            return functional.cross_entropy(logits, wanted)
        if self.outputs == 1:
            return functional.binary_cross_entropy_with_logits(logits[:, 0], targets.labels.to(logits.dtype))
        return functional.cross_entropy(logits, targets.labels)

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

    def log_probabilities(self, logits: Tensor) -> Tensor:
        """Return the log-probability of each label, [B, K]."""
        if self.outputs == 1:
            return torch.cat([functional.logsigmoid(-logits), functional.logsigmoid(logits)], dim=-1)
        return logits.log_softmax(-1)

    def score(self, network: nn.Module, rows: Examples, device: torch.device) -> Tensor:
        """Return log-probabilities [N, K] float32 on the CPU, in the order of the rows, computed in float32."""
        network.eval()
        answers = torch.empty(len(rows), self.classes)
        with torch.inference_mode():
            for chosen in batches_by_length(rows.lengths, SCORING_TOKENS):
                batch, _ = rows.batch(chosen, device)
                answers[torch.from_numpy(chosen)] = self.log_probabilities(network(batch)).cpu()
        return answers

    def validate(self, network: nn.Module, rows: Examples, device: torch.device) -> Validation:
        """Evaluate by the log loss, after calibration where `calibrate` asks for it."""
        answers = self.score(network, rows, device)
        targets = torch.from_numpy(rows.targets)
        loss = float(functional.nll_loss(answers.double(), targets))
        monitor = Monitor("loss", loss)
        if self.calibrate:
            temperature = fit_temperature(answers.numpy(), rows.targets)
            calibrated = functional.nll_loss((answers.double() / temperature).log_softmax(-1), targets)
            monitor = Monitor("calibrated_loss", float(calibrated))
        accuracy = float((answers.argmax(-1) == targets).double().mean())
        return Validation({"loss": loss, "accuracy": accuracy}, monitor)
