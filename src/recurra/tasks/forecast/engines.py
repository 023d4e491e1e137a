"""What computes the corrections of a model that forecasts: its graph on ONNX Runtime, or its weights on the C kernel.

The two agree to about 1e-5; `inference/kernel_weights.py` chooses.
"""

from __future__ import annotations

from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from recurra.inference.kernel_layers import KernelLayer, Weights, open_kernel, padded, spread
from recurra.inference.kernel_weights import check_weights, kernel_weights
from recurra.inference.session import Graph
from recurra.kernel.layout import Reduction
from recurra.kernel.ragged import Ragged
from recurra.storage.model_directory import WEIGHTS, Artefact
from recurra.tasks.forecast.shape import QUANTILES, ForecastShape, member_name

Floats = NDArray[np.float32]

NARROWEST, WIDEST = -6.0, 4.0
"""Between these is the logarithm of the distance of an outer quantile from the middle one."""


class Engine(Protocol):
    """Computes corrections. Safe to call from several threads."""

    name: str

    def __call__(self, frames: Floats, known: Floats) -> Floats:
        """Return the quantiles [B, H, 3] of the error of the anchor, in units of its spread, none smaller than the one
        before it. frames: [B, K, segment * channels]; known: [B, J, N]: see `windows.Window`."""
        ...


class GraphEngine:
    """The exported graph."""

    name = "onnxruntime"

    def __init__(self, session: Graph) -> None:
        self._session = session

    def __call__(self, frames: Floats, known: Floats) -> Floats:
        (found,) = self._session.run(["quantiles"], {"frames": frames, "known": known})
        return np.asarray(found, dtype=np.float32)


class KernelEngine:
    """The weights on the C kernel, and what comes after the recurrent layers in NumPy."""

    name = "kernel"

    def __init__(self, shape: ForecastShape, weights: Weights, where: str = WEIGHTS) -> None:
        """weights: of the names and shapes of `shape.weight_shapes()`, finite; otherwise raises ArtefactError.

        where: their file, for errors. Raises RuntimeError where there is no kernel: ask `available` first.
        """
        check_weights(weights, shape.weight_shapes(), where)
        self._members = [
            _Member(shape, {name: weights[member_name(number, name)] for name in shape.member_shapes()})
            for number in range(shape.members)
        ]

    def __call__(self, frames: Floats, known: Floats) -> Floats:
        answers = [member(frames, known) for member in self._members]
        return np.asarray(np.mean(answers, axis=0, dtype=np.float32))


class _Member:
    def __init__(self, shape: ForecastShape, weights: Weights) -> None:
        kernel = open_kernel()
        self._shape, self._weights = shape, weights
        self._layers = [KernelLayer(kernel, shape.stack_of_layers, weights, layer) for layer in range(shape.layers)]
        wide = spread(weights["state.weight"], shape.hidden, axis=1)
        self._state = np.ascontiguousarray(wide.T)  # [H padded, H']
        assert len(self._state) == padded(shape.hidden)

    def __call__(self, frames: Floats, known: Floats) -> Floats:
        batch, steps, _ = frames.shape
        index = np.arange(batch * steps, dtype=np.int32).reshape(batch, steps)
        ragged = Ragged.of(np.full(batch, steps, dtype=np.int64), steps)
        x = frames
        for depth, layer in enumerate(self._layers):
            reduction: Reduction = "last" if depth == len(self._layers) - 1 else "all"
            x = layer.run(layer.product(x.reshape(index.size, -1)), index, ragged, reduction, helped=False)
        weights, shape = self._weights, self._shape
        state = x @ self._state + weights["state.bias"]  # [B, H']
        segments = np.tanh(state[:, None] + (known @ weights["known.weight"].T + weights["position"]))  # [B, J, H']
        answers = segments @ weights["head.weight"].T + weights["head.bias"]
        return quantiles(answers.reshape(batch, -1, QUANTILES)[:, : shape.horizon])


def quantiles(answers: Floats) -> Floats:
    """Return the quantiles [.., 3] of answers [.., 3]: the middle one, and the logarithm of how far the others are."""
    middle = answers[..., 1]
    below, above = (np.exp(np.clip(answers[..., place], NARROWEST, WIDEST)) for place in (0, 2))
    return np.stack([middle - below, middle, middle + above], axis=-1)


def kernel_of(source: Artefact, shape: ForecastShape) -> KernelEngine | None:
    """Return the kernel with the weights of a model directory; None where ONNX Runtime answers.

    Raises ArtefactError for weights that are not of this network.
    """
    weights = kernel_weights(source)
    return None if weights is None else KernelEngine(shape, weights, str(source.path / WEIGHTS))
