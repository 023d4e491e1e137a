"""Which engine computes a classifier's answers: the one rule, and the switch over it.

The kernel answers a model in single precision where it was built and the weights are there; ONNX Runtime answers
everywhere else, and every model with int8 weights. In single precision the two agree to about 1e-5.
"""

from __future__ import annotations

import os
from typing import Any

from recurra.errors import ArtefactError, OptionError
from recurra.storage.model_directory import MODEL, TOKENIZER, WEIGHTS, Artefact, Manifest
from recurra.tasks.classify.engines.kernel import KernelEngine, Weights, available
from recurra.tasks.classify.shape import NetworkShape, shape_of

VARIABLE = "RECURRA_ENGINE"
ENGINES = ("auto", "kernel", "onnxruntime")


def wanted() -> str:
    """Return what the environment variable RECURRA_ENGINE asks for (auto). Raises OptionError for an unknown engine."""
    named = os.environ.get(VARIABLE) or "auto"
    if named not in ENGINES:
        raise OptionError(f"{VARIABLE}={named}: accepted are {', '.join(ENGINES)}.")
    return named


def exact_engine(
    network: NetworkShape, weights: Weights, temperature: float, threads: int | None = None
) -> KernelEngine | None:
    """Return the kernel for a network in single precision, or None where its graph has to answer.

    Raises OptionError where RECURRA_ENGINE asks for a kernel that is not here.
    """
    return KernelEngine(network, weights, temperature, threads) if kernel_answers() else None


def answering(manifest: Manifest) -> str:
    """Return the name of the engine that answers a classifier here, its weights being there."""
    return "kernel" if _exact(manifest.metrics) and kernel_answers() else "onnxruntime"


def needed(manifest: Manifest) -> tuple[str, ...]:
    """Return the names of the files that this model's engine reads, the tokeniser's included."""
    if manifest.task == "classify" and answering(manifest) == "kernel":
        return MODEL, TOKENIZER, WEIGHTS
    return MODEL, TOKENIZER


def engine_of(source: Artefact, threads: int | None) -> KernelEngine | None:
    """Return the kernel for a model directory, or None where its graph has to answer.

    Raises ArtefactError for weights that are not of its network, OptionError as `exact_engine` does.
    """
    metrics, content = source.manifest.metrics, source.files.get(WEIGHTS)
    if not kernel_answers():
        return None
    if content is None or not _exact(metrics):
        if wanted() == "kernel":
            raise OptionError(
                f"{VARIABLE}=kernel: {source.path} has no weights in single precision; its graph has to answer."
            )
        return None
    from safetensors import SafetensorError
    from safetensors.numpy import load

    try:
        weights = load(content)
    except SafetensorError as error:
        raise ArtefactError(f"{WEIGHTS} is not sound: {error}. Train the model again.") from None
    return KernelEngine(shape_of(source), weights, metrics["temperature"], threads)


def kernel_answers() -> bool:
    """Return whether the kernel answers what it can. Raises OptionError where it is asked for and not here."""
    named = wanted()
    if named == "kernel" and not available():
        raise OptionError(
            f"{VARIABLE}=kernel: there is no kernel here. It is built at installation where a C compiler is at hand."
        )
    return named != "onnxruntime" and available()


def _exact(metrics: dict[str, Any]) -> bool:
    """Whether a manifest's metrics say that the model answers in single precision, and at which temperature."""
    export, temperature = metrics.get("export"), metrics.get("temperature")
    return (
        isinstance(export, dict)
        and export.get("precision") == "fp32"
        and isinstance(temperature, float)
        and temperature > 0
    )
