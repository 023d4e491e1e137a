"""`POST /generate`: text that follows a prompt, whole or while it is written."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from fastapi import APIRouter, Request
from starlette.responses import Response

from recurra.http.body import read_json
from recurra.http.errors import unprocessable
from recurra.http.schemas import WORK, accepted, body_schema, refusals
from recurra.http.served_task import ServedTask
from recurra.http.service import Service
from recurra.http.sse import Written, answered
from recurra.http.text_limits import check_texts
from recurra.tasks.generate.model import TEMPERATURE, TOKENS, Generator
from recurra.tasks.schemas_written import GenerateRequest, GenerateResponse, drawn_seed, streamed


def router(service: Service) -> APIRouter:
    """Return the route."""
    routes = APIRouter()
    most = service.options.max_written

    @routes.post(
        "/generate",
        response_model=GenerateResponse,
        responses=streamed() | refusals(*WORK),
        openapi_extra=body_schema(GenerateRequest, service.options),
        summary="Write on from a prompt",
    )
    async def generate(request: Request) -> Response:
        given = accepted(GenerateRequest, await read_json(request, service.options.max_body))
        check_texts(service, [given.prompt], "prompt")
        tokens = min(TOKENS, most) if given.tokens is None else given.tokens
        if tokens > most:
            raise unprocessable(
                f"tokens is {tokens:,}; at most {most:,} are written in one request.", "too_many_tokens"
            )
        model: Generator = service.served().model
        seed = drawn_seed(given.seed)

        unknown: list[str] = []

        def pieces() -> Iterator[str]:
            unknown.extend(model.units.unknown(given.prompt))
            yield from model.generate(
                given.prompt,
                tokens,
                temperature=given.temperature,
                top_k=given.top_k,
                top_p=given.top_p,
                seed=seed,
            )

        def answer(written: list[str]) -> dict[str, Any]:
            return {"model": service.name, "text": "".join(written), "seed": seed, "unknown": unknown}

        if given.stream:
            return Written(service, pieces(), answer)
        return await answered(service, request, pieces(), answer)

    return routes


def _facts(model: Generator) -> dict[str, Any]:
    return {"level": model.units.level, "symbols": model.units.size, "temperature": TEMPERATURE}


TASK = ServedTask(
    name="generate",
    does="writes on from a prompt",
    work={"/generate": "text"},
    routers=(router,),
    facts=_facts,
    tabs=(("write", "Write"), ("model", "The model")),
    folder=Path(__file__).parent,
)
