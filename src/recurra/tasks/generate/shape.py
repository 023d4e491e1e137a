"""The shape of a language model's network: see `storage/shape.py`."""

from __future__ import annotations

from pydantic import Field

from recurra.kernel.layout import Cell
from recurra.options.network import MOST_NGRAMS, TokenLevel
from recurra.storage.shape import RecurrentStack, Shape, state_names


class LanguageShape(Shape):
    """Embedding -> stacked recurrent layers, forward -> V logits at each step.

    V vocabulary, D embedding, H hidden. tied: the output uses the embedding's rows again, after a projection from H to
    D; else it has weights of its own. level: what a symbol is. ngrams: the order of the n-grams that stand beside the
    network, in a file of their own; 0 for none.
    """

    level: TokenLevel
    vocabulary: int = Field(ge=2)
    embedding: int = Field(ge=1)
    cell: Cell
    hidden: int = Field(ge=1)
    layers: int = Field(ge=1, le=1024)
    tied: bool
    ngrams: int = Field(default=0, ge=0, le=MOST_NGRAMS)

    @property
    def stack(self) -> RecurrentStack:
        """The recurrent layers."""
        return RecurrentStack(self.cell, self.embedding, self.hidden, self.layers)

    @property
    def states(self) -> tuple[str, ...]:
        """The names of the arrays [1, B, H] that pass from step to step: `LAYER.h`, and for the LSTM `LAYER.c`."""
        return state_names(self.cell, map(str, range(self.layers)))

    @property
    def parameters(self) -> int:
        head = self.embedding * (self.hidden + 1) if self.tied else self.vocabulary * self.hidden
        return self.vocabulary * (self.embedding + 1) + self.stack.parameters + head

    def weight_shapes(self) -> dict[str, tuple[int, ...]]:
        """Return the name and shape of every weight, in torch's layout and gate order.

        embedding [V, D]; the recurrent layers: see `RecurrentStack.weight_shapes`; projection [D, H], [D] where tied;
        head [V, H] where not, and its bias [V].
        """
        shapes: dict[str, tuple[int, ...]] = {"embedding.weight": (self.vocabulary, self.embedding)}
        shapes |= self.stack.weight_shapes("recurrent.layers")
        if self.tied:
            shapes["projection.weight"] = (self.embedding, self.hidden)
            shapes["projection.bias"] = (self.embedding,)
        else:
            shapes["head.weight"] = (self.vocabulary, self.hidden)
        shapes["head.bias"] = (self.vocabulary,)
        return shapes
