"""The shape of a transcriber's network: see `storage/shape.py`."""

from __future__ import annotations

from pydantic import Field

from recurra.kernel.layout import Cell, Direction
from recurra.storage.shape import RecurrentStack, Shape, state_names
from recurra.tasks.transcribe.features import Level, values
from recurra.tasks.transcribe.options import HIGHEST_RATE, LOWEST_RATE


def level_for(direction: Direction) -> Level:
    """Return the level that a network's front end subtracts: one that reads forward only has to take it as it comes."""
    return "utterance" if direction == "both" else "running"


class TranscriberShape(Shape):
    """Log-mel frames, several a step -> stacked recurrent layers -> a linear head with K symbols at each step.

    rate: samples a second; mels: M, the log-mel energies of a frame; stack: frames that make one step, and as many are
    passed by from step to step; symbols: K, the blank (0) and the characters; changes: whether each energy has its
    change beside it.
    """

    rate: int = Field(ge=LOWEST_RATE, le=HIGHEST_RATE)
    mels: int = Field(ge=8, le=256)
    stack: int = Field(ge=1, le=16)
    cell: Cell
    hidden: int = Field(ge=1)
    layers: int = Field(ge=1, le=64)
    direction: Direction
    symbols: int = Field(ge=2)
    changes: bool = False

    @property
    def inputs(self) -> int:
        """The width of a step: stack * V."""
        return self.stack * self.values

    @property
    def values(self) -> int:
        """V, the values of a frame: M, or 2M with changes."""
        return values(self.mels, self.changes)

    @property
    def stack_of_layers(self) -> RecurrentStack:
        """The recurrent layers."""
        return RecurrentStack(self.cell, self.inputs, self.hidden, self.layers, self.direction)

    @property
    def features(self) -> int:
        """F, the width of the recurrent output at each step."""
        return self.stack_of_layers.features

    @property
    def states(self) -> tuple[str, ...]:
        """The names of the arrays [1, B, H] that pass from piece to piece of a stream; none where it reads backwards
        too."""
        return state_names(self.cell, map(str, range(self.layers))) if self.direction == "forward" else ()

    @property
    def parameters(self) -> int:
        return 2 * self.values + self.stack_of_layers.parameters + self.symbols * (self.features + 1)

    def weight_shapes(self) -> dict[str, tuple[int, ...]]:
        """Return the name and shape of every weight.

        mean, deviation: [V], of each value in the training set; the recurrent layers: see
        `RecurrentStack.weight_shapes`; head: weight [K, F] and bias [K].
        """
        shapes: dict[str, tuple[int, ...]] = {"mean": (self.values,), "deviation": (self.values,)}
        shapes |= self.stack_of_layers.weight_shapes("recurrent.layers")
        return shapes | {"head.weight": (self.symbols, self.features), "head.bias": (self.symbols,)}
