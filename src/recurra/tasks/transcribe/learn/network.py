"""The transcriber's network: steps of log-mel frames -> recurrent layers -> a logit for each symbol at each step."""

from __future__ import annotations

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from recurra.nn.batch import Batch
from recurra.nn.dropout import LockedDropout
from recurra.nn.recurrent import Recurrent
from recurra.tasks.transcribe.alphabet import BLANK
from recurra.tasks.transcribe.shape import TranscriberShape

BLANK_BIAS = -2.0
"""Where the blank's logit starts. Blank wins all steps at first, since it may stand anywhere; a start below the
characters shortens that."""

LEAST_DEVIATION = 0.1
"""An energy that hardly varies in the training set is taken to vary so much."""


class TranscriberNetwork(nn.Module):
    """A transcriber; its outputs are logits, of which the log-softmax are the log-probabilities of CTC.

    mean, deviation: [V] of each value of a frame in the training set, which make its inputs about 0 and 1.

    dropout: probability of dropping a feature in training, between layers and before the head, the same at every step.
    """

    mean: Tensor
    deviation: Tensor

    def __init__(self, shape: TranscriberShape, dropout: float = 0.0) -> None:
        super().__init__()
        self.shape = shape
        self.register_buffer("mean", torch.zeros(shape.values))
        self.register_buffer("deviation", torch.ones(shape.values))
        self.recurrent = Recurrent(
            shape.cell,
            shape.inputs,
            shape.hidden,
            layers=shape.layers,
            both=shape.direction == "both",
            dropout=dropout,
        )
        self.top_dropout = LockedDropout(dropout)
        self.head = nn.Linear(self.recurrent.features, shape.symbols)
        nn.init.zeros_(self.head.bias)
        with torch.no_grad():
            self.head.bias[BLANK] = BLANK_BIAS

    def standardise(self, mean: NDArray[np.float32], deviation: NDArray[np.float32]) -> None:
        """Take the mean and the deviation [V] of each value in the training set."""
        self.mean.copy_(torch.from_numpy(mean))
        self.deviation.copy_(torch.from_numpy(np.maximum(deviation, LEAST_DEVIATION)))

    def forward(self, batch: Batch) -> Tensor:
        """batch: steps [B, T, stack * V] float32. Returns logits [B, T, K], arbitrary in the padding."""
        steps, index = batch.rows()  # [B * T, stack * V]
        energies = (steps.view(len(steps), self.shape.stack, -1) - self.mean) / self.deviation
        states = self.recurrent(energies.flatten(1), index, batch)
        logits: Tensor = self.head(self.top_dropout(states))
        return logits
