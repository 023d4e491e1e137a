"""`POST /chat`: a reply to the turns of a dialogue. The client keeps the dialogue; the server remembers nothing."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any, Self

from fastapi import APIRouter, Request
from pydantic import BaseModel, Field, model_validator
from starlette.responses import Response

from recurra.http.body import read_json
from recurra.http.sampling import SamplingRequest, choose_seed, event_stream_schema
from recurra.http.schemas import COMPUTE, Several, Text, body_schema, error_schemas, parse_request
from recurra.http.served_task import ServedTask
from recurra.http.service import Backend, Service
from recurra.http.sse import EventStream, respond
from recurra.http.text_limits import check_texts
from recurra.options.decoding import BeamOverride
from recurra.options.sampling import Temperature, TopP
from recurra.tasks.chat.model import DEFAULT, TEMPERATURE, TOP_P, Chatter, ContextWindow, beam_conflict


class ChatRequest(SamplingRequest):
    """A dialogue that waits for a reply."""

    turns: Several[Text] = Field(
        min_length=1,
        description="The turns, in order, by two speakers alternately; the reply is to the last one.",
        json_schema_extra={"maxItems": "max_inputs"},
    )
    temperature: Temperature = TEMPERATURE
    top_p: TopP = TOP_P
    beam: BeamOverride = None

    @model_validator(mode="after")
    def _samples_or_searches(self) -> Self:
        fields = self.model_fields_set & {"temperature", "top_k", "top_p", "seed"}
        sampling = sorted(name for name in fields if getattr(self, name) is not None)
        if self.beam is not None and sampling:
            raise ValueError(beam_conflict(sampling).removesuffix("."))
        return self


class ChatResponse(BaseModel):
    """A reply. seed: which gives it again; null for a beam search."""

    model: str
    reply: str
    seed: int | None
    turns_read: int = Field(description="How many of the last turns the reply was made from.")
    tokens: int = Field(description="Tokens of these turns that were read, speaker marks included.")
    truncated: bool = Field(description="Whether these turns were longer than the model reads.")


def router(service: Service) -> APIRouter:
    """Return the route."""
    routes = APIRouter()

    @routes.post(
        "/chat",
        response_model=ChatResponse,
        responses=event_stream_schema() | error_schemas(*COMPUTE),
        openapi_extra=body_schema(ChatRequest, service.options),
        summary="Reply to a dialogue",
    )
    async def chat(request: Request) -> Response:
        body = parse_request(ChatRequest, await read_json(request, service.options.max_body))
        check_texts(service.options, body.turns, "turns")
        model: Chatter = service.current_model().model
        seed = choose_seed(body.seed) if body.beam is None else None

        windows: list[ContextWindow] = []

        def pieces() -> Iterator[str]:
            windows.append(model.context_window(body.turns))
            if body.beam is not None:
                yield from model.pieces(windows[0], beam=body.beam)
            else:
                yield from model.pieces(
                    windows[0],
                    temperature=body.temperature,
                    top_k=body.top_k,
                    top_p=body.top_p if "top_p" in body.model_fields_set else DEFAULT,
                    seed=seed,
                )

        def make_answer(written: list[str]) -> dict[str, Any]:
            read = {"turns_read": windows[0].turns, "tokens": len(windows[0].source), "truncated": windows[0].truncated}
            return {"model": service.name, "reply": "".join(written), "seed": seed, **read}

        if body.stream:
            return EventStream(service, pieces(), make_answer)
        return await respond(service, request, pieces(), make_answer)

    return routes


def _trial(model: Chatter) -> list[Any]:
    window = model.context_window(["Hello, 中!", "How are you?"])
    nats = model.score([window.source], [window.source])[0].nats
    memory = model.session.read([window.source])
    return [memory.states, memory.start, nats, *model.pieces(window, seed=0), *model.pieces(window, beam=1)]


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
    title="Chat",
    description="replies to the turns of a dialogue",
    routes={"/chat": "a reply"},
    start=lambda service: Backend((router(service),)),
    trial=_trial,
    facts=_facts,
    tabs=(("talk", "Chat"), ("model", "The model")),
    folder=Path(__file__).parent,
)
