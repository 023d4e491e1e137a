"""The shape of a network that writes one sequence after reading another, and how it decodes by default."""

from __future__ import annotations

from typing import Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

from recurra.kernel.layout import GATES, MAX_ELEMENTS, Cell

BEGIN, END = 0, 1
"""The ids of the special symbols before and after a sequence that is written."""


class Seq2SeqShape(BaseModel):
    """Encoder in both directions, attention, decoder; see `nn/seq2seq.py` for the equations.

    V vocabulary, shared by both sides and by the output; D embedding; H hidden, the width of each direction of the
    encoder; F = 2H, the width of the decoder. layers: of the encoder, and of the decoder above the attention; one more
    decoder layer stands below it. max_tokens: the longest sequence in pieces, on either side. beam, length_penalty:
    how it decodes where nothing else is said. context: the turns of a dialogue that a reply is made from; 0 where the
    sources are no dialogues.
    Raises pydantic's ValidationError (a ValueError) for values out of range, of another type, or unknown names.
    """

    model_config = ConfigDict(frozen=True, strict=True, extra="forbid")

    vocabulary: int = Field(ge=3)
    embedding: int = Field(ge=1)
    cell: Cell
    hidden: int = Field(ge=1)
    layers: int = Field(ge=1, le=1024)
    max_tokens: int = Field(ge=1)
    beam: int = Field(ge=1, le=64)
    length_penalty: float = Field(ge=0, le=4)
    context: int = Field(default=0, ge=0)

    @model_validator(mode="after")
    def _fits_one_file(self) -> Self:
        if self.parameters > MAX_ELEMENTS:
            raise ValueError(f"the network is too large for one ONNX file (2 GiB, {MAX_ELEMENTS:,} weights)")
        return self

    @property
    def features(self) -> int:
        """F, the width of a source position as the encoder leaves it, and of the decoder's state."""
        return 2 * self.hidden

    @property
    def states(self) -> tuple[str, ...]:
        """The names of the arrays of a decoder's state, each [B, K, F]: `lower.0.h`, `upper.0.h` ..."""
        kinds = ("h", "c") if self.cell == "lstm" else ("h",)
        layers = ["lower.0", *(f"upper.{layer}" for layer in range(self.layers))]
        return tuple(f"{layer}.{kind}" for layer in layers for kind in kinds)

    @property
    def parameters(self) -> int:
        """How many numbers the weights hold (counted without listing them)."""
        d, f, gates = self.embedding, self.features, GATES[self.cell]
        encoder = f * gates * (d + (self.layers - 1) * f + self.layers * (self.hidden + 2))
        lower = gates * f * (d + f + 2)
        upper = gates * f * (2 * f + (self.layers - 1) * f + self.layers * (f + 2))
        return self.vocabulary * (d + 1) + encoder + lower + upper + d * (f + 1) + f * f + d * (2 * f + 1)
