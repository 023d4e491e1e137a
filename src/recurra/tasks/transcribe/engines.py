"""What computes the log-probabilities of a transcriber: its graph on ONNX Runtime, or its weights on the C kernel.

The kernel answers where it was built and the weights are there, ONNX Runtime everywhere else. The two agree to about
1e-5. RECURRA_ENGINE overrides the choice.
"""

from __future__ import annotations

from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from recurra.errors import ArtefactError, OptionError
from recurra.inference.closed_graph import finite
from recurra.inference.kernel_layers import KernelLayer, KernelProduct, Weights, available, open_kernel, padded, spread
from recurra.inference.requested_engine import VARIABLE, requested
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
        shapes = {name: array.shape for name, array in weights.items()}
        if shapes != shape.weight_shapes() or any(array.dtype != np.float32 for array in weights.values()):
            raise ArtefactError(f"{where} does not hold the weights of this network. Train the model again.")
        for name, array in weights.items():
            if not finite(array):
                raise ArtefactError(
                    f"{where}: the weights {name!r} hold values that are not finite. Train the model again."
                )
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


def engine_name(has_weights: bool) -> str:
    """Return the name of the engine that answers here. Raises OptionError where another one is requested."""
    name = requested()
    if name == "kernel" and not (available() and has_weights):
        lacking = "the model has no weights.safetensors" if available() else "this installation has no kernel"
        raise OptionError(f"{VARIABLE}=kernel: {lacking}. Leave {VARIABLE} out.")
    return "kernel" if name != "onnxruntime" and available() and has_weights else "onnxruntime"


def kernel_of(source: Artefact, shape: TranscriberShape) -> KernelEngine | None:
    """Return the kernel with the weights of a model directory; None where ONNX Runtime answers.

    Raises ArtefactError for weights that are not of this network.
    """
    content = source.files.get(WEIGHTS)
    if engine_name(WEIGHTS in source.manifest.files) != "kernel" or content is None:
        return None
    from safetensors.numpy import load

    where = str(source.path / WEIGHTS)
    try:
        weights = load(content)
    except Exception as error:  # the header is anyone's: SafetensorError, or KeyError for a type that NumPy lacks
        raise ArtefactError(f"{where} is damaged: {error}. Train the model again.") from None
    return KernelEngine(shape, weights, where)
