"""What computes the outputs of a model of series: its graph on ONNX Runtime, or its weights on the C kernel.

The two agree to about 1e-5; `inference/kernel_weights.py` chooses.
"""

from __future__ import annotations

from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from recurra.inference.kernel_layers import KernelLayer, KernelProduct, Weights, open_kernel, padded, spread
from recurra.inference.kernel_weights import check_weights, kernel_weights
from recurra.inference.session import Graph
from recurra.kernel.ragged import Ragged
from recurra.storage.model_directory import WEIGHTS, Artefact
from recurra.tasks.series.convolutions import RandomConvolutions
from recurra.tasks.series.front import Front
from recurra.tasks.series.shape import SeriesShape

Floats = NDArray[np.float32]


class Engine(Protocol):
    """Computes outputs. Safe to call from several threads."""

    name: str

    def __call__(self, frames: Floats, lengths: NDArray[np.int64]) -> Floats:
        """Return outputs [B, K]. frames: [B, T, V], of any value beyond a row's length; lengths: [B], from 1 to T."""
        ...


class GraphEngine:
    """The exported graph."""

    name = "onnxruntime"

    def __init__(self, session: Graph, shape: SeriesShape) -> None:
        self._session, self._step = session, shape.step

    def __call__(self, frames: Floats, lengths: NDArray[np.int64]) -> Floats:
        frames = np.pad(frames, ((0, 0), (0, -frames.shape[1] % self._step), (0, 0)))
        (found,) = self._session.run(["outputs"], {"frames": frames, "lengths": lengths})
        return np.asarray(found, dtype=np.float32)


class KernelEngine:
    """The weights on the C kernel, and the convolutions, learnt and random, in NumPy."""

    name = "kernel"

    def __init__(self, shape: SeriesShape, weights: Weights, where: str = WEIGHTS) -> None:
        """weights: of the names and shapes of `shape.weight_shapes()`, finite; otherwise raises ArtefactError.

        where: their file, for errors. Raises RuntimeError where there is no kernel: ask `available` first.
        """
        check_weights(weights, shape.weight_shapes(), where)
        kernel = open_kernel()
        self._mean, self._deviation = weights["mean"], weights["deviation"]
        self._front, self._outputs = Front.of(shape, weights), shape.outputs
        self._layers = [KernelLayer(kernel, shape.recurrent, weights, layer) for layer in range(shape.layers)]
        states = 2 * shape.recurrent.features
        self._direct = weights["head.weight"][:, states:].T  # [2 * inputs, K]
        weight = spread(weights["head.weight"][:, :states], shape.hidden, axis=1)
        rows = padded(shape.outputs) - shape.outputs
        self._head = KernelProduct(kernel, np.pad(weight, [(0, rows), (0, 0)]), np.pad(weights["head.bias"], (0, rows)))
        self._convolutions: RandomConvolutions | None = None
        if shape.dilations:
            self._convolutions = RandomConvolutions.of(shape.dilations, weights)
            self._weight = weights["convolutions.weight"].T

    def __call__(self, frames: Floats, lengths: NDArray[np.int64]) -> Floats:
        batch, time, _ = frames.shape
        real = np.arange(time) < lengths[:, None]
        standard = np.where(real[:, :, None], (frames - self._mean) / self._deviation, np.float32(0))
        front = self._front(standard, lengths)
        steps = front.steps.shape[1]
        ragged = Ragged.of(front.counts, steps)
        index = np.arange(batch * steps, dtype=np.int32).reshape(batch, steps)
        x = front.steps
        for depth, layer in enumerate(self._layers):
            projected = layer.product(x.reshape(index.size, -1))
            top = depth == len(self._layers) - 1
            x = layer.run(projected, index, ragged, "max_and_sum" if top else "all", helped=batch == 1)
        x[:, x.shape[1] // 2 :] /= front.counts[:, None].astype(np.float32)
        outputs = self._head(x)[:, : self._outputs] + front.pooled @ self._direct
        if self._convolutions is not None:
            rows = [values[:length] for values, length in zip(standard, lengths, strict=True)]
            outputs = outputs + self._convolutions.of_all(rows) @ self._weight
        return outputs


def kernel_of(source: Artefact, shape: SeriesShape) -> KernelEngine | None:
    """Return the kernel with the weights of a model directory; None where ONNX Runtime answers.

    Raises ArtefactError for weights that are not of this network.
    """
    weights = kernel_weights(source)
    return None if weights is None else KernelEngine(shape, weights, str(source.path / WEIGHTS))
