"""The shape of a tagger's network: all that is needed, next to its weights, to rebuild it anywhere."""

from __future__ import annotations

from typing import Literal, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

from recurra.kernel.layout import GATES, MAX_ELEMENTS, Cell

Characters = Literal["none", "convolution", "recurrent"]

KERNEL = 3
"""Characters that one filter of the convolution sees."""


class TaggerShape(BaseModel):
    """Word, kind, affixes and characters -> stacked recurrent layers in both directions -> one linear head a word.

    V vocabulary, D embedding, A affix_embedding, H hidden, K tags. A word's vector is [word D | kind | affixes A,
    their sum | characters], each part but the word's present where its width is not 0.
    Raises pydantic's ValidationError (a ValueError) for values out of range, of another type, or unknown names.
    """

    model_config = ConfigDict(frozen=True, strict=True, extra="forbid")

    vocabulary: int = Field(ge=1)
    embedding: int = Field(ge=1)
    kind_embedding: int = Field(ge=1)
    affix_buckets: int = Field(ge=1)
    affix_embedding: int = Field(ge=0)
    characters: Characters
    alphabet: int = Field(ge=1)
    character_embedding: int = Field(ge=1)
    character_features: int = Field(ge=2, multiple_of=2)
    cell: Cell
    hidden: int = Field(ge=1)
    layers: int = Field(ge=1, le=1024)
    tags: int = Field(ge=2)
    crf: bool

    @model_validator(mode="after")
    def _fits_one_file(self) -> Self:
        if self.parameters > MAX_ELEMENTS:
            raise ValueError(f"the network is too large for one ONNX file (2 GiB, {MAX_ELEMENTS:,} weights)")
        return self

    @property
    def inputs(self) -> int:
        """The width of a word's vector."""
        characters = 0 if self.characters == "none" else self.character_features
        return self.embedding + self.kind_embedding + self.affix_embedding + characters

    @property
    def features(self) -> int:
        """F, the width of the recurrent output at each word."""
        return 2 * self.hidden

    @property
    def parameters(self) -> int:
        """How many numbers the weights hold (counted without listing them)."""
        gates = GATES[self.cell]
        tables = self.vocabulary * self.embedding + self.affix_buckets * self.affix_embedding
        layers = self.inputs + (self.layers - 1) * self.features + self.layers * (self.hidden + 2)
        return tables + 2 * gates * self.hidden * layers + self.tags * (self.features + 1)
