"""The many-to-one network: embedding -> recurrent layers -> pooling -> one row of logits for each sequence.

Beside it may stand a linear model of n-grams, whose logits are added: `ngram_side.py`.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from recurra.many_to_one.learn.feature_layer import FeatureLayer
from recurra.many_to_one.learn.ngram_side import NgramSide, Spellings
from recurra.many_to_one.learn.pooling import POOLINGS
from recurra.many_to_one.shape import REDUCTIONS, ManyToOneShape
from recurra.nn.batch import Batch
from recurra.nn.dropout import Dropout, WordDropout
from recurra.nn.embedding import Embedding, distinct
from recurra.nn.recurrent import Recurrent
from recurra.text.rounded import rounded
from recurra.text.tokenizer import UNKNOWN

LEAST_STEP = 1e-3
"""Between two thresholds, at the start."""

EMBEDDING_RANGE = 0.05
"""Random word vectors start uniformly distributed between minus and plus this."""


class Thresholds(nn.Module):
    """K - 1 numbers that rise, between K classes in an order: the first, and the logarithms of the steps."""

    def __init__(self, levels: int) -> None:
        super().__init__()
        self.first = nn.Parameter(torch.tensor([-1.0]))
        self.steps = nn.Parameter(torch.full((levels - 2,), math.log(2 / max(1, levels - 2))))

    def forward(self) -> Tensor:
        """Return the thresholds [K - 1]."""
        return torch.cat([self.first, self.first + self.steps.exp().cumsum(0)])

    @torch.no_grad()
    def start(self, thresholds: NDArray[np.floating[Any]]) -> None:
        """Begin at thresholds [K - 1], which rise."""
        values = torch.from_numpy(thresholds.astype(np.float32))
        self.first.copy_(values[:1])
        self.steps.copy_(values.diff().clamp(min=LEAST_STEP).log())


class ManyToOneNetwork(nn.Module):
    """The network. Each distinct word of a batch is embedded, and multiplied by the input weights, once.

    dropout: probability of dropping a feature in training: between layers and before the head; embedding_dropout: of
    embedded words (None: the same). A word loses the same features at all its positions in the batch: of word types
    rather than of tokens, as Gal and Ghahramani (2016, A theoretically grounded application of dropout in recurrent
    neural networks) drop whole types. word_dropout: see `WordDropout`; ngram_dropout: see `NgramSide`. words: the
    vocabulary, needed where the shape has `subwords`.
    """

    def __init__(
        self,
        shape: ManyToOneShape,
        dropout: float = 0.0,
        word_dropout: float | Tensor = 0.0,
        *,
        embedding_dropout: float | None = None,
        ngram_dropout: float = 0.0,
        words: Sequence[str] = (),
    ) -> None:
        super().__init__()
        both = shape.direction == "both"
        self.shape = shape
        self.word_dropout = WordDropout(word_dropout, UNKNOWN)
        self.embedding = Embedding(shape.vocabulary, shape.embedding)
        nn.init.uniform_(self.embedding.weight, -EMBEDDING_RANGE, EMBEDDING_RANGE)
        self.embedding_dropout = Dropout(dropout if embedding_dropout is None else embedding_dropout)
        self.pooled_dropout = Dropout(dropout)
        self.recurrent = Recurrent(
            shape.cell, shape.embedding, shape.hidden, layers=shape.layers, both=both, dropout=dropout
        )
        self.pooling = POOLINGS[shape.pooling](self.recurrent.features)
        self.head = nn.Linear(shape.pooled, shape.outputs)
        nn.init.xavier_uniform_(self.head.weight)
        nn.init.zeros_(self.head.bias)
        self.thresholds = Thresholds(shape.levels) if shape.levels else None
        self.ngrams = NgramSide(shape.hashing, shape.outputs, ngram_dropout) if shape.hashing else None
        self.spellings = None
        if shape.subwords:
            width = shape.embedding if shape.subword_vectors else 0
            self.spellings = Spellings(words, shape.subwords, width, shape.outputs if self.ngrams else 0)

        self.features = None
        if shape.feature_inputs:
            self.features = FeatureLayer(shape.feature_inputs, shape.feature_hidden, shape.outputs, dropout)

    def learn_ngrams_at(self, rate: float) -> None:
        """Let the n-grams learn at `rate` times the learning rate of the network."""
        if self.ngrams is not None:
            self.ngrams.table.rate = rate
        if self.spellings is not None and self.spellings.ngrams is not None:
            self.spellings.ngrams.rate = rate

    def gradients_by_row(self) -> None:
        """Return the gradients of all tables as rows, for an optimiser that takes them."""
        for module in self.modules():
            if isinstance(module, Embedding):
                module.row_gradients = True

    def forward(self, batch: Batch) -> Tensor:
        """batch: ids [B, T] below V, with lengths [B]. Returns logits [B, O], not divided by the temperature."""
        scores = self.network_scores(batch)
        if self.ngrams is None or (self.training and self.ngrams.frozen):
            return self.logits(scores)
        return self.logits(scores + self.ngram_scores(batch))

    def network_scores(self, batch: Batch) -> Tensor:
        """Return the part of the scores [B, outputs] that is the recurrent network's."""
        scores: Tensor = self.head(self.pooled_dropout(self.pooled(batch)))
        return scores if self.features is None else scores + self.features(batch.beside)

    def pooled(self, batch: Batch) -> Tensor:
        """Return what the head reads of each sequence [B, P]."""
        x, index = self._embedded(batch)  # [U, D], [B, T]
        x = self.recurrent(x, index, batch, REDUCTIONS[self.shape.pooling])  # [B, T, F] or [B, F or 2F]
        pooled: Tensor = self.pooling(x, batch.lengths, batch.mask())
        return pooled

    def ngram_scores(self, batch: Batch) -> Tensor:
        """Return the part of the scores [B, outputs] that is the n-grams'; there must be some."""
        assert self.ngrams is not None  # for the type checker
        scores: Tensor = self.ngrams(batch, self.spellings)
        return scores

    def logits(self, scores: Tensor) -> Tensor:
        """Return the logits [B, O] of scores [B, outputs]: the same, unless the classes have an order."""
        return scores if self.thresholds is None else scores - self.thresholds()

    @torch.no_grad()
    def start_from_ngrams(self, weights: NDArray[np.float32], intercept: NDArray[np.float32]) -> None:
        """Take n-grams that were fitted beforehand, for good: weights [F, O]. The head starts at the intercept [O]."""
        assert self.ngrams is not None  # for the type checker
        self.ngrams.freeze(torch.from_numpy(weights))
        self.head.bias.add_(torch.from_numpy(intercept))

    def leave_ngrams_out(self) -> None:
        """Train without n-grams, which begin at nothing and get what is averaged with the network afterwards."""
        if self.ngrams is not None:
            self.ngrams.freeze(torch.zeros_like(self.ngrams.table.weight))

    def keep_ngrams(self) -> None:
        """Train with the n-grams as they are: what they say of a row comes with its targets."""
        assert self.ngrams is not None  # for the type checker
        self.ngrams.freeze(self.ngrams.table.weight.detach().clone())

    @torch.no_grad()
    def scale_ngrams(self, factor: float) -> None:
        """Multiply all that the n-grams add."""
        assert self.ngrams is not None  # for the type checker
        self.ngrams.table.weight.mul_(factor)
        if self.spellings is not None and self.spellings.ngrams is not None:
            self.spellings.ngrams.weight.mul_(factor)

    def _embedded(self, batch: Batch) -> tuple[Tensor, Tensor]:
        """Return the vectors of the distinct words [U, D], and of which of them each step is [B, T].

        A word that is hidden keeps its spelling, where that is read: so will one that training never sees.
        """
        if self.spellings is None or self.spellings.embedding is None:
            words, index = distinct(self.word_dropout(batch.values), self.shape.vocabulary)
            return self.embedding_dropout(self.embedding(words)), index
        size = self.shape.vocabulary
        hidden = self.word_dropout.hides(batch.values)
        words, index = distinct(batch.values if hidden is None else batch.values + size * hidden, 2 * size)
        spelt = words % size
        own = torch.where(words < size, words, UNKNOWN)
        known, place = distinct(own, size)
        return self.embedding_dropout(self.embedding(known)[place] + self.spellings.vectors(spelt)), index

    def exported(self) -> dict[str, NDArray[Any]]:
        """Return the weights by the names of `shape.weight_shapes()`, where those of a word include its spelling's."""
        exported = self.encoder_weights()
        exported |= {f"head.{name}": tensor.detach().float().numpy() for name, tensor in self.head.state_dict().items()}
        if self.features is not None:
            exported |= self.features.exported()
        if self.thresholds is not None:
            exported["thresholds"] = self.thresholds().detach().float().numpy()
        if self.ngrams is None:
            return exported
        tables = {"ngrams": self.ngrams.table.weight.detach().float()}
        if self.spellings is not None and self.spellings.ngrams is not None:
            tables["subwords"] = self.spellings.ngrams.weight.detach().float()
            size = self.shape.vocabulary
            with torch.no_grad():
                spelt = tables["ngrams"].clone()
                spelt[:size] += self.spellings.weights(torch.arange(size))
            tables["ngrams"] = spelt
        for name, table in tables.items():
            exported[f"{name}.codes"], exported[f"{name}.scale"] = rounded(table.numpy())
        return exported

    def encoder_weights(self) -> dict[str, NDArray[Any]]:
        """Return the weights of all before the head, by the same names."""
        parts = {"embedding": self.embedding, "recurrent": self.recurrent, "pooling": self.pooling}
        weights = {
            f"{part}.{name}": tensor.detach().float()
            for part, module in parts.items()
            for name, tensor in module.state_dict().items()
        }
        if self.spellings is not None and self.spellings.embedding is not None:
            weights["subwords.embedding"] = self.spellings.embedding.weight.detach().float()
            with torch.no_grad():
                spelt = self.spellings.vectors(torch.arange(self.shape.vocabulary))
            weights["embedding.weight"] = weights["embedding.weight"] + spelt
        return {name: tensor.numpy() for name, tensor in weights.items()}
