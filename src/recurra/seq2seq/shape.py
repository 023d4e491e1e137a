"""The shape of an encoder-decoder, with its decoding defaults: see `storage/shape.py`."""

from __future__ import annotations

from pydantic import Field

from recurra.kernel.layout import Cell
from recurra.options.decoding import MAX_BEAM, MAX_LENGTH_PENALTY
from recurra.options.network import MAX_TOKENS
from recurra.storage.shape import RecurrentStack, Shape, state_names

BEGIN, END = 0, 1
"""The ids of the special symbols before and after a sequence that is written."""


MAX_CONTEXT = 100
"""The most turns of a dialogue that a reply is made from."""
MAX_MATCH = 8192
"""The widest vectors by which sources and targets are matched."""
MAX_MATCH_WEIGHT = 1000.0
"""The largest factor of the match."""


class Seq2SeqShape(Shape):
    """Encoder in both directions, attention, decoder; see `seq2seq/learn/network.py` for the equations.

    V vocabulary, shared by both sides and by the output; D embedding; H hidden, the width of each direction of the
    encoder; F = 2H, the width of the decoder. layers: of the encoder, and of the decoder above the attention; the
    decoder has one more below it. max_tokens: the longest sequence in pieces, on either side. beam, length_penalty: the
    defaults of decoding. context: how many turns of a dialogue a reply is made from; 0 where the sources are no
    dialogues. match: M, the width of the vectors by which sources and targets are matched; 0 where they are not.
    match_weight: the factor of that match where a target is chosen, beside its log-probability.
    """

    vocabulary: int = Field(ge=3)
    embedding: int = Field(ge=1)
    cell: Cell
    hidden: int = Field(ge=1)
    layers: int = Field(ge=1, le=1024)
    max_tokens: int = Field(ge=1, le=MAX_TOKENS)
    beam: int = Field(ge=1, le=MAX_BEAM)
    length_penalty: float = Field(ge=0, le=MAX_LENGTH_PENALTY)
    context: int = Field(default=0, ge=0, le=MAX_CONTEXT)
    match: int = Field(default=0, ge=0, le=MAX_MATCH)
    match_weight: float = Field(default=0.0, ge=0, le=MAX_MATCH_WEIGHT)

    @property
    def decoder_width(self) -> int:
        """F, the width of the encoder's output at a source position, and of the decoder's state."""
        return 2 * self.hidden

    @property
    def states(self) -> tuple[str, ...]:
        """The names of the arrays of a decoder's state, each [B, K, F]: `lower.0.h`, `upper.0.h` ..."""
        return state_names(self.cell, ["lower.0", *(f"upper.{layer}" for layer in range(self.layers))])

    @property
    def parameters(self) -> int:
        d, f = self.embedding, self.decoder_width
        encoder = RecurrentStack(self.cell, d, self.hidden, self.layers, "both")
        lower, upper = RecurrentStack(self.cell, d, f), RecurrentStack(self.cell, 2 * f, f, self.layers)
        recurrent = encoder.parameters + lower.parameters + upper.parameters
        matched = 2 * self.match * (f + 1)
        return self.vocabulary * (d + 1) + recurrent + d * (f + 1) + f * f + d * (2 * f + 1) + matched
