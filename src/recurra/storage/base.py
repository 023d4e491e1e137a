"""A base: a network that was pretrained on texts without labels, from which many models start.

It is a model directory of the kind BASE, without a graph: it answers nothing by itself. A model of another kind can be
started from too, where its embedding and its recurrent layers have the names that they have here.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from pydantic import Field

from recurra.errors import ArtefactError, OutputError
from recurra.kernel.layout import Cell, Direction
from recurra.storage import model_directory
from recurra.storage.model_directory import BASE, TOKENIZER, WEIGHTS, Artefact, Manifest
from recurra.storage.packaged_models import find_model
from recurra.storage.shape import RecurrentStack, Shape
from recurra.text.saved_tokenizer import tokenizer_from_json
from recurra.text.tokenizer import Tokenizer

STARTS = (BASE, "classify")
"""The kinds of models that can be started from."""

EMBEDDING, LAYERS = "embedding.weight", "recurrent.layers"
"""The names of the weights: the table, and what those of the recurrent layers begin with."""


class BaseShape(Shape):
    """Embedding -> stacked recurrent layers. V vocabulary, D embedding, H hidden."""

    vocabulary: int = Field(ge=1)
    embedding: int = Field(ge=1)
    cell: Cell
    hidden: int = Field(ge=1)
    layers: int = Field(ge=1, le=1024)
    direction: Direction

    @property
    def stack(self) -> RecurrentStack:
        """The recurrent layers."""
        return RecurrentStack(self.cell, self.embedding, self.hidden, self.layers, self.direction)

    @property
    def parameters(self) -> int:
        return self.vocabulary * self.embedding + self.stack.parameters

    def weight_shapes(self) -> dict[str, tuple[int, ...]]:
        """Return the name and shape of every weight: embedding [V, D]; the layers: see `RecurrentStack`."""
        return {EMBEDDING: (self.vocabulary, self.embedding), **self.stack.weight_shapes(LAYERS)}


@dataclass(frozen=True)
class Base:
    """What a model starts from. path: as it was given; weights: float32 arrays by the names of the shape's."""

    path: str
    manifest: Manifest
    shape: BaseShape
    tokenizer: Tokenizer
    weights: dict[str, NDArray[np.float32]]

    @property
    def digest(self) -> str:
        """That of the manifest, which has the digest of every file."""
        return self.manifest.digest

    def facts(self) -> dict[str, Any]:
        """Return what a model states of the base that it started from."""
        return from_facts(self.path, self.manifest)


def from_facts(path: str, manifest: Manifest) -> dict[str, Any]:
    """Return what a model states of the one that it started from. path: as it was given."""
    data = manifest.data
    return {
        "path": path,
        "kind": manifest.task,
        "digest": manifest.digest,
        "recurra": manifest.recurra,
        "how": str(data.get("how", data.get("name", ""))),
    }


def check_apart(start: str | None, out: Path, state: Path) -> None:
    """Raise OutputError where a model `out`, or the `state` of its training, would be written over what it starts from.

    start: as --from has it; None for nothing. Another spelling or a symbolic link of a directory is that directory.
    """
    if start is None:
        return
    base = Path(os.path.realpath(find_model(start).path))
    for place in (out, state):
        real = Path(os.path.realpath(place))
        if base == real or real in base.parents:
            what = "is" if place is out and base == real else "would be written over"
            raise OutputError(f"--out {out} {what} the base of --from {start}. Give another folder.")


def read_base(directory: str | os.PathLike[str]) -> Base:
    """Return the base, or the network of a classifier, in a directory of which every file was checked.

    directory: a path, or the name of a model that comes with Recurra. Raises ArtefactError, naming what is wrong and
    what is supported.
    """
    path = find_model(directory).path
    source = model_directory.read(path, (TOKENIZER, WEIGHTS))
    kind = source.manifest.task
    if kind not in STARTS:
        raise ArtefactError(
            f"--from {directory} is a model of the task {kind}. Start from a base, which `recurra pretrain TEXTS --out "
            "base` makes, or from a classifier."
        )
    if WEIGHTS not in source.files:
        if WEIGHTS not in source.manifest.files:
            raise ArtefactError(
                f"--from {directory} was written without {WEIGHTS}, as the models that come with Recurra are, and "
                "cannot be started from. Start from a base, which `recurra pretrain TEXTS --out base` makes, or from a "
                "classifier of your own."
            )
        raise ArtefactError(f"--from {directory} has no {WEIGHTS} to start from. Copy it whole, or give another.")
    if source.manifest.network.get("members", 1) != 1:
        raise ArtefactError(
            f"--from {directory} is an ensemble of several networks, and one can be started from. Start from a "
            "base, or from a classifier that was trained without --ensemble."
        )
    try:
        return _checked(str(directory), source)
    except ArtefactError as error:
        raise model_directory.of_directory(path, error) from None


def _checked(path: str, source: Artefact) -> Base:
    """Return the base in a directory. Raises ArtefactError where its parts do not fit each other."""
    from safetensors import SafetensorError
    from safetensors.numpy import load

    own = {name: value for name, value in source.manifest.network.items() if name in BaseShape.model_fields}
    shape = source.manifest.model_copy(update={"network": own, "labels": []}).network_as(BaseShape)
    tokenizer = tokenizer_from_json(source.files[TOKENIZER].decode("utf-8", "replace"))
    if tokenizer.size != shape.vocabulary:
        raise ArtefactError(
            f"{TOKENIZER} has {tokenizer.size:,} ids for a network of {shape.vocabulary:,}. Copy the whole directory "
            "again."
        )
    try:
        found = load(source.files[WEIGHTS])
    except (SafetensorError, ValueError, KeyError, TypeError) as error:
        raise ArtefactError(f"{WEIGHTS} cannot be read: {error}. Copy the whole directory again.") from None
    weights: dict[str, NDArray[np.float32]] = {}
    for name, expected in shape.weight_shapes().items():
        if name not in found or found[name].shape != expected or found[name].dtype != np.float32:
            raise ArtefactError(f"{WEIGHTS} does not have {name} of {expected}. Copy the whole directory again.")
        if not np.isfinite(found[name]).all():
            raise ArtefactError(f"{WEIGHTS}: {name} holds what is no number. Make the base again.")
        weights[name] = found[name]
    return Base(path, source.manifest, shape, tokenizer, weights)


def lineage(path: str, manifest: Manifest) -> dict[str, Any]:
    """Return what a model states of the one that its training went on with: `from_facts`, when that was written, how
    many rows it had, their fingerprint, and in `ancestors`, newest first, the same of those that it went on with or
    began at."""
    data = manifest.data
    parent = data.get("from") or {}
    older = [{name: value for name, value in parent.items() if name != "ancestors"}] if parent else []
    return {
        **from_facts(path, manifest),
        "continued": True,
        "created": manifest.created,
        "fingerprint": str(data.get("fingerprint", "")),
        "training_fingerprint": data.get("training_fingerprint"),
        "rows": data.get("rows"),
        "ancestors": [*older, *(parent.get("ancestors") or [])],
    }


def from_in_words(facts: Mapping[str, Any] | None) -> str:
    """Return what a model started from, from `Base.facts`; "" where it started from nothing."""
    if not facts:
        return ""
    kinds = {BASE: "the base", "classify": "the classifier"}
    what = kinds.get(facts["kind"], f"the model of the task {facts['kind']}")
    told = f"{what} {facts['path']}, made from {facts['how']}, digest {facts['digest'][:12]}"
    if not facts.get("continued"):
        return told
    ancestors = "".join(f"; before that {from_in_words(older)}" for older in facts.get("ancestors") or [])
    return f"{told}, written {facts['created']}, which this goes on with{ancestors}"
