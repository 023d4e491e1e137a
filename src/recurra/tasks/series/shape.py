"""The shape of a network for series: see `storage/shape.py`."""

from __future__ import annotations

import math
from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from recurra.kernel.layout import Cell, Direction
from recurra.storage.shape import RecurrentStack, Shape
from recurra.tasks.series.convolutions import KERNELS

Kind = Literal["classify", "regress"]
MOST_CHANNELS = 4_096
WIDEST = 31
"""Steps that a convolution before the recurrent layers reads, at most."""
MOST_FRAMES = 64
"""Of a stride, and of a pool."""

Width = Annotated[int, Field(ge=1, le=WIDEST)]
Filters = Annotated[int, Field(ge=1, le=MOST_CHANNELS)]
Stride = Annotated[int, Field(ge=1, le=MOST_FRAMES)]
Convolution = Annotated[tuple[Width, Filters, Stride], Field(strict=False)]


class SeriesShape(Shape):
    """Frames of numbers -> convolutions -> pooled in time -> stacked recurrent layers -> a linear head.

    The head reads the largest and the mean state of the recurrent layers, and the largest and the mean output of the
    last convolution. To its outputs those of a linear model of random convolutions are added.

    kind: what comes out, a label or a number. channels: C, the numbers of a frame; masks: how many of them have a mark
    beside them that says where they are missing. front: the convolutions before the recurrent layers, each (width,
    output channels, stride), the width odd; pool: outputs of the last one that make one step, of which the largest
    counts. outputs: K, the labels, or 1. dilations: [D] of the random convolutions, none for a network alone; biases:
    F, of each of these.
    """

    kind: Kind
    channels: int = Field(ge=1, le=MOST_CHANNELS)
    masks: int = Field(0, ge=0, le=MOST_CHANNELS)
    front: Annotated[tuple[Convolution, ...], Field(strict=False, min_length=1, max_length=8)]
    pool: int = Field(ge=1, le=MOST_FRAMES)
    cell: Cell
    hidden: int = Field(ge=1)
    layers: int = Field(ge=1, le=64)
    direction: Direction
    outputs: int = Field(ge=1)
    dilations: Annotated[tuple[Annotated[int, Field(ge=1, le=1_000_000)], ...], Field(strict=False)] = ()
    biases: int = Field(0, ge=0)

    @model_validator(mode="after")
    def _is_of_one_kind(self) -> Self:
        if (self.kind == "regress") != (self.outputs == 1):
            raise ValueError("a label has two outputs or more, and a number has one")
        if bool(self.dilations) != bool(self.biases):
            raise ValueError("random convolutions have both dilations and biases, or neither")
        if any(width % 2 == 0 for width, _, _ in self.front):
            raise ValueError("a convolution has an odd width")
        return self

    @property
    def values(self) -> int:
        """V, the values of a frame: C and the marks."""
        return self.channels + self.masks

    @property
    def inputs(self) -> int:
        """The width of a step: the channels of the last convolution."""
        return self.front[-1][1]

    @property
    def step(self) -> int:
        """The frames that make one step of the recurrent layers."""
        return self.pool * math.prod(stride for _, _, stride in self.front)

    @property
    def recurrent(self) -> RecurrentStack:
        """The recurrent layers."""
        return RecurrentStack(self.cell, self.inputs, self.hidden, self.layers, self.direction)

    @property
    def pooled(self) -> int:
        """P, the width of what the head reads: the largest and the mean, of the states and of the convolutions."""
        return 2 * (self.recurrent.features + self.inputs)

    @property
    def convolved(self) -> int:
        """The number of features that the random convolutions give: D * 84 * F."""
        return len(self.dilations) * KERNELS * self.biases

    @property
    def labels(self) -> int | None:
        return 0 if self.kind == "regress" else self.outputs

    @property
    def parameters(self) -> int:
        front = sum(math.prod(size) for size in self.front_shapes().values())
        random = len(self.dilations) * KERNELS * (self.values + 1) + self.convolved * (1 + self.outputs)
        head = self.outputs * (self.pooled + 1)
        return 2 * self.values + front + self.recurrent.parameters + head + random

    def front_shapes(self) -> dict[str, tuple[int, ...]]:
        """Return the name and shape of the weights of the front: `front.NUMBER.weight` [out, in, width], `.bias`."""
        shapes: dict[str, tuple[int, ...]] = {}
        inputs = self.values
        for number, (width, filters, _) in enumerate(self.front):
            shapes |= {f"front.{number}.weight": (filters, inputs, width), f"front.{number}.bias": (filters,)}
            inputs = filters
        return shapes

    def weight_shapes(self) -> dict[str, tuple[int, ...]]:
        """Return the name and shape of every weight.

        mean, deviation: [V], of each value in the training set; front: see `front_shapes`; the recurrent layers: see
        `RecurrentStack.weight_shapes`; head: weight [K, P], of the states first, and bias [K]; convolutions: see
        `RandomConvolutions`, and the weight [K, D * 84 * F] of their features.
        """
        shapes: dict[str, tuple[int, ...]] = {"mean": (self.values,), "deviation": (self.values,)}
        shapes |= self.front_shapes()
        shapes |= self.recurrent.weight_shapes("recurrent.layers")
        shapes |= {"head.weight": (self.outputs, self.pooled), "head.bias": (self.outputs,)}
        if self.dilations:
            each = (len(self.dilations), KERNELS)
            shapes |= {
                "convolutions.channels": (*each, self.values),
                "convolutions.biases": (*each, self.biases),
                "convolutions.widths": each,
                "convolutions.weight": (self.outputs, self.convolved),
            }
        return shapes
