"""The network that is pretrained: embedding -> recurrent layers -> largest and mean over time -> the words nearby.

What the layers make of a piece of a text foretells the words of the pieces before and after it, whatever their order:
what a text is about and how it speaks of it, which is what a classifier reads. The loss is that of telling each of
these words from drawn ones (sampled softmax: Jean et al., 2015, On using very large target vocabulary for neural
machine translation).

That the words nearby teach what a passage means is Le and Mikolov, 2014, Distributed representations of sentences and
documents; that a recurrent network is to foretell them, Johnson and Zhang, 2016, Supervised and semi-supervised text
categorization using LSTM for region embeddings.
"""

from __future__ import annotations

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from recurra.nn.embedding import Embedding, distinct
from recurra.nn.recurrent import Recurrent
from recurra.pretraining.pieces import Neighbours
from recurra.storage.base import BaseShape
from recurra.text.tokenizer import FIRST_WORD

DRAWN = 1_000
"""Words that a step draws for all its predictions to be compared with."""
FLATTENED = 0.75
"""Words are drawn in proportion to this power of their counts (Mikolov et al., 2013, Distributed representations of
words and phrases and their compositionality)."""
COMMON = 0.02
"""A word in a larger share of the pieces than this is not foretold, as long as it is more common than half of the
vocabulary: it says nothing of a text, and would else be most of what there is to foretell."""
EMBEDDING_RANGE = 0.05
RARELY = -30.0
"""The logarithm of how often a word is drawn that never is, about."""


class PretrainingNetwork(nn.Module):
    """Foretells the words around a piece of a text.

    counts: [V] in how many of the `pieces` each id occurs; vectors: [V, D], from which both tables of words start
    (None: random). What is drawn comes from torch's generator, so that a run that is resumed draws the same.
    """

    def __init__(
        self,
        shape: BaseShape,
        counts: NDArray[np.int64],
        pieces: int,
        vectors: NDArray[np.float32] | None = None,
        dropout: float = 0.0,
    ) -> None:
        super().__init__()
        both = shape.direction == "both"
        self.shape = shape
        self.embedding = Embedding(shape.vocabulary, shape.embedding)
        self.nearby = Embedding(shape.vocabulary, shape.embedding)
        with torch.no_grad():
            for table in (self.embedding, self.nearby):
                if vectors is None:
                    nn.init.uniform_(table.weight, -EMBEDDING_RANGE, EMBEDDING_RANGE)
                else:
                    table.weight.copy_(torch.from_numpy(vectors))
        self.recurrent = Recurrent(
            shape.cell, shape.embedding, shape.hidden, layers=shape.layers, both=both, dropout=dropout
        )
        self.projection = nn.Linear(2 * shape.stack.features, shape.embedding)
        words = np.maximum(counts.astype(np.float64), 0.5)
        foretold = words <= max(COMMON * pieces, float(np.median(words[FIRST_WORD:])))
        foretold[:FIRST_WORD] = False  # the filler and the unknown word
        words[~foretold] = 0
        drawn = words**FLATTENED
        with np.errstate(divide="ignore"):
            bias = np.maximum(np.log(words / words.sum()), RARELY)
            expected = np.maximum(np.log(drawn * (DRAWN / drawn.sum())), RARELY)
        self.bias = nn.Parameter(torch.from_numpy(bias.astype(np.float32)))
        self.foretold: Tensor
        self.ends: Tensor
        self.expected: Tensor
        self.register_buffer("foretold", torch.from_numpy(foretold), persistent=False)
        self.register_buffer("ends", torch.from_numpy(np.cumsum(drawn / drawn.sum())), persistent=False)
        self.register_buffer("expected", torch.from_numpy(expected.astype(np.float32)), persistent=False)

    def gradients_by_row(self) -> None:
        """Return the gradients of both tables as rows, for an optimiser that takes them."""
        self.embedding.row_gradients = self.nearby.row_gradients = True

    def forward(self, inputs: Neighbours) -> Tensor:
        """Return [B, 2]: the sum of the losses in nats of the words beside each piece, and how many are foretold."""
        foretold = self._foretold(inputs)  # [B, D]
        drawn = self._drawn(inputs.beside.device)
        words, index = distinct(torch.cat([drawn, inputs.beside.flatten()])[None], self.shape.vocabulary)
        among, places = index[0, :DRAWN].long(), index[0, DRAWN:].long().view(inputs.beside.shape)
        logits = (foretold @ self.nearby(words).T).float() + (self.bias[words] - self.expected[words])  # [B, U]
        rivals = logits[:, among].logsumexp(1, keepdim=True)  # [B, 1]
        right = logits.gather(1, places)  # [B, K]
        real = self.foretold[inputs.beside]
        losses = (torch.logaddexp(right, rivals) - right) * real
        return torch.stack([losses.sum(1), real.sum(1).to(losses.dtype)], 1)

    @torch.no_grad()
    def surprise(self, inputs: Neighbours) -> Tensor:
        """Return [B, 2]: the sum of -log p, among all words that are foretold, of those beside each piece, and how many
        these are."""
        logits = (self._foretold(inputs) @ self.nearby.weight.T).float() + self.bias
        right = logits.masked_fill(~self.foretold, -torch.inf).log_softmax(1).gather(1, inputs.beside)
        real = self.foretold[inputs.beside]
        return torch.stack([-right.where(real, 0.0).sum(1), real.sum(1).to(right.dtype)], 1)

    def _foretold(self, inputs: Neighbours) -> Tensor:
        """Return what the pieces foretell, as a vector among those of the words [B, D]."""
        words, index = distinct(inputs.pieces.values, self.shape.vocabulary)
        reduced = self.recurrent(self.embedding(words), index, inputs.pieces, "max_and_sum")  # [B, 2F]
        largest, total = reduced.chunk(2, 1)
        vector: Tensor = self.projection(torch.cat([largest, total / inputs.pieces.lengths[:, None]], 1))
        return vector

    def _drawn(self, device: torch.device) -> Tensor:
        """Return DRAWN ids, drawn anew."""
        numbers = torch.rand(DRAWN, dtype=torch.float64, device=device)
        return torch.searchsorted(self.ends, numbers).clamp(FIRST_WORD, len(self.ends) - 1)
