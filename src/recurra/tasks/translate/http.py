"""`POST /translate`: a text for each text, and where the attention lay."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
from fastapi import APIRouter, Request
from starlette.responses import Response

from recurra.http.body import read_json
from recurra.http.schemas import WORK, accepted, body_schema, refusals
from recurra.http.served_task import ServedTask
from recurra.http.service import Service
from recurra.http.sse import answered
from recurra.http.text_limits import check_texts
from recurra.tasks.schemas_written import TranslateRequest, TranslateResponse
from recurra.tasks.translate.model import Alignment, Translator

TURN_ROWS = 40
"""Ways to go on, of all texts together, that one step searches: 8 texts with the usual beam of 5."""

_DIGITS = 4


def router(service: Service) -> APIRouter:
    """Return the route."""
    routes = APIRouter()

    @routes.post(
        "/translate",
        response_model=TranslateResponse,
        response_model_exclude_none=True,
        responses=refusals(*WORK),
        openapi_extra=body_schema(TranslateRequest, service.options),
        summary="Translate texts",
    )
    async def translate(request: Request) -> Response:
        given = accepted(TranslateRequest, await read_json(request, service.options.max_body))
        check_texts(service, given.texts, "texts")
        work = outputs(service.served().model, given)
        return await answered(service, request, work, lambda found: {"model": service.name, "outputs": found})

    return routes


def outputs(model: Translator, given: TranslateRequest) -> Iterator[dict[str, Any]]:
    """Yield the answer for each text as it goes into JSON, some of them searched for at a time."""
    together = max(1, TURN_ROWS // (given.beam or model.shape.beam))
    for start in range(0, len(given.texts), together):
        texts = given.texts[start : start + together]
        found = model.translate_iter(texts, beam=given.beam, length_penalty=given.length_penalty)
        for text, one in zip(texts, found, strict=True):
            said: dict[str, Any] = {"translation": one.text, "score": one.score, "truncated": one.truncated}
            if given.attention and text:
                said["attention"] = _plain(model.align(text, one.text))
            yield said


def _plain(attention: Alignment) -> dict[str, Any]:
    weights = np.round(attention.weights.astype(np.float64), _DIGITS).tolist()
    return {"source": list(attention.source), "target": list(attention.target), "weights": weights}


def _facts(model: Translator) -> dict[str, Any]:
    return {"max_tokens": model.shape.max_tokens, "beam": model.shape.beam}


TASK = ServedTask(
    name="translate",
    does="translates texts",
    work={"/translate": "translations"},
    routers=(router,),
    facts=_facts,
    tabs=(("translate", "Translate"), ("model", "The model")),
    folder=Path(__file__).parent,
)
