"""A classifier's network on the recurrent kernel and NumPy: the same answers as its graph in single precision, sooner.

A word's product with the input weights of the first layer is the same wherever the word stands. It is computed when the
word is first met and kept, so that what remains of a text is a look-up a word and the recurrence itself.
"""

from __future__ import annotations

import math
from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from recurra.errors import ArtefactError
from recurra.kernel.layout import PICKED, Pick
from recurra.kernel.library import BLOCK, Library, Linear, Variant, library, walk_of
from recurra.kernel.ragged import Ragged
from recurra.tasks.classify.engines.engine import Answer, Engine, Sequences
from recurra.tasks.classify.shape import PICKS, NetworkShape

HELPED_TOKENS = 128
"""The fewest tokens for which a second thread is worth waking to walk the other direction."""

TABLE_BYTES = 2**27
"""The most memory for the products of all words. A larger vocabulary is multiplied anew in each batch."""

CACHE_LINE = 64

Floats = NDArray[np.float32]
Ids = NDArray[np.int32]
Weights = Mapping[str, Floats]


class KernelEngine(Engine):
    """Computes a network from its weights, in single precision. A row's answer has the same bits in any batch."""

    name = "kernel"
    batch_tokens = 4096

    def __init__(self, network: NetworkShape, weights: Weights, temperature: float, threads: int | None = None) -> None:
        """weights: as `network.weight_shapes()` names them. Raises ArtefactError where they are not of this network.

        Raises RuntimeError where there is no kernel: ask `available` before.
        """
        super().__init__(network.outputs, network.classes, threads)
        shapes = {name: array.shape for name, array in weights.items()}
        if shapes != network.weight_shapes() or any(array.dtype != np.float32 for array in weights.values()):
            raise ArtefactError("weights.safetensors does not hold the weights of this network.")
        self._kernel = _kernel()
        self.identity = f"kernel {self._kernel[0].signature}"
        self._network, self._temperature = network, np.float32(temperature)
        self._embedding = np.ascontiguousarray(weights["embedding.weight"])
        self._layers = [_Layer(self._kernel, network, weights, layer) for layer in range(network.layers)]
        self._attention = None
        if network.pooling == "attention":
            projection = _spread(weights["pooling.projection.weight"], network, axis=1)
            self._attention = (
                _Product(self._kernel, _spread(projection, network, 0), _spread_bias(weights, network)),
                _spread(weights["pooling.score.weight"], network, axis=1)[0],
            )
        spread = _spread(weights["head.weight"], network, axis=1)
        head = np.zeros((_filled(network.outputs), spread.shape[1]), dtype=np.float32)
        head[: network.outputs] = spread
        bias = np.zeros(len(head), dtype=np.float32)
        bias[: network.outputs] = weights["head.bias"]
        self._head = _Product(self._kernel, head, bias)
        width = self._layers[0].product.columns
        self._table: Floats | None = None
        if 4 * network.vocabulary * width <= TABLE_BYTES:
            self._table = _aligned(network.vocabulary, width)  # pages are taken as words are met
            self._known = np.zeros(network.vocabulary, dtype=np.bool_)

    def answer(self, sequences: Sequences, lengths: NDArray[np.int64], *, alone: bool = False) -> Answer:
        helped = alone and lengths.sum() >= HELPED_TOKENS
        ids = np.zeros((len(lengths), int(lengths.max())), dtype=np.int64)
        for place, sequence in enumerate(sequences):
            ids[place, : lengths[place]] = sequence
        if ids.min() < 0 or ids.max() >= self._network.vocabulary:
            raise ArtefactError("an id is not of this network's vocabulary: tokenizer.json is of another model.")
        index = ids.astype(np.int32)
        ragged = Ragged.of(lengths, index.shape[1])
        projected, index = self._projected(index)
        states, *upper = self._layers
        x = states.walk(projected, index, ragged, self._picked(last=not upper), helped)
        for layer in upper:
            index = np.arange(len(lengths) * ragged.time, dtype=np.int32).reshape(index.shape)
            projected = layer.product(x.reshape(index.size, -1))
            x = layer.walk(projected, index, ragged, self._picked(last=layer is upper[-1]), helped)
        logits = self._head(self._pooled(x, lengths))[:, : self.outputs] / self._temperature
        return logits, _probabilities(logits)

    def _picked(self, *, last: bool) -> Pick:
        """What the walk of a layer keeps of each row: all states, or what the pooling takes of them."""
        return PICKS[self._network.pooling] if last else "all"

    def _projected(self, ids: Ids) -> tuple[Floats, Ids]:
        """Return (rows W_ih x + b_ih, where each of `ids` [B, T] stands among them)."""
        if self._table is None:
            words, index = np.unique(ids, return_inverse=True)
            return self._layers[0].product(self._embedding[words]), index.reshape(ids.shape).astype(np.int32)
        new = ids[~self._known[ids]]
        if len(new):  # two threads may meet a word at once; both then write the same
            new = np.unique(new)
            self._layers[0].product.rows(self._embedding, new, self._table)
            self._known[new] = True
        return self._table, ids

    def _pooled(self, x: Floats, lengths: NDArray[np.int64]) -> Floats:
        """x: [B, ..] of what was picked, or [B, T, F] where the pooling takes all states. Returns [B, P]."""
        if self._attention is None:
            if PICKS[self._network.pooling] in ("sum", "largest_and_sum"):
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


def available() -> bool:
    """Return whether this installation has a kernel for single precision that this processor can run."""
    found = library()
    return found is not None and found.variant("float32") is not None


def _kernel() -> tuple[Library, Variant]:
    found = library()
    variant = found.variant("float32") if found else None
    if found is None or variant is None:
        raise RuntimeError("there is no recurrent kernel here")
    return found, variant


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


class _Layer:
    """One recurrent layer of one direction or two; the hidden size is filled up to a multiple of `BLOCK` by zeros."""

    def __init__(self, kernel: tuple[Library, Variant], network: NetworkShape, weights: Weights, layer: int) -> None:
        self._library, self._variant = kernel
        self._cell, self._hidden = network.cell, _filled(network.hidden)
        self._directions = network.directions
        self.features = self._hidden * network.directions

        def gates(direction: str, name: str) -> Floats:
            """[G*H, ..] with the rows of each gate filled up."""
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
            self._library.pack_ahead(self._variant, self._cell, self._hidden, recurrent.ctypes.data, packed.ctypes.data)
            self._packed.append(packed)

    def walk(self, projected: Floats, index: Ids, ragged: Ragged, pick: Pick, helped: bool) -> Floats:
        """projected: [.., directions * G * H]; index: [B, T] rows of it. Returns [B, T, F], or [B, ..] if it picks.

        helped: whether another thread may walk the second direction meanwhile, where there is one.
        """
        (part,) = ragged.parts
        rows, hidden, width = ragged.batch, self._hidden, self.features * PICKED[pick]
        out = np.empty((rows, ragged.time, width) if pick == "all" else (rows, width), dtype=np.float32)
        where = np.empty((rows, width) if pick != "all" else 0, dtype=np.int32)
        state, previous = _aligned(2, self._directions, 2 * rows, hidden)
        columns = projected.shape[1] // self._directions
        walks = []
        for direction in range(self._directions):
            walk = walk_of(
                ragged, part, direction, hidden, index.ctypes.data, pick, out.ctypes.data, width, 4, where.ctypes.data
            )
            walk.projected, walk.projected_stride = projected.ctypes.data + 4 * direction * columns, projected.shape[1]
            walk.weight, walk.bias = self._packed[direction].ctypes.data, self._bias[direction].ctypes.data
            walk.state, walk.previous = state[direction].ctypes.data, previous[direction].ctypes.data
            walks.append(walk)
        if helped and len(walks) > 1:
            self._library.ahead_helped(self._variant, self._cell, walks)
        else:
            self._library.ahead(self._variant, self._cell, walks)
        return out


def _aligned(*shape: int) -> Floats:
    """Return an array [*shape] that begins with a line of the cache, so that no vector lies across two."""
    size = 4 * math.prod(shape)
    memory = np.empty(size + CACHE_LINE, dtype=np.uint8)
    begin = -memory.ctypes.data % CACHE_LINE
    return memory[begin : begin + size].view(np.float32).reshape(shape)


def _filled(size: int) -> int:
    return size + -size % BLOCK


def _spread(array: Floats, network: NetworkShape, axis: int) -> Floats:
    """Put zeros between the features [.. * H] of an axis where the filled hidden size has them."""
    missing = _filled(network.hidden) - network.hidden
    parts = np.split(array, array.shape[axis] // network.hidden, axis=axis)
    pads = [(0, missing if one == axis else 0) for one in range(array.ndim)]
    return np.concatenate([np.pad(part, pads) for part in parts], axis=axis)


def _spread_bias(weights: Weights, network: NetworkShape) -> Floats:
    return _spread(weights["pooling.projection.bias"], network, axis=0)


def _probabilities(logits: Floats) -> Floats:
    """Return [B, K]: for one output [1 - sigmoid(x), sigmoid(x)], else the softmax."""
    scores = np.concatenate([np.zeros_like(logits), logits], axis=1) if logits.shape[1] == 1 else logits
    weights = np.exp(scores.astype(np.float64) - scores.max(axis=1, keepdims=True))
    probabilities: Floats = (weights / weights.sum(axis=1, keepdims=True)).astype(np.float32)
    return probabilities
