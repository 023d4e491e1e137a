"""A trained model that another goes on from: its words, its labels, and every weight of its network."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from recurra.errors import ArtefactError
from recurra.many_to_one.model import AnyModel
from recurra.many_to_one.shape import CODES, ManyToOneShape
from recurra.storage import model_directory
from recurra.storage.base import lineage
from recurra.storage.model_directory import METRICS, MODEL, TOKENIZER, WEIGHTS, Artefact, Label
from recurra.storage.packaged_models import find_model
from recurra.storage.sound_json import sound_json
from recurra.text.saved_tokenizer import tokenizer_from_json
from recurra.text.tokenizer import Tokenizer


@dataclass(frozen=True)
class Trained:
    """A trained model, of one network.

    path: as it was given. labels: in the order of its outputs; weights: by the names of `shape.weight_shapes()`;
    temperature: by which its logits are divided. config: the options that it was trained with, as plain values;
    lineage: what a model states of the one that it goes on with; data: what its manifest states of its rows; metrics:
    what its manifest states of it as it was trained, such as the range of its answers; split: how many of its rows did
    what, "split" of its metrics.json, and "kept_apart", what was left out of them; source: the directory, where
    it comes from one.
    """

    def facts(self) -> dict[str, Any]:
        """Return what a model states of the one that it goes on with."""
        return dict(self.lineage)

    def model(self, kind: type[AnyModel], threads: int | None = None) -> AnyModel:
        """Return the model as it answers before it is trained further. kind: the class of the task's models."""
        assert self.source is not None  # for the type checker: only in Python is there none
        return kind.from_artefact(self.source, threads)

    path: str
    shape: ManyToOneShape
    tokenizer: Tokenizer
    labels: Sequence[Label]
    weights: Mapping[str, NDArray[Any]]
    temperature: float
    config: Mapping[str, Any] = field(default_factory=dict)
    lineage: Mapping[str, Any] = field(default_factory=dict)
    data: Mapping[str, Any] = field(default_factory=dict)
    metrics: Mapping[str, Any] = field(default_factory=dict)
    split: Mapping[str, Any] = field(default_factory=dict)
    source: Artefact | None = None


def read_trained(directory: str | os.PathLike[str], task: str) -> Trained:
    """Return the model of a task in a directory of which every file was checked.

    directory: a path, or the name of a model that comes with Recurra. Raises ArtefactError, naming what is wrong and
    what can be gone on with.
    """
    path = find_model(directory).path
    source = model_directory.read(path, (MODEL, TOKENIZER, WEIGHTS, METRICS))
    manifest = source.manifest
    if manifest.task != task:
        raise ArtefactError(
            f"--from {directory} is a model of the task {manifest.task}, and this is training of {task}: a model goes "
            f"on with rows of its own task. Give --task {manifest.task}, or a model of the task {task}."
        )
    if WEIGHTS not in source.files:
        listed = WEIGHTS in manifest.files
        why = "has no weights.safetensors" if listed else "was written without weights.safetensors"
        raise ArtefactError(
            f"--from {directory} {why}, and only with its weights can training go on. "
            + ("Copy it whole, or give another." if listed else "Give a model that `recurra train` wrote.")
        )
    if manifest.network.get("members", 1) != 1:
        raise ArtefactError(
            f"--from {directory} is an ensemble of {manifest.network['members']} networks, and training goes on with "
            "one. Give a model that was trained without --ensemble."
        )
    try:
        return _checked(str(directory), source)
    except ArtefactError as error:
        raise model_directory.of_directory(path, error) from None


def _checked(path: str, source: Artefact) -> Trained:
    """Return the model in a directory. Raises ArtefactError where its parts do not fit each other."""
    from safetensors import SafetensorError
    from safetensors.numpy import load

    manifest = source.manifest
    shape = manifest.network_as(ManyToOneShape)
    tokenizer = tokenizer_from_json(source.files[TOKENIZER].decode("utf-8", "replace"))
    if tokenizer.size != shape.vocabulary:
        raise ArtefactError(
            f"{TOKENIZER} has {tokenizer.size:,} ids for a network of {shape.vocabulary:,}. Copy the whole directory "
            "again."
        )
    try:
        weights = load(source.files[WEIGHTS])
    except (SafetensorError, ValueError, KeyError, TypeError) as error:
        raise ArtefactError(f"{WEIGHTS} cannot be read: {error}. Copy the whole directory again.") from None
    for name, expected in shape.weight_shapes().items():
        kind = np.int8 if name in CODES else np.float32
        if name not in weights or weights[name].shape != expected or weights[name].dtype != kind:
            raise ArtefactError(f"{WEIGHTS} does not have {name} of {expected}. Copy the whole directory again.")
        if name not in CODES and not np.isfinite(weights[name]).all():
            raise ArtefactError(f"{WEIGHTS}: {name} holds what is no number. Train the model again.")
    temperature = manifest.metrics.get("temperature", 1.0)
    if not isinstance(temperature, (int, float)) or not 0 < temperature < float("inf"):
        raise ArtefactError(f"The manifest states the temperature {temperature!r}, which is none. Train it again.")
    return Trained(
        path,
        shape,
        tokenizer,
        manifest.labels,
        weights,
        float(temperature),
        manifest.config,
        lineage(path, manifest),
        manifest.data,
        manifest.metrics,
        _split(source),
        source,
    )


def _split(source: Artefact) -> Mapping[str, Any]:
    """Return how many rows of a model did what; nothing where its directory does not say."""
    told = sound_json(METRICS, source.files[METRICS]) if METRICS in source.files else {}
    counts = told.get("split") if isinstance(told, Mapping) else None
    if not isinstance(counts, Mapping):
        return {}
    continued = told.get("continued")
    kept_apart = continued.get("kept_apart") if isinstance(continued, Mapping) else None
    return {**counts, "kept_apart": kept_apart if isinstance(kept_apart, Mapping) else {}}
