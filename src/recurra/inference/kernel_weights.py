"""The choice between the C kernel and ONNX Runtime, and the weights of a model directory for the former.

The kernel answers where it was built and the weights are there, ONNX Runtime everywhere else; RECURRA_ENGINE overrides
the choice.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from recurra.errors import ArtefactError, OptionError
from recurra.inference.closed_graph import finite
from recurra.inference.kernel_layers import Weights, available
from recurra.inference.requested_engine import VARIABLE, requested
from recurra.storage.model_directory import WEIGHTS, Artefact


def engine_name(has_weights: bool) -> str:
    """Return the name of the engine that answers here. Raises OptionError where another one is requested."""
    name = requested()
    if name == "kernel" and not (available() and has_weights):
        lacking = "the model has no weights.safetensors" if available() else "this installation has no kernel"
        raise OptionError(f"{VARIABLE}=kernel: {lacking}. Leave {VARIABLE} out.")
    return "kernel" if name != "onnxruntime" and available() and has_weights else "onnxruntime"


def kernel_weights(source: Artefact) -> dict[str, NDArray[np.float32]] | None:
    """Return the weights of a model directory for the kernel; None where ONNX Runtime answers.

    Raises ArtefactError for a file that cannot be read.
    """
    content = source.files.get(WEIGHTS)
    if engine_name(WEIGHTS in source.manifest.files) != "kernel" or content is None:
        return None
    from safetensors.numpy import load

    try:
        return load(content)
    except Exception as error:  # the header is anyone's: SafetensorError, or KeyError for a type that NumPy lacks
        raise ArtefactError(f"{source.path / WEIGHTS} is damaged: {error}. Train the model again.") from None


def check_weights(weights: Weights, shapes: Mapping[str, tuple[int, ...]], where: str) -> None:
    """Raise ArtefactError where weights are not float32 of these names and shapes, or not finite. where: their file."""
    found = {name: array.shape for name, array in weights.items()}
    if found != shapes or any(array.dtype != np.float32 for array in weights.values()):
        raise ArtefactError(f"{where} does not hold the weights of this network. Train the model again.")
    for name, array in weights.items():
        if not finite(array):
            raise ArtefactError(
                f"{where}: the weights {name!r} hold values that are not finite. Train the model again."
            )
