"""The shape of a classifier's network: see `storage/shape.py`."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from recurra.errors import ArtefactError
from recurra.kernel.layout import DIRECTION_NAMES, GATES, REDUCED_WIDTH, Cell, Direction, Reduction
from recurra.storage.model_directory import Artefact
from recurra.storage.shape import RecurrentStack, Shape

Pooling = Literal["last", "mean", "max", "max-mean", "attention"]

REDUCTIONS: dict[Pooling, Reduction] = {
    "last": "last",
    "mean": "sum",
    "max": "max",
    "max-mean": "max_and_sum",
    "attention": "all",
}
"""What each pooling takes from the top layer."""


COLDEST, HOTTEST = 0.05, 20.0
"""Bounds of the temperature: outside them, validation rows are all right, all wrong or too few to fit it."""


def sound_temperature(temperature: float) -> bool:
    """Return whether logits are divided by such a temperature, which may have been rounded to single precision."""
    return COLDEST * (1 - 1e-6) <= temperature <= HOTTEST * (1 + 1e-6)


class ClassifierShape(Shape):
    """Embedding -> stacked recurrent layers -> pooling -> one linear head.

    V vocabulary, D embedding, H hidden; F = H * directions is the width of what is pooled, P that of the result.
    `outputs` is 1 for two classes (one sigmoid unit), K for K classes (softmax).
    """

    vocabulary: int = Field(ge=1)
    embedding: int = Field(ge=1)
    cell: Cell
    hidden: int = Field(ge=1)
    layers: int = Field(ge=1, le=1024)
    direction: Direction
    pooling: Pooling
    outputs: int = Field(ge=1)

    @property
    def stack(self) -> RecurrentStack:
        """The recurrent layers."""
        return RecurrentStack(self.cell, self.embedding, self.hidden, self.layers, self.direction)

    @property
    def directions(self) -> int:
        """2 when the sequence is read both ways, else 1."""
        return self.stack.directions

    @property
    def features(self) -> int:
        """F, the width of the recurrent output at each step: H * directions."""
        return self.stack.features

    @property
    def pooled(self) -> int:
        """P, the width of what the pooling makes of all steps: F, or 2F where it takes largest and mean."""
        return self.features * REDUCED_WIDTH[REDUCTIONS[self.pooling]]

    @property
    def classes(self) -> int:
        """K, the number of classes: two for a single output."""
        return 2 if self.outputs == 1 else self.outputs

    @property
    def labels(self) -> int:
        return self.classes

    @property
    def gates(self) -> int:
        """G, the number of blocks of H rows in a recurrent weight."""
        return GATES[self.cell]

    @property
    def direction_names(self) -> tuple[str, ...]:
        """The directions as they are called in the weights' names."""
        return DIRECTION_NAMES[self.direction]

    @property
    def parameters(self) -> int:
        attention = self.features * (self.features + 2) if self.pooling == "attention" else 0
        head = self.outputs * (self.pooled + 1)
        return self.vocabulary * self.embedding + self.stack.parameters + attention + head

    def weight_shapes(self) -> dict[str, tuple[int, ...]]:
        """Return the name and shape of every weight, in torch's layout and gate order.

        embedding [V, D]; the recurrent layers: see `RecurrentStack.weight_shapes`; attention: projection [F, F], [F]
        and score [1, F]; head [outputs, P], [outputs].
        """
        features = self.features
        shapes: dict[str, tuple[int, ...]] = {"embedding.weight": (self.vocabulary, self.embedding)}
        shapes |= self.stack.weight_shapes("recurrent.layers")
        if self.pooling == "attention":
            shapes["pooling.projection.weight"] = (features, features)
            shapes["pooling.projection.bias"] = (features,)
            shapes["pooling.score.weight"] = (1, features)
        shapes["head.weight"] = (self.outputs, self.pooled)
        shapes["head.bias"] = (self.outputs,)
        return shapes


def shape_of(source: Artefact) -> ClassifierShape:
    """Return the shape of a classifier's network. Raises ArtefactError for a model of another task."""
    manifest = source.manifest
    if manifest.task != "classify":
        raise ArtefactError(f"{source.path} is a model of the task {manifest.task!r}; this needs a classifier.")
    return manifest.network_as(ClassifierShape)
