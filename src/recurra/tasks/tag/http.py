"""`POST /tag`: a tag for each word of sentences."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Annotated, Any

from fastapi import APIRouter, Request
from pydantic import BaseModel, ConfigDict, Field, model_validator
from starlette.responses import Response

from recurra.http.body import read_json
from recurra.http.schemas import COMPUTE, RequestBody, Several, Text, body_schema, error_schemas, parse_request
from recurra.http.served_task import ServedTask
from recurra.http.service import Backend, Service
from recurra.http.sse import respond
from recurra.http.text_limits import check_texts
from recurra.tasks.tag.model import Tagger
from recurra.tasks.tag.schemes import Scheme

BATCH_SENTENCES = 16
"""Sentences that one step tags."""

LONG_SENTENCE = 1000
"""Words from which a sentence, which is tagged in one step, holds up others."""

Word = Annotated[str, Field(min_length=1)]


class TagRequest(RequestBody):
    """Sentences to tag: as texts, which are split at white space, or as words."""

    model_config = ConfigDict(json_schema_extra={"oneOf": [{"required": ["texts"]}, {"required": ["sentences"]}]})

    texts: Several[Text] = Field(
        [],
        min_length=1,
        description="One sentence each, its words separated by white space.",
        json_schema_extra={"maxItems": "max_inputs"},
    )
    sentences: Several[Several[Word]] = Field(
        [], min_length=1, description="The words of each sentence.", json_schema_extra={"maxItems": "max_inputs"}
    )

    scheme: Scheme | None = Field(
        None, description="Scheme in which tags of spans are written; that of the training data where it is not given."
    )

    @model_validator(mode="after")
    def _one_of_them(self) -> TagRequest:
        if bool(self.texts) == bool(self.sentences):
            raise ValueError("Give either 'texts' or 'sentences'")
        return self


class TaggedSentence(BaseModel):
    """Words, and the tag of each."""

    tokens: list[str]
    tags: list[str]


class TagResponse(BaseModel):
    """Tags for sentences, in their order."""

    model: str
    outputs: list[TaggedSentence]


def router(service: Service) -> APIRouter:
    """Return the route."""
    routes = APIRouter()

    @routes.post(
        "/tag",
        response_model=TagResponse,
        responses=error_schemas(*COMPUTE),
        openapi_extra=body_schema(TagRequest, service.options),
        summary="Tag the words of sentences",
    )
    async def tag(request: Request) -> Response:
        body = parse_request(TagRequest, await read_json(request, service.options.max_body))
        check_texts(service.options, body.texts, "texts")
        check_texts(service.options, [" ".join(words) for words in body.sentences], "sentences")
        sentences = body.sentences or [text.split() for text in body.texts]
        tagged = tag_in_batches(service.current_model().model, sentences, body.scheme)
        return await respond(
            service,
            request,
            tagged,
            lambda outputs: {"model": service.name, "outputs": outputs},
            long_steps=max(map(len, sentences)) > LONG_SENTENCE,
        )

    return routes


def tag_in_batches(
    model: Tagger, sentences: Sequence[Sequence[str]], scheme: Scheme | None = None
) -> Iterator[dict[str, Any]]:
    """Yield the words and tags of each sentence as they go into JSON; a batch of sentences is tagged at a time."""
    for start in range(0, len(sentences), BATCH_SENTENCES):
        batch = sentences[start : start + BATCH_SENTENCES]
        for words, tags in zip(batch, model.tag(batch, scheme=scheme), strict=True):
            yield {"tokens": list(words), "tags": tags}


def _trial(model: Tagger) -> list[Any]:
    sentences = [["A", "sentence", "中", "."], ["word"]]
    return [model.scores(sentences), list(tag_in_batches(model, sentences))]


def _facts(model: Tagger) -> dict[str, Any]:
    return {"words": model.word_features.vocabulary - 1, "chained": model.shape.crf}


TASK = ServedTask(
    name="tag",
    title="Sequence tagging",
    description="tags the words of sentences",
    routes={"/tag": "words with their tags"},
    start=lambda service: Backend((router(service),)),
    trial=_trial,
    facts=_facts,
    tabs=(("tag", "Tag"), ("model", "The model")),
    folder=Path(__file__).parent,
)
