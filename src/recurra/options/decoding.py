"""How the search for the likeliest output sequence goes."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import Field

from recurra.options.base import Options

MAX_BEAM = 64
MAX_LENGTH_PENALTY = 4

_BEAM: Any = Field(
    ge=1, le=MAX_BEAM, description="Beam width: how many candidate outputs the search keeps; 1 is greedy search."
)
_LENGTH_PENALTY: Any = Field(
    ge=0,
    le=MAX_LENGTH_PENALTY,
    description="Length penalty: power of its length by which an output's score is divided; more favours longer ones.",
)

Beam = Annotated[int, _BEAM]
LengthPenalty = Annotated[float, _LENGTH_PENALTY]
BeamOverride = Annotated[int | None, _BEAM]
LengthPenaltyOverride = Annotated[float | None, _LENGTH_PENALTY]


class DecodingOptions(Options):
    """What a model searches with unless another value is given at prediction."""

    beam: Beam = 5
    length_penalty: LengthPenalty = 1.0


class DecodingOverrides(Options):
    """Values for one prediction or evaluation, instead of the model's own."""

    beam: BeamOverride = None
    length_penalty: LengthPenaltyOverride = None
