"""The shape of a tagger's network: see `storage/shape.py`."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from recurra.kernel.layout import Cell
from recurra.storage.shape import RecurrentStack, Shape

Characters = Literal["none", "convolution", "recurrent"]

KERNEL = 3
"""Characters that one filter of the convolution sees."""


class TaggerShape(Shape):
    """Word, shape, affixes and characters -> stacked recurrent layers in both directions -> a linear head at each word.

    V vocabulary, D embedding, A affix_embedding, H hidden, K tags. A word's vector is [word D | word shape | affixes A,
    their sum | characters], each part but the word's present where its width is not 0.
    """

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

    @property
    def inputs(self) -> int:
        """The width of a word's vector."""
        characters = 0 if self.characters == "none" else self.character_features
        return self.embedding + self.kind_embedding + self.affix_embedding + characters

    @property
    def labels(self) -> int:
        return self.tags

    @property
    def stack(self) -> RecurrentStack:
        """The recurrent layers over the words."""
        return RecurrentStack(self.cell, self.inputs, self.hidden, self.layers, "both")

    @property
    def features(self) -> int:
        """F, the width of the recurrent output at each word."""
        return 2 * self.hidden

    @property
    def parameters(self) -> int:
        tables = self.vocabulary * self.embedding + self.affix_buckets * self.affix_embedding
        return tables + self.stack.parameters + self.tags * (self.features + 1)
