"""A classifier's network on the recurrent kernel and NumPy: the answers of its graph in single precision, but faster.

A word's product with the input weights of the first layer is the same at any position. It is computed when the word
first occurs and cached, so that a text costs one look-up for each word and the recurrence itself.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from recurra.errors import ArtefactError
from recurra.inference.closed_graph import finite
from recurra.kernel.layout import REDUCED_WIDTH, Reduction
from recurra.kernel.library import BLOCK, Library, Linear, Variant, library, new_recurrence
from recurra.kernel.ragged import Ragged
from recurra.storage.model_directory import WEIGHTS
from recurra.tasks.classify.calibration import class_logits
from recurra.tasks.classify.engines.engine import Answer, Engine, Sequences
from recurra.tasks.classify.ngrams import NgramModel
from recurra.tasks.classify.shape import CODES, REDUCTIONS, ClassifierShape
from recurra.text.tokenizer import UNKNOWN

HELPED_TOKENS = 128
"""The fewest tokens for which a second thread is worth waking for the other direction."""

TABLE_BYTES = 2**27
"""The most memory for the products of all words, of all members; those of more are computed in each batch."""

CACHE_LINE = 64

Floats = NDArray[np.float32]
Ids = NDArray[np.int32]
Weights = Mapping[str, Floats]


class KernelEngine(Engine):
    """Computes a network from its weights, in single precision. A row's answer has the same bits in any batch."""

    name = "kernel"
    batch_tokens = 4096

    def __init__(
        self,
        network: ClassifierShape,
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
        super().__init__(network.outputs, network.classes, threads)
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
        self._kernel = _kernel()
        self.identity = f"kernel {self._kernel[0].signature}"
        self._network, self._temperature = network, np.float32(temperature)
        self._ngrams = NgramModel.of(network, weights)
        self._members = [_Member(self._kernel, network, weights, prefix) for prefix in network.prefixes]
        spread = _spread(weights["head.weight"], network, axis=1)
        head = np.zeros((_padded(network.outputs), spread.shape[1]), dtype=np.float32)
        head[: network.outputs] = spread
        bias = np.zeros(len(head), dtype=np.float32)
        bias[: network.outputs] = weights["head.bias"]
        self._head = _Product(self._kernel, head, bias)

    def answer(self, sequences: Sequences, lengths: NDArray[np.int64], *, alone: bool = False) -> Answer:
        helped = alone and lengths.sum() >= HELPED_TOKENS
        ids, novel = self.padded(sequences, lengths, self._network.vocabulary)
        ragged = Ragged.of(lengths, ids.shape[1])
        pooled = [member.pooled(ids.astype(np.int32), novel, ragged, lengths, helped) for member in self._members]
        logits = self._head(pooled[0] if len(pooled) == 1 else np.concatenate(pooled, axis=1))[:, : self.outputs]
        if self._ngrams is not None:
            logits = logits + self._ngrams.logits(ids, lengths, novel)
        logits = logits / self._temperature
        return self.checked(logits, _probabilities(logits))


def available() -> bool:
    """Return whether this installation has a kernel for single precision that this processor can run."""
    kernel = library()
    return kernel is not None and kernel.variant("float32") is not None


def _kernel() -> tuple[Library, Variant]:
    kernel = library()
    variant = kernel.variant("float32") if kernel else None
    if kernel is None or variant is None:
        raise RuntimeError("there is no recurrent kernel here")
    return kernel, variant


class _Product:
    """x W^T + b for rows x. weight: [N, K] with N a multiple of `BLOCK`; bias: [N]."""

    def __init__(self, kernel: tuple[Library, Variant], weight: Floats, bias: Floats) -> None:
        self._library, self._variant = kernel
        weight = np.ascontiguousarray(weight)
        self.columns, self._terms = weight.shape
        self._bias = np.ascontiguousarray(bias)
        self._packed = _aligned(weight.size)
        self._library.pack_linear(
            self._variant, self._terms, self.columns, weight.ctypes.data, self._packed.ctypes.data
        )

    def __call__(self, x: Floats) -> Floats:
        """x: [R, K]. Returns [R, N]."""
        out = np.empty((len(x), self.columns), dtype=np.float32)
        self._multiply(np.ascontiguousarray(x), len(x), None, out)
        return out

    def rows(self, x: Floats, rows: Ids, out: Floats) -> None:
        """Write the products of some rows of x [.., K] to the same rows of `out` [.., N]. rows: int32."""
        self._multiply(x, len(rows), rows.ctypes.data, out)

    def _multiply(self, x: Floats, count: int, rows: int | None, out: Floats) -> None:
        linear = Linear(count, self._terms, self.columns, rows, x.ctypes.data, x.shape[1])
        linear.weight, linear.bias = self._packed.ctypes.data, self._bias.ctypes.data
        linear.out, linear.out_row = out.ctypes.data, out.shape[1]
        self._library.linear(self._variant, linear)


class _Member:
    """One network: from ids to pooled features. prefix: what the names of its weights begin with."""

    def __init__(
        self, kernel: tuple[Library, Variant], network: ClassifierShape, weights: Weights, prefix: str
    ) -> None:
        weights = {name.removeprefix(prefix): array for name, array in weights.items() if name.startswith(prefix)}
        self._network = network
        self._embedding = np.ascontiguousarray(weights["embedding.weight"])
        self._spellings = weights.get("subwords.embedding")
        self._layers = [_Layer(kernel, network, weights, layer) for layer in range(network.layers)]
        self._attention = None
        if network.pooling == "attention":
            projection = _spread(weights["pooling.projection.weight"], network, axis=1)
            self._attention = (
                _Product(kernel, _spread(projection, network, 0), _spread_bias(weights, network)),
                _spread(weights["pooling.score.weight"], network, axis=1)[0],
            )
        width = self._layers[0].product.columns
        self._table: Floats | None = None
        if 4 * network.members * network.vocabulary * width <= TABLE_BYTES:
            self._table = _aligned(network.vocabulary, width)  # pages are taken as words are met
            self._known = np.zeros(network.vocabulary, dtype=np.bool_)

    def pooled(
        self, ids: Ids, novel: Sequence[Ids], ragged: Ragged, lengths: NDArray[np.int64], helped: bool
    ) -> Floats:
        """Return the pooled features [B, P] of ids [B, T]. helped: see `_Layer.run`."""
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


class _Layer:
    """One recurrent layer of one direction or two; the hidden size is padded with zeros to a multiple of `BLOCK`."""

    def __init__(self, kernel: tuple[Library, Variant], network: ClassifierShape, weights: Weights, layer: int) -> None:
        self._library, self._variant = kernel
        self._cell, self._hidden = network.cell, _padded(network.hidden)
        self._directions = network.directions
        self.features = self._hidden * network.directions

        def gates(direction: str, name: str) -> Floats:
            """Return a weight [G*H, ..] with the rows of each gate padded."""
            array = weights[f"recurrent.layers.{layer}.{direction}.{name}"]
            split = array.reshape(network.gates, network.hidden, *array.shape[1:])
            missing = [(0, 0), (0, self._hidden - network.hidden), *[(0, 0)] * (array.ndim - 1)]
            return np.ascontiguousarray(np.pad(split, missing).reshape(-1, *array.shape[1:]))

        names = network.direction_names
        inputs = np.concatenate([gates(name, "weight_ih") for name in names])
        if layer:
            inputs = _spread(inputs, network, axis=1)
        self.product = _Product(kernel, inputs, np.concatenate([gates(name, "bias_ih") for name in names]))
        self._bias = [gates(name, "bias_hh") for name in names]
        self._packed = []
        for name in names:
            recurrent = np.pad(gates(name, "weight_hh"), [(0, 0), (0, self._hidden - network.hidden)])
            packed = _aligned(recurrent.size)
            self._library.pack_forward(
                self._variant, self._cell, self._hidden, recurrent.ctypes.data, packed.ctypes.data
            )
            self._packed.append(packed)

    def run(self, projected: Floats, index: Ids, ragged: Ragged, reduction: Reduction, helped: bool) -> Floats:
        """Return the states [B, T, F], or their reduction over time [B, F or 2F].

        projected: [U, directions * G*H]; index: [B, T] rows of it. helped: whether another thread may compute the
        second direction meanwhile, if there is one.
        """
        (part,) = ragged.parts
        rows, hidden, width = ragged.batch, self._hidden, self.features * REDUCED_WIDTH[reduction]
        out = np.empty((rows, ragged.time, width) if reduction == "all" else (rows, width), dtype=np.float32)
        source_step = np.empty((rows, width) if reduction != "all" else 0, dtype=np.int32)
        state, previous = _aligned(2, self._directions, 2 * rows, hidden)
        columns = projected.shape[1] // self._directions
        recurrences = []
        for direction in range(self._directions):
            job = new_recurrence(
                ragged,
                part,
                direction,
                hidden,
                index.ctypes.data,
                reduction,
                out.ctypes.data,
                width,
                out.itemsize,
                source_step.ctypes.data,
            )
            job.projected, job.projected_stride = projected.ctypes.data + 4 * direction * columns, projected.shape[1]
            job.weight, job.bias = self._packed[direction].ctypes.data, self._bias[direction].ctypes.data
            job.state, job.previous = state[direction].ctypes.data, previous[direction].ctypes.data
            recurrences.append(job)
        if helped and len(recurrences) > 1:
            self._library.forward_helped(self._variant, self._cell, recurrences)
        else:
            self._library.forward(self._variant, self._cell, recurrences)
        return out


def _aligned(*shape: int) -> Floats:
    """Return an array [*shape] that begins at a cache line, so that no vector crosses two of them."""
    size = 4 * math.prod(shape)
    memory = np.empty(size + CACHE_LINE, dtype=np.uint8)
    begin = -memory.ctypes.data % CACHE_LINE
    return memory[begin : begin + size].view(np.float32).reshape(shape)


def _padded(size: int) -> int:
    """Return the next multiple of BLOCK."""
    return size + -size % BLOCK


def _spread(array: Floats, network: ClassifierShape, axis: int) -> Floats:
    """Insert zeros into an axis of features [.. * H], so that each H has the padded hidden size."""
    missing = _padded(network.hidden) - network.hidden
    parts = np.split(array, array.shape[axis] // network.hidden, axis=axis)
    pads = [(0, missing if one == axis else 0) for one in range(array.ndim)]
    return np.concatenate([np.pad(part, pads) for part in parts], axis=axis)


def _spread_bias(weights: Weights, network: ClassifierShape) -> Floats:
    return _spread(weights["pooling.projection.bias"], network, axis=0)


def _probabilities(logits: Floats) -> Floats:
    """Return [B, K]: for one output [1 - sigmoid(x), sigmoid(x)], else the softmax."""
    scores = class_logits(logits)
    weights = np.exp(scores.astype(np.float64) - scores.max(axis=1, keepdims=True))
    probabilities: Floats = (weights / weights.sum(axis=1, keepdims=True)).astype(np.float32)
    return probabilities
