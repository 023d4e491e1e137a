"""The shape of a network: all that is needed, next to its weights, to rebuild it anywhere.

It is what the training network, the exported graph and the manifest have in common, and it imports none of them. Each
kind of network has a class of its own, derived from `Shape`; their recurrent layers are counted and named here.
"""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Self

from pydantic import BaseModel, ConfigDict, model_validator

from recurra.kernel.layout import DIRECTION_NAMES, GATES, MAX_ELEMENTS, RECURRENT_GATES, Cell, Direction, weight_kinds


class Shape(BaseModel):
    """The sizes and choices that make a network, as they are in manifest.json under `network`.

    Raises pydantic's ValidationError (a ValueError) for values out of range, of another type, or unknown names.
    """

    model_config = ConfigDict(frozen=True, strict=True, extra="forbid")

    @property
    @abstractmethod
    def parameters(self) -> int:
        """How many numbers the weights hold (counted without listing them)."""

    @property
    def labels(self) -> int | None:
        """How many labels such a network needs; None for any number."""
        return 0

    @model_validator(mode="after")
    def _fits_one_file(self) -> Self:
        if self.parameters > MAX_ELEMENTS:
            raise ValueError(f"the network is too large for one ONNX file (2 GiB, {MAX_ELEMENTS:,} weights)")
        return self


@dataclass(frozen=True)
class RecurrentStack:
    """Recurrent layers, each reading the outputs of the one before.

    inputs: the width of what the first layer reads; hidden: H, of each direction.
    """

    cell: Cell
    inputs: int
    hidden: int
    layers: int = 1
    direction: Direction = "forward"

    @property
    def directions(self) -> int:
        """2 where the sequence is read both ways, else 1."""
        return len(DIRECTION_NAMES[self.direction])

    @property
    def features(self) -> int:
        """F, the width of the output at each step: H * directions."""
        return self.hidden * self.directions

    @property
    def parameters(self) -> int:
        """How many numbers the weights hold."""
        inputs = self.inputs + (self.layers - 1) * self.features
        from_input = GATES[self.cell] * (inputs + self.layers)
        from_state = RECURRENT_GATES[self.cell] * self.layers * (self.hidden + 1)
        return self.features * (from_input + from_state)

    def weight_shapes(self, prefix: str) -> dict[str, tuple[int, ...]]:
        """Return the name and shape of every weight, in torch's layout and gate order.

        `PREFIX.LAYER.DIRECTION.weight_ih` [G*H, in] (in = inputs for layer 0, F above) and `.bias_ih` [G*H]; of a cell
        whose gates read the state, `.weight_hh` [G*H, H] and `.bias_hh` [G*H].
        """
        rows = GATES[self.cell] * self.hidden
        shapes: dict[str, tuple[int, ...]] = {}
        for layer in range(self.layers):
            inputs = self.features if layer else self.inputs
            for direction in DIRECTION_NAMES[self.direction]:
                of = {"weight_ih": (rows, inputs), "weight_hh": (rows, self.hidden)}
                for kind in weight_kinds(self.cell):
                    shapes[f"{prefix}.{layer}.{direction}.{kind}"] = of.get(kind, (rows,))
        return shapes


def state_names(cell: Cell, layers: Iterable[str]) -> tuple[str, ...]:
    """Return the names of the arrays that pass from step to step: `LAYER.h`, and for the LSTM `LAYER.c`."""
    kinds = ("h", "c") if cell == "lstm" else ("h",)
    return tuple(f"{layer}.{kind}" for layer in layers for kind in kinds)
