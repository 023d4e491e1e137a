"""Request fields of the tasks that write text: how the next token is chosen, and whether the answer is streamed."""

from __future__ import annotations

import secrets
from typing import Any, Self

from pydantic import Field, model_validator

from recurra.http.schemas import RequestBody
from recurra.inference.sampling import GREEDY
from recurra.options.sampling import Temperature, TopK, TopP

MAX_SEED = 2**53 - 1
"""The largest integer that every JSON reader represents exactly."""

CHOSEN_SEEDS = 2**31
"""Seeds that the server chooses lie below this."""


class SamplingRequest(RequestBody):
    """How tokens are sampled, and how the answer is sent."""

    temperature: Temperature = 1.0
    top_k: TopK = None
    top_p: TopP = None
    seed: int | None = Field(
        None,
        ge=0,
        le=MAX_SEED,
        description="Seed of the sampling; the same one gives the same answer (default: one chosen by the server, in "
        "the answer).",
    )
    stream: bool = Field(False, description="Whether the answer comes in pieces, as text/event-stream.")

    @model_validator(mode="after")
    def _drawn_or_likeliest(self) -> Self:
        given = {name for name in self.model_fields_set & {"top_k", "top_p"} if getattr(self, name) is not None}
        if self.temperature == 0 and given:
            raise ValueError(GREEDY.removesuffix("."))
        return self


def choose_seed(requested: int | None) -> int:
    """Return the requested seed, or a random one, which goes into the answer so that it can be reproduced."""
    return secrets.randbelow(CHOSEN_SEEDS) if requested is None else requested


def event_stream_schema() -> dict[int | str, dict[str, Any]]:
    """Return OpenAPI's description of an answer that may also come as a stream of events."""
    description = "The answer; with `stream`, events: {piece} as it is written, at the end {answer} or {error}."
    event = {"type": "string", "contentMediaType": "application/json"}
    item = {"type": "object", "required": ["data"], "properties": {"data": event}}
    return {200: {"description": description, "content": {"text/event-stream": {"itemSchema": item}}}}
