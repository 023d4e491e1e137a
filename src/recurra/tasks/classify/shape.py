"""The shape of a network: all that is needed, next to its weights, to rebuild it anywhere.

It is what the training network, the exported graph and the manifest have in common, and it imports none of them.
"""

from __future__ import annotations

from typing import Literal, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

from recurra.errors import ArtefactError
from recurra.kernel.layout import GATES, MAX_ELEMENTS, REDUCED_WIDTH, Cell, Direction, Reduction
from recurra.storage.model_directory import MANIFEST, Artefact

Pooling = Literal["last", "mean", "max", "max-mean", "attention"]

REDUCTIONS: dict[Pooling, Reduction] = {
    "last": "last",
    "mean": "sum",
    "max": "max",
    "max-mean": "max_and_sum",
    "attention": "all",
}
"""What each pooling takes from the top layer."""


class NetworkShape(BaseModel):
    """Embedding -> stacked recurrent layers -> pooling -> one linear head.

    V vocabulary, D embedding, H hidden; F = H * directions is the width of what is pooled, P that of the result.
    `outputs` is 1 for two classes (one sigmoid unit), K for K classes (softmax).
    Raises pydantic's ValidationError (a ValueError) for values out of range, of another type, or unknown names.
    """

    model_config = ConfigDict(frozen=True, strict=True, extra="forbid")

    vocabulary: int = Field(ge=1)
    embedding: int = Field(ge=1)
    cell: Cell
    hidden: int = Field(ge=1)
    layers: int = Field(ge=1)
    direction: Direction
    pooling: Pooling
    outputs: int = Field(ge=1)

    @model_validator(mode="after")
    def _fits_one_file(self) -> Self:
        if self.layers > 1024 or self.parameters > MAX_ELEMENTS:
            raise ValueError(f"the network is too large for one ONNX file (2 GiB, {MAX_ELEMENTS:,} weights)")
        return self

    @property
    def directions(self) -> int:
        """2 when the sequence is read both ways, else 1."""
        return 2 if self.direction == "both" else 1

    @property
    def features(self) -> int:
        """F, the width of the recurrent output at each step: H * directions."""
        return self.hidden * self.directions

    @property
    def pooled(self) -> int:
        """P, the width of what the pooling makes of all steps: F, or 2F where it takes largest and mean."""
        return self.features * REDUCED_WIDTH[REDUCTIONS[self.pooling]]

    @property
    def classes(self) -> int:
        """K, the number of classes: two for a single output."""
        return 2 if self.outputs == 1 else self.outputs

    @property
    def gates(self) -> int:
        """G, the number of blocks of H rows in a recurrent weight."""
        return GATES[self.cell]

    @property
    def direction_names(self) -> tuple[str, ...]:
        """The names of the directions as they stand in the weights' names."""
        return ("left_to_right", "right_to_left") if self.direction == "both" else ("left_to_right",)

    @property
    def parameters(self) -> int:
        """How many numbers the weights hold (counted without listing them)."""
        gate_rows, features = self.gates * self.hidden, self.features
        recurrent = gate_rows * (self.embedding + (self.layers - 1) * features + self.layers * (self.hidden + 2))
        attention = features * (features + 2) if self.pooling == "attention" else 0
        head = self.outputs * (self.pooled + 1)
        return self.vocabulary * self.embedding + self.directions * recurrent + attention + head

    def weight_shapes(self) -> dict[str, tuple[int, ...]]:
        """Return the name and shape of every weight, in torch's layout and gate order.

        embedding [V, D]; weight_ih [G*H, in] (in = D for layer 0, F above), weight_hh [G*H, H], biases [G*H];
        attention: projection [F, F], [F] and score [1, F]; head [outputs, P], [outputs].
        """
        features, gate_rows = self.features, self.gates * self.hidden
        shapes: dict[str, tuple[int, ...]] = {"embedding.weight": (self.vocabulary, self.embedding)}
        for layer in range(self.layers):
            inputs = self.embedding if layer == 0 else features
            for name in self.direction_names:
                prefix = f"recurrent.layers.{layer}.{name}"
                shapes[f"{prefix}.weight_ih"] = (gate_rows, inputs)
                shapes[f"{prefix}.weight_hh"] = (gate_rows, self.hidden)
                shapes[f"{prefix}.bias_ih"] = (gate_rows,)
                shapes[f"{prefix}.bias_hh"] = (gate_rows,)
        if self.pooling == "attention":
            shapes["pooling.projection.weight"] = (features, features)
            shapes["pooling.projection.bias"] = (features,)
            shapes["pooling.score.weight"] = (1, features)
        shapes["head.weight"] = (self.outputs, self.pooled)
        shapes["head.bias"] = (self.outputs,)
        return shapes


def shape_of(source: Artefact) -> NetworkShape:
    """Return the shape of a classifier's network. Raises ArtefactError for a model of another task."""
    manifest = source.manifest
    if manifest.task != "classify":
        raise ArtefactError(f"{source.path} is a model of the task {manifest.task!r}; this needs a classifier.")
    shape = manifest.network_as(NetworkShape)
    if len(manifest.labels) != shape.classes:
        raise ArtefactError(f"{MANIFEST} has {len(manifest.labels)} labels for a network of {shape.classes} classes.")
    return shape
