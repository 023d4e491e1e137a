"""Which engine computes a classifier's answers: the one rule, and the environment variable that overrides it.

The kernel answers where it was built, the model answers in single precision and its weights are there; ONNX Runtime
answers everywhere else, and every model with int8 weights. In single precision the two agree to about 1e-5.
"""

from __future__ import annotations

from typing import Any

from recurra.errors import ArtefactError, OptionError
from recurra.evaluation.temperature import COLDEST, HOTTEST
from recurra.inference.requested_engine import VARIABLE, requested
from recurra.many_to_one.engines.kernel import KernelEngine, Weights, available
from recurra.many_to_one.shape import ManyToOneShape, sound_temperature
from recurra.storage.model_directory import MANIFEST, MODEL, TOKENIZER, WEIGHTS, Artefact, Manifest


def kernel_answers() -> bool:
    """Return whether the kernel answers models in single precision.

    Raises OptionError where RECURRA_ENGINE requests the kernel and there is none.
    """
    name = requested()
    if name == "kernel" and not available():
        raise OptionError(
            f"{VARIABLE}=kernel: this installation has no kernel. A C compiler is needed at installation to build it."
        )
    return name != "onnxruntime" and available()


def exact_engine(
    network: ManyToOneShape, weights: Weights, temperature: float, threads: int | None = None
) -> KernelEngine | None:
    """Return the kernel for a network in single precision, or None where ONNX Runtime answers.

    Raises OptionError where RECURRA_ENGINE requests the kernel and there is none.
    """
    return KernelEngine(network, weights, temperature, threads) if kernel_answers() else None


def answering(manifest: Manifest) -> str:
    """Return the name of the engine that answers a classifier here, if the file of its weights is there."""
    return "kernel" if _is_exact(manifest.metrics) and kernel_answers() else "onnxruntime"


def needed(manifest: Manifest) -> tuple[str, ...]:
    """Return the names of the files that a classifier's engine and tokeniser read."""
    return (MODEL, TOKENIZER, WEIGHTS) if answering(manifest) == "kernel" else (MODEL, TOKENIZER)


def engine_of(source: Artefact, network: ManyToOneShape, threads: int | None) -> KernelEngine | None:
    """Return the kernel for a model directory, or None where ONNX Runtime answers.

    Raises ArtefactError for weights that are not of `network`; OptionError where RECURRA_ENGINE requests the kernel and
    it cannot answer.
    """
    metrics, content = source.manifest.metrics, source.files.get(WEIGHTS)
    if not kernel_answers():
        return None
    if content is None or not _is_exact(metrics):
        if requested() == "kernel":
            raise OptionError(
                f"{VARIABLE}=kernel: {source.path} has no weights in single precision; its graph has to answer."
            )
        return None
    from safetensors.numpy import load

    where = str(source.path / WEIGHTS)
    try:
        weights = load(content)
    except Exception as error:  # the header is anyone's: SafetensorError, or KeyError for a type that NumPy lacks
        raise ArtefactError(f"{where} is damaged: {error}. Train the model again.") from None
    return KernelEngine(network, weights, metrics["temperature"], threads, where=where)


def _is_exact(metrics: dict[str, Any]) -> bool:
    """Return whether a manifest's metrics state that the model answers in single precision, and its temperature.

    Raises ArtefactError for a temperature out of range.
    """
    export, temperature = metrics.get("export"), metrics.get("temperature")
    if temperature is not None and not (isinstance(temperature, float) and sound_temperature(temperature)):
        raise ArtefactError(
            f"{MANIFEST} states the temperature {temperature!r}; it must be from {COLDEST} to {HOTTEST:g}. "
            "Train the model again."
        )
    return isinstance(export, dict) and export.get("precision") == "fp32" and temperature is not None
