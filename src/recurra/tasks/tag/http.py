"""`POST /tag`: a tag for each word of sentences."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from fastapi import APIRouter, Request
from starlette.responses import Response

from recurra.http.body import read_json
from recurra.http.schemas import WORK, accepted, body_schema, refusals
from recurra.http.served_task import ServedTask
from recurra.http.service import Service
from recurra.http.sse import answered
from recurra.http.text_limits import check_texts
from recurra.tasks.schemas_written import TagRequest, TagResponse
from recurra.tasks.tag.model import Tagger

TURN_SENTENCES = 16
"""Sentences that one step tags."""


def router(service: Service) -> APIRouter:
    """Return the route."""
    routes = APIRouter()

    @routes.post(
        "/tag",
        response_model=TagResponse,
        responses=refusals(*WORK),
        openapi_extra=body_schema(TagRequest, service.options),
        summary="Tag the words of sentences",
    )
    async def tag(request: Request) -> Response:
        given = accepted(TagRequest, await read_json(request, service.options.max_body))
        check_texts(service, given.texts, "texts")
        check_texts(service, [" ".join(words) for words in given.sentences], "sentences")
        sentences = given.sentences or [text.split() for text in given.texts]
        work = outputs(service.served().model, sentences)
        return await answered(service, request, work, lambda found: {"model": service.name, "outputs": found})

    return routes


def outputs(model: Tagger, sentences: Sequence[Sequence[str]]) -> Iterator[dict[str, Any]]:
    """Yield the answer for each sentence as it goes into JSON, some of them tagged at a time."""
    for start in range(0, len(sentences), TURN_SENTENCES):
        some = sentences[start : start + TURN_SENTENCES]
        for words, tags in zip(some, model.tag(some), strict=True):
            yield {"tokens": list(words), "tags": tags}


def _facts(model: Tagger) -> dict[str, Any]:
    return {"words": model.lexicon.vocabulary - 1, "chained": model.shape.crf}


TASK = ServedTask(
    name="tag",
    does="tags the words of sentences",
    work={"/tag": "words with their tags"},
    routers=(router,),
    facts=_facts,
    tabs=(("tag", "Tag"), ("model", "The model")),
    folder=Path(__file__).parent,
)
