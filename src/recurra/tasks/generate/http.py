"""`POST /generate`: text that continues a prompt, as a whole or while it is written."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from fastapi import APIRouter, Request
from pydantic import BaseModel, Field
from starlette.responses import Response

from recurra.http.body import read_json
from recurra.http.errors import unprocessable
from recurra.http.sampling import SamplingRequest, choose_seed, event_stream_schema
from recurra.http.schemas import COMPUTE, Text, body_schema, error_schemas, parse_request
from recurra.http.served_task import ServedTask
from recurra.http.service import Backend, Service
from recurra.http.sse import EventStream, respond
from recurra.http.text_limits import check_texts
from recurra.options.sampling import Temperature
from recurra.tasks.generate.model import TEMPERATURE, TOKENS, Generator


class GenerateRequest(SamplingRequest):
    """A text to continue."""

    prompt: Text = Field("", description="The text before; without one the model begins as at the start of a line.")
    tokens: int | None = Field(
        None,
        ge=1,
        description=f"Characters, words or subwords to write (default: {TOKENS}, or the server's limit).",
        json_schema_extra={"maximum": "max_written"},
    )
    temperature: Temperature = TEMPERATURE


class GenerateResponse(BaseModel):
    """What was written. seed: which writes it again."""

    model: str
    text: str
    seed: int
    unknown: list[str] = Field(description="Parts of the prompt that the model does not know.")


def router(service: Service) -> APIRouter:
    """Return the route."""
    routes = APIRouter()
    most = service.options.max_written

    @routes.post(
        "/generate",
        response_model=GenerateResponse,
        responses=event_stream_schema() | error_schemas(*COMPUTE),
        openapi_extra=body_schema(GenerateRequest, service.options),
        summary="Continue a prompt",
    )
    async def generate(request: Request) -> Response:
        body = parse_request(GenerateRequest, await read_json(request, service.options.max_body))
        check_texts(service.options, [body.prompt], "prompt")
        tokens = min(TOKENS, most) if body.tokens is None else body.tokens
        if tokens > most:
            raise unprocessable(
                f"tokens is {tokens:,}; at most {most:,} are written in one request.", "too_many_tokens"
            )
        model: Generator = service.current_model().model
        seed = choose_seed(body.seed)

        unknown: list[str] = []

        def pieces() -> Iterator[str]:
            unknown.extend(model.tokenizer.unknown(body.prompt))
            yield from model.generate(
                body.prompt,
                tokens,
                temperature=body.temperature,
                top_k=body.top_k,
                top_p=body.top_p,
                seed=seed,
            )

        def make_answer(written: list[str]) -> dict[str, Any]:
            return {"model": service.name, "text": "".join(written), "seed": seed, "unknown": unknown}

        if body.stream:
            return EventStream(service, pieces(), make_answer)
        return await respond(service, request, pieces(), make_answer)

    return routes


def _trial(model: Generator) -> list[Any]:
    prompt = "a 中 text.\n"
    return [model.surprisals(prompt), *model.generate(prompt, 4, seed=0), *model.generate(tokens=1, temperature=0)]


def _facts(model: Generator) -> dict[str, Any]:
    return {"level": model.tokenizer.level, "symbols": model.tokenizer.size, "temperature": TEMPERATURE}


TASK = ServedTask(
    name="generate",
    title="Text generation",
    description="continues a prompt",
    routes={"/generate": "text"},
    start=lambda service: Backend((router(service),)),
    trial=_trial,
    facts=_facts,
    tabs=(("write", "Generate"), ("model", "The model")),
    folder=Path(__file__).parent,
)
