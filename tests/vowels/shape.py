"""The shape of the network, and of what it reads."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from pydantic import Field

from recurra.kernel.layout import Cell
from recurra.storage.shape import RecurrentStack, Shape

BYTES = 256


class VowelShape(Shape):
    """Bytes -> embedding -> recurrent layers, forward -> sum over time -> one number."""

    embedding: int = Field(ge=1)
    cell: Cell
    hidden: int = Field(ge=1)
    layers: int = Field(ge=1)

    @property
    def stack(self) -> RecurrentStack:
        """The recurrent layers."""
        return RecurrentStack(self.cell, self.embedding, self.hidden, self.layers)

    @property
    def parameters(self) -> int:
        """How many numbers the weights hold."""
        return BYTES * self.embedding + self.stack.parameters + self.hidden + 1


def encode(text: str) -> NDArray[np.int64]:
    """Return the bytes of a text as ids [T]; an empty one is read as a space."""
    return np.frombuffer((text or " ").encode("utf-8", "surrogatepass"), dtype=np.uint8).astype(np.int64)
