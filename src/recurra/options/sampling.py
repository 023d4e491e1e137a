"""How the next symbol is drawn from a model's probabilities."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from recurra.options.base import Options

Temperature = Annotated[
    float,
    Field(
        ge=0,
        description="Sampling temperature. Below 1: keep to what is likely; above 1: more surprising; 0: always the "
        "likeliest.",
    ),
]
TopK = Annotated[int | None, Field(ge=1, description="Top-k sampling: draw from the k likeliest symbols.")]
TopP = Annotated[
    float | None,
    Field(gt=0, le=1, description="Top-p (nucleus) sampling: draw from the fewest symbols that hold this share."),
]
Seed = Annotated[int | None, Field(ge=0, description="Random seed; the same one gives the same text.")]


class SamplingOptions(Options):
    """How one text is drawn."""

    temperature: Temperature = 1.0
    top_k: TopK = None
    top_p: TopP = None
    seed: Seed = None
