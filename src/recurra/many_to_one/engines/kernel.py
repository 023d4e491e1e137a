"""A network on the recurrent kernel and NumPy: the answers of its graph in single precision, but faster.

A word's product with the input weights of the first layer is the same at any position. It is computed when the word
first occurs and cached, so that a text costs one look-up for each word and the recurrence itself.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from recurra.errors import ArtefactError
from recurra.inference.closed_graph import finite
from recurra.inference.kernel_layers import (
    Floats,
    Ids,
    Kernel,
    KernelLayer,
    KernelProduct,
    Weights,
    aligned,
    available,
    open_kernel,
    padded,
    spread,
)
from recurra.kernel.layout import Reduction
from recurra.kernel.ragged import Ragged
from recurra.many_to_one.engines.engine import Answer, Engine, Sequences
from recurra.many_to_one.feature_side import FeatureSide, features_of
from recurra.many_to_one.ngrams import NgramModel
from recurra.many_to_one.shape import CODES, REDUCTIONS, ManyToOneShape
from recurra.storage.model_directory import WEIGHTS
from recurra.text.tokenizer import UNKNOWN

HELPED_TOKENS = 128
"""The fewest tokens for which a second thread is worth waking for the other direction."""

TABLE_BYTES = 2**27
"""The most memory for the products of all words, of all members; those of more are computed in each batch."""

__all__ = ["KernelEngine", "Weights", "available"]


class KernelEngine(Engine):
    """Computes a network from its weights, in single precision. A row's answer has the same bits in any batch."""

    name = "kernel"
    batch_tokens = 4096

    def __init__(
        self,
        network: ManyToOneShape,
        weights: Weights,
        temperature: float,
        threads: int | None = None,
        *,
        where: str = WEIGHTS,
    ) -> None:
        """weights: finite, by the names and of the shapes in `network.weight_shapes()`; otherwise raises ArtefactError.

        where: the file of the weights, for errors.

        Raises RuntimeError where there is no kernel: ask `available` first.
        """
        super().__init__(network.logits, network.classes, threads, network.answer)
        self.where = where
        shapes = {name: array.shape for name, array in weights.items()}
        if shapes != network.weight_shapes() or any(
            array.dtype != (np.int8 if name in CODES else np.float32) for name, array in weights.items()
        ):
            raise ArtefactError(f"{where} does not hold the weights of this network. Train the model again.")
        for name, array in weights.items():
            if name not in CODES and not finite(array):
                raise ArtefactError(
                    f"{where}: the weights {name!r} hold values that are not finite. Train the model again."
                )
        self._kernel = open_kernel()
        self.identity = f"kernel {self._kernel[0].signature}"
        self._network, self._temperature = network, np.float32(temperature)
        self._ngrams = NgramModel.of(network, weights)
        self._members = [_Member(self._kernel, network, weights, prefix) for prefix in network.prefixes]
        weight = spread(weights["head.weight"], network.hidden, axis=1)
        head = np.zeros((padded(network.outputs), weight.shape[1]), dtype=np.float32)
        head[: network.outputs] = weight
        bias = np.zeros(len(head), dtype=np.float32)
        bias[: network.outputs] = weights["head.bias"]
        self._head = KernelProduct(self._kernel, head, bias)
        self._thresholds = weights.get("thresholds")
        self._features = FeatureSide.of(weights)

    def answer(self, sequences: Sequences, lengths: NDArray[np.int64], *, alone: bool = False) -> Answer:
        helped = alone and lengths.sum() >= HELPED_TOKENS
        ids, novel = self.padded(sequences, lengths, self._network.vocabulary)
        ragged = Ragged.of(lengths, ids.shape[1])
        pooled = [member.pooled(ids.astype(np.int32), novel, ragged, lengths, helped) for member in self._members]
        logits = self._head(pooled[0] if len(pooled) == 1 else np.concatenate(pooled, axis=1))
        logits = logits[:, : self._network.outputs]
        if self._features is not None:
            logits = logits + self._features.scores(features_of(sequences, self._network.feature_inputs))
        if self._ngrams is not None:
            logits = logits + self._ngrams.logits(ids, lengths, novel)
        if self._thresholds is not None:
            logits = logits - self._thresholds
        logits = logits / self._temperature
        return self.checked(logits, self.link.answers(logits))


class _Member:
    """One network: from ids to pooled features. prefix: what the names of its weights begin with."""

    def __init__(self, kernel: Kernel, network: ManyToOneShape, weights: Weights, prefix: str) -> None:
        weights = {name.removeprefix(prefix): array for name, array in weights.items() if name.startswith(prefix)}
        self._network = network
        self._embedding = np.ascontiguousarray(weights["embedding.weight"])
        self._spellings = weights.get("subwords.embedding")
        self._layers = [KernelLayer(kernel, network.stack, weights, layer) for layer in range(network.layers)]
        self._attention = None
        if network.pooling == "attention":
            projection = spread(weights["pooling.projection.weight"], network.hidden, axis=1)
            self._attention = (
                KernelProduct(
                    kernel,
                    spread(projection, network.hidden, axis=0),
                    spread(weights["pooling.projection.bias"], network.hidden, axis=0),
                ),
                spread(weights["pooling.score.weight"], network.hidden, axis=1)[0],
            )
        width = self._layers[0].product.columns
        self._table: Floats | None = None
        if 4 * network.members * network.vocabulary * width <= TABLE_BYTES:
            self._table = aligned(network.vocabulary, width)  # pages are taken as words are met
            self._known = np.zeros(network.vocabulary, dtype=np.bool_)

    def pooled(
        self, ids: Ids, novel: Sequence[Ids], ragged: Ragged, lengths: NDArray[np.int64], helped: bool
    ) -> Floats:
        """Return the pooled features [B, P] of ids [B, T]. helped: see `KernelLayer.run`."""
        projected, index = self._projected(ids, novel)
        first, *upper = self._layers
        x = first.run(projected, index, ragged, self._reduction(top=not upper), helped)
        for layer in upper:
            index = np.arange(len(lengths) * ragged.time, dtype=np.int32).reshape(index.shape)
            projected = layer.product(x.reshape(index.size, -1))
            x = layer.run(projected, index, ragged, self._reduction(top=layer is upper[-1]), helped)
        return self._pooled(x, lengths)

    def _reduction(self, *, top: bool) -> Reduction:
        """Return how a layer's states are reduced: by the pooling in the top layer, not at all below it."""
        return REDUCTIONS[self._network.pooling] if top else "all"

    def _projected(self, ids: Ids, novel: Sequence[Ids]) -> tuple[Floats, Ids]:
        """Return W_ih x + b_ih of the first layer [U, directions * G*H] and the index [B, T] of each of `ids` in it."""
        product = self._layers[0].product
        if self._table is None or novel:
            words, index = np.unique(ids, return_inverse=True)
            known = np.searchsorted(words, self._network.vocabulary)
            vectors = self._embedding[np.where(words < self._network.vocabulary, words, UNKNOWN)]
            if self._spellings is not None:
                for place in range(known, len(words)):
                    vectors[place] += self._spellings[novel[words[place] - self._network.vocabulary]].mean(axis=0)
            return product(vectors), index.reshape(ids.shape).astype(np.int32)
        new = ids[~self._known[ids]]
        if len(new):  # two threads may compute the same word at once; both write the same bits
            new = np.unique(new)
            product.rows(self._embedding, new, self._table)
            self._known[new] = True
        return self._table, ids

    def _pooled(self, x: Floats, lengths: NDArray[np.int64]) -> Floats:
        """x: [B, P], reduced over time, or all states [B, T, F] for attention. Returns [B, P]. Changes x."""
        if self._attention is None:
            if REDUCTIONS[self._network.pooling] in ("sum", "max_and_sum"):
                x[:, -self._layers[-1].features :] /= lengths[:, None].astype(np.float32)
            return x
        product, score = self._attention
        pooled = np.empty((len(lengths), x.shape[2]), dtype=np.float32)
        for row, length in enumerate(lengths):
            states = np.ascontiguousarray(x[row, :length])
            scores = (np.tanh(product(states)) * score).sum(axis=1, dtype=np.float64)
            weights = np.exp(scores - scores.max())
            pooled[row] = (states * weights[:, None]).sum(axis=0) / weights.sum()
        return pooled
