"""The shape of a network for series: see `storage/shape.py`."""

from __future__ import annotations

from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from recurra.kernel.layout import Cell, Direction
from recurra.storage.shape import RecurrentStack, Shape
from recurra.tasks.series.convolutions import KERNELS

Kind = Literal["classify", "regress"]
MOST_CHANNELS = 4_096
MOST_STACK = 4_096


class SeriesShape(Shape):
    """Frames of numbers, several a step -> stacked recurrent layers -> largest and mean state -> a linear head.

    To its outputs those of a linear model of random convolutions are added.

    kind: what comes out, a label or a number. channels: C, the numbers of a frame; masks: how many of them have a mark
    beside them that says where they are missing; stack: frames that make one step; outputs: K, the labels, or 1.
    dilations: [D] of the convolutions, none for a network alone; biases: F, of each convolution.
    """

    kind: Kind
    channels: int = Field(ge=1, le=MOST_CHANNELS)
    masks: int = Field(0, ge=0, le=MOST_CHANNELS)
    stack: int = Field(ge=1, le=MOST_STACK)
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
            raise ValueError("convolutions have both dilations and biases, or neither")
        return self

    @property
    def values(self) -> int:
        """V, the values of a frame: C and the marks."""
        return self.channels + self.masks

    @property
    def inputs(self) -> int:
        """The width of a step: stack * V."""
        return self.stack * self.values

    @property
    def stack_of_layers(self) -> RecurrentStack:
        """The recurrent layers."""
        return RecurrentStack(self.cell, self.inputs, self.hidden, self.layers, self.direction)

    @property
    def pooled(self) -> int:
        """P, the width of the largest and the mean state."""
        return 2 * self.stack_of_layers.features

    @property
    def convolved(self) -> int:
        """The number of features that the convolutions give: D * 84 * F."""
        return len(self.dilations) * KERNELS * self.biases

    @property
    def labels(self) -> int | None:
        return 0 if self.kind == "regress" else self.outputs

    @property
    def parameters(self) -> int:
        convolutions = len(self.dilations) * KERNELS * (self.values + 1) + self.convolved * (1 + self.outputs)
        head = self.outputs * (self.pooled + 1)
        return 2 * self.values + self.stack_of_layers.parameters + head + convolutions

    def weight_shapes(self) -> dict[str, tuple[int, ...]]:
        """Return the name and shape of every weight.

        mean, deviation: [V], of each value in the training set; the recurrent layers: see
        `RecurrentStack.weight_shapes`; head: weight [K, P] and bias [K]; convolutions: see `RandomConvolutions`, and
        the weight [K, D * 84 * F] of their features.
        """
        shapes: dict[str, tuple[int, ...]] = {"mean": (self.values,), "deviation": (self.values,)}
        shapes |= self.stack_of_layers.weight_shapes("recurrent.layers")
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
