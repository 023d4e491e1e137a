"""`POST /translate`: a translation of each text, with the attention weights on request."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
from fastapi import APIRouter, Request
from pydantic import BaseModel, Field
from starlette.responses import Response

from recurra.http.body import read_json
from recurra.http.schemas import COMPUTE, RequestBody, Several, Text, body_schema, error_schemas, parse_request
from recurra.http.served_task import ServedTask
from recurra.http.service import Backend, Service
from recurra.http.sse import respond
from recurra.http.text_limits import check_texts
from recurra.options.decoding import BeamOverride, LengthPenaltyOverride
from recurra.tasks.translate.model import Alignment, Translator

BATCH_HYPOTHESES = 40
"""Hypotheses that one step searches, over all its texts: 8 texts with the usual beam of 5."""

_DIGITS = 4


class TranslateRequest(RequestBody):
    """Texts to translate."""

    texts: Several[Text] = Field(min_length=1, description="The texts.", json_schema_extra={"maxItems": "max_inputs"})
    beam: BeamOverride = None
    length_penalty: LengthPenaltyOverride = None
    attention: bool = Field(False, description="Whether to return the attention weights.")


class Attention(BaseModel):
    """Attention weights [target words, source words]; each row sums to 1."""

    source: list[str]
    target: list[str]
    weights: list[list[float]]


class Translation(BaseModel):
    """The translation of one text."""

    translation: str
    score: float = Field(description="Mean log-probability of its tokens, by which the search ranked it.")
    truncated: bool = Field(description="Whether the text was longer than the model reads.")
    attention: Attention | None = Field(None, description="Of a text that is not empty, on request.")


class TranslateResponse(BaseModel):
    """Translations of texts, in their order."""

    model: str
    outputs: list[Translation]


def router(service: Service) -> APIRouter:
    """Return the route."""
    routes = APIRouter()

    @routes.post(
        "/translate",
        response_model=TranslateResponse,
        response_model_exclude_none=True,
        responses=error_schemas(*COMPUTE),
        openapi_extra=body_schema(TranslateRequest, service.options),
        summary="Translate texts",
    )
    async def translate(request: Request) -> Response:
        body = parse_request(TranslateRequest, await read_json(request, service.options.max_body))
        check_texts(service.options, body.texts, "texts")
        translations = translate_in_batches(service.current_model().model, body)
        return await respond(
            service, request, translations, lambda outputs: {"model": service.name, "outputs": outputs}
        )

    return routes


def translate_in_batches(model: Translator, body: TranslateRequest) -> Iterator[dict[str, Any]]:
    """Yield the translation of each text as it goes into JSON; a batch of texts is searched at a time."""
    batch = max(1, BATCH_HYPOTHESES // (body.beam or model.shape.beam))
    for start in range(0, len(body.texts), batch):
        texts = body.texts[start : start + batch]
        translations = model.translate_iter(texts, beam=body.beam, length_penalty=body.length_penalty)
        for text, result in zip(texts, translations, strict=True):
            output: dict[str, Any] = {"translation": result.text, "score": result.score, "truncated": result.truncated}
            if body.attention and text:
                output["attention"] = _attention(model.align(text, result.text))
            yield output


def _attention(attention: Alignment) -> dict[str, Any]:
    weights = np.round(attention.weights.astype(np.float64), _DIGITS).tolist()
    return {"source": list(attention.source), "target": list(attention.target), "weights": weights}


def _trial(model: Translator) -> list[Any]:
    text = "A sentence, 中."
    translations = translate_in_batches(model, TranslateRequest(texts=["", text], attention=True))
    memory = model.session.read([model.subwords.encode(text)])
    return [memory.states, memory.start, model.score([(text, text)])[0].nats, *translations]


def _facts(model: Translator) -> dict[str, Any]:
    return {"max_tokens": model.shape.max_tokens, "beam": model.shape.beam}


TASK = ServedTask(
    name="translate",
    title="Translation",
    description="translates texts",
    routes={"/translate": "translations"},
    start=lambda service: Backend((router(service),)),
    trial=_trial,
    facts=_facts,
    tabs=(("translate", "Translate"), ("model", "The model")),
    folder=Path(__file__).parent,
)
