"""`POST /chat`: a reply to the turns of a talk. The client keeps the talk; the server remembers nothing."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from fastapi import APIRouter, Request
from starlette.responses import Response

from recurra.http.body import read_json
from recurra.http.schemas import WORK, accepted, body_schema, refusals
from recurra.http.served_task import ServedTask
from recurra.http.service import Service
from recurra.http.sse import Written, answered
from recurra.http.text_limits import check_texts
from recurra.tasks.chat.model import TEMPERATURE, Chatter, Heard
from recurra.tasks.schemas_written import ChatRequest, ChatResponse, drawn_seed, streamed


def router(service: Service) -> APIRouter:
    """Return the route."""
    routes = APIRouter()

    @routes.post(
        "/chat",
        response_model=ChatResponse,
        responses=streamed() | refusals(*WORK),
        openapi_extra=body_schema(ChatRequest, service.options),
        summary="Reply to the turns of a talk",
    )
    async def chat(request: Request) -> Response:
        given = accepted(ChatRequest, await read_json(request, service.options.max_body))
        check_texts(service, given.turns, "turns")
        model: Chatter = service.served().model
        seed = drawn_seed(given.seed) if given.beam is None else None

        heard: list[Heard] = []

        def pieces() -> Iterator[str]:
            heard.append(model.heard(given.turns))
            yield from model.pieces(
                heard[0],
                temperature=given.temperature,
                top_k=given.top_k,
                top_p=given.top_p,
                seed=seed,
                beam=given.beam,
            )

        def answer(written: list[str]) -> dict[str, Any]:
            read = {"turns_read": heard[0].turns, "tokens": len(heard[0].source), "truncated": heard[0].cut}
            return {"model": service.name, "reply": "".join(written), "seed": seed, **read}

        if given.stream:
            return Written(service, pieces(), answer)
        return await answered(service, request, pieces(), answer)

    return routes


def _facts(model: Chatter) -> dict[str, Any]:
    shape = model.shape
    return {
        "context": shape.context,
        "max_tokens": shape.max_tokens,
        "beam": shape.beam,
        "temperature": TEMPERATURE,
    }


TASK = ServedTask(
    name="chat",
    does="replies to the turns of a talk",
    work={"/chat": "a reply"},
    routers=(router,),
    facts=_facts,
    tabs=(("talk", "Talk"), ("model", "The model")),
    folder=Path(__file__).parent,
)
