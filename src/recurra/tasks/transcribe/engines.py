"""What computes the log-probabilities of a transcriber: its graph on ONNX Runtime, or its weights on the C kernel.

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
from recurra.tasks.transcribe.shape import TranscriberShape

Floats = NDArray[np.float32]


class Engine(Protocol):
    """Computes log-probabilities. Safe to call from several threads."""

    name: str

    def __call__(self, frames: Floats, lengths: NDArray[np.int64]) -> Floats:
        """Return log-probabilities [B, T, K], undefined beyond a row's length.

        frames: steps [B, T, D]; lengths: [B], 1 <= lengths <= T.
        """
        ...


class GraphEngine:
    """The exported graph."""

    name = "onnxruntime"

    def __init__(self, session: Graph) -> None:
        self._session = session

    def __call__(self, frames: Floats, lengths: NDArray[np.int64]) -> Floats:
        (found,) = self._session.run(["log_probabilities"], {"frames": frames, "lengths": lengths})
        return np.asarray(found, dtype=np.float32)


class KernelEngine:
    """The weights on the C kernel."""

    name = "kernel"

    def __init__(self, shape: TranscriberShape, weights: Weights, where: str = WEIGHTS) -> None:
        """weights: of the names and shapes of `shape.weight_shapes()`, finite; otherwise raises ArtefactError.

        where: their file, for errors. Raises RuntimeError where there is no kernel: ask `available` first.
        """
        check_weights(weights, shape.weight_shapes(), where)
        kernel = open_kernel()
        self._mean, self._deviation = (np.tile(weights[name], shape.stack) for name in ("mean", "deviation"))
        self._symbols = shape.symbols
        self._layers = [KernelLayer(kernel, shape.stack_of_layers, weights, layer) for layer in range(shape.layers)]
        weight = spread(weights["head.weight"], shape.hidden, axis=1)
        rows = padded(shape.symbols) - shape.symbols
        self._head = KernelProduct(kernel, np.pad(weight, [(0, rows), (0, 0)]), np.pad(weights["head.bias"], (0, rows)))

    def __call__(self, frames: Floats, lengths: NDArray[np.int64]) -> Floats:
        batch, time, _ = frames.shape
        ragged = Ragged.of(lengths, time)
        index = np.arange(batch * time, dtype=np.int32).reshape(batch, time)
        x = (frames - self._mean) / self._deviation
        for layer in self._layers:
            projected = layer.product(x.reshape(index.size, -1))
            x = layer.run(projected, index, ragged, "all", helped=batch == 1)
        real = np.arange(time) < lengths[:, None]
        logits = self._head(x[real])[:, : self._symbols]
        scores = logits - logits.max(axis=1, keepdims=True)
        found = np.zeros((batch, time, self._symbols), dtype=np.float32)
        found[real] = scores - np.log(np.exp(scores).sum(axis=1, keepdims=True))
        return found


def kernel_of(source: Artefact, shape: TranscriberShape) -> KernelEngine | None:
    """Return the kernel with the weights of a model directory; None where ONNX Runtime answers.

    Raises ArtefactError for weights that are not of this network.
    """
    weights = kernel_weights(source)
    return None if weights is None else KernelEngine(shape, weights, str(source.path / WEIGHTS))
