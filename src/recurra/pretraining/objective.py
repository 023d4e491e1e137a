"""What pretraining minimises, and what a base is measured by: how well it foretells the words nearby."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from torch import Tensor

from recurra.inference.batching import batches_by_length
from recurra.pretraining.network import PretrainingNetwork
from recurra.pretraining.pieces import Pieces
from recurra.training.objective import Monitor, Validation

SCORING_TOKENS = 2**13
"""Tokens of a batch that is scored: every word of the vocabulary has a logit for each of its pieces."""


@dataclass(frozen=True)
class Foretelling:
    """Which words are beside this piece?"""

    def loss(self, outputs: Tensor, targets: Any) -> Tensor:
        """Return the mean loss of a word in nats. outputs: [B, 2] of `PretrainingNetwork`."""
        sums = outputs.sum(0)
        return sums[0] / sums[1].clamp(min=1)

    def metrics(self, outputs: Tensor, targets: Any) -> dict[str, float]:
        """Return how many words were to be foretold."""
        return {"count": max(1.0, float(outputs[:, 1].sum()))}

    def summarise(self, sums: Mapping[str, float]) -> dict[str, float]:
        """Return nothing: the loss says it all."""
        return {}

    def validate(self, network: Any, rows: Pieces, device: torch.device) -> Validation:
        """Measure the surprise at the words of the held-out pieces, in nats a word, all words compared."""
        loss = surprise(network, rows, device)
        return Validation({"loss": loss}, Monitor("loss", loss))


def surprise(network: PretrainingNetwork, rows: Pieces, device: torch.device) -> float:
    """Return the mean -log p of a known word beside the pieces, in nats."""
    network.eval()
    sums = torch.zeros(2, dtype=torch.float64)
    for chosen in batches_by_length(rows.sizes, SCORING_TOKENS):
        inputs, _ = rows.batch(chosen, device)
        sums += network.surprise(inputs).double().sum(0).cpu()
    return float(sums[0] / sums[1].clamp(min=1))


def surprise_by_counts(network: PretrainingNetwork, training: Pieces, rows: Pieces) -> float:
    """Return the same where a word has the share that it has in the pieces to learn from, whatever is beside it."""
    foretold = network.foretold.cpu().numpy()
    shares = np.maximum(training.counts.astype(np.float64), 0.5) * foretold
    often = np.zeros(len(shares))
    for piece in range(len(rows)):
        often[rows.beside(piece)] += 1
    often, shares = often[foretold], shares[foretold]
    return float(-(often * np.log(shares / shares.sum())).sum() / max(1.0, often.sum()))
