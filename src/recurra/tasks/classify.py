"""Many-to-one: one label for a whole sequence.

Two classes share one sigmoid unit, as in the tutorial; K > 2 classes have a softmax over K units.
"""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor
from torch.nn import functional


@dataclass(frozen=True)
class Classify:
    """classes: K, the number of labels, at least 2. A target is the index of a label."""

    classes: int

    @property
    def outputs(self) -> int:
        """Units of the head: 1 for two classes, else K."""
        return 1 if self.classes == 2 else self.classes

    def loss(self, logits: Tensor, targets: Tensor) -> Tensor:
        """Return the mean cross-entropy in nats. logits: [B, outputs] float32; targets: [B] int64."""
        if self.outputs == 1:
            return functional.binary_cross_entropy_with_logits(logits[:, 0], targets.to(logits.dtype))
        return functional.cross_entropy(logits, targets)

    def predicted(self, logits: Tensor) -> Tensor:
        """Return the index of the likeliest label, [B] int64. A tie goes to the lower index."""
        return (logits[:, 0] > 0).long() if self.outputs == 1 else logits.argmax(-1)

    def log_probabilities(self, logits: Tensor) -> Tensor:
        """Return the log-probability of each label, [B, K]."""
        if self.outputs == 1:
            return torch.cat([functional.logsigmoid(-logits), functional.logsigmoid(logits)], dim=-1)
        return logits.log_softmax(-1)
