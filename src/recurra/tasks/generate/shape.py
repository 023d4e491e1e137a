"""The shape of a writing model's network: all that is needed, next to its weights, to rebuild it anywhere.

It is what the training network, the exported graph and the manifest have in common, and it imports none of them.
"""

from __future__ import annotations

from typing import Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

from recurra.kernel.layout import GATES, MAX_ELEMENTS, Cell
from recurra.tasks.generate.tokenizer import Level


class LanguageShape(BaseModel):
    """Embedding -> stacked recurrent layers, forward -> one row of V logits a step.

    V vocabulary, D embedding, H hidden. tied: the output uses the embedding's rows again, after a projection from H to
    D; else it has weights of its own. level: what a symbol is.
    Raises pydantic's ValidationError (a ValueError) for values out of range, of another type, or unknown names.
    """

    model_config = ConfigDict(frozen=True, strict=True, extra="forbid")

    level: Level
    vocabulary: int = Field(ge=2)
    embedding: int = Field(ge=1)
    cell: Cell
    hidden: int = Field(ge=1)
    layers: int = Field(ge=1, le=1024)
    tied: bool

    @model_validator(mode="after")
    def _fits_one_file(self) -> Self:
        if self.parameters > MAX_ELEMENTS:
            raise ValueError(f"the network is too large for one ONNX file (2 GiB, {MAX_ELEMENTS:,} weights)")
        return self

    @property
    def gates(self) -> int:
        """G, the number of blocks of H rows in a recurrent weight."""
        return GATES[self.cell]

    @property
    def states(self) -> tuple[str, ...]:
        """The names of the arrays [1, B, H] that go from step to step: `LAYER.h`, and for the LSTM `LAYER.c`."""
        kinds = ("h", "c") if self.cell == "lstm" else ("h",)
        return tuple(f"{layer}.{kind}" for layer in range(self.layers) for kind in kinds)

    @property
    def parameters(self) -> int:
        """How many numbers the weights hold (counted without listing them)."""
        rows = self.gates * self.hidden
        recurrent = rows * (self.embedding + (self.layers - 1) * self.hidden + self.layers * (self.hidden + 2))
        head = self.embedding * (self.hidden + 1) if self.tied else self.vocabulary * self.hidden
        return self.vocabulary * (self.embedding + 1) + recurrent + head

    def weight_shapes(self) -> dict[str, tuple[int, ...]]:
        """Return the name and shape of every weight, in torch's layout and gate order.

        embedding [V, D]; weight_ih [G*H, in] (in = D for layer 0, H above), weight_hh [G*H, H], biases [G*H];
        projection [D, H], [D] where tied; head [V, H] where not, and its bias [V].
        """
        rows = self.gates * self.hidden
        shapes: dict[str, tuple[int, ...]] = {"embedding.weight": (self.vocabulary, self.embedding)}
        for layer in range(self.layers):
            prefix = f"recurrent.layers.{layer}.left_to_right"
            shapes[f"{prefix}.weight_ih"] = (rows, self.embedding if layer == 0 else self.hidden)
            shapes[f"{prefix}.weight_hh"] = (rows, self.hidden)
            shapes[f"{prefix}.bias_ih"] = (rows,)
            shapes[f"{prefix}.bias_hh"] = (rows,)
        if self.tied:
            shapes["projection.weight"] = (self.embedding, self.hidden)
            shapes["projection.bias"] = (self.embedding,)
        else:
            shapes["head.weight"] = (self.vocabulary, self.hidden)
        shapes["head.bias"] = (self.vocabulary,)
        return shapes
