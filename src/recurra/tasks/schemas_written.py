"""The JSON of the tasks beside `classify`: what is asked of models that write, and of taggers."""

from __future__ import annotations

import secrets
from typing import Annotated, Any, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

from recurra.http.schemas import RequestBody
from recurra.options.everything import TEMPERATURE
from recurra.tasks.chat import model as chatter
from recurra.tasks.generate import model as generator

LARGEST_SEED = 2**53 - 1
"""The largest whole number that every reader of JSON keeps as it is."""

DRAWN_SEEDS = 2**31

Text = Annotated[str, Field(json_schema_extra={"maxLength": "max_characters"})]
Word = Annotated[str, Field(min_length=1)]


class DrawnRequest(RequestBody):
    """How a text is drawn, and given."""

    temperature: float = Field(1.0, ge=0, description=TEMPERATURE)
    top_k: int | None = Field(None, ge=1, description="Draw from so many of the likeliest pieces.")
    top_p: float | None = Field(None, gt=0, le=1, description="Draw from the fewest pieces that hold this share.")
    seed: int | None = Field(
        None, ge=0, le=LARGEST_SEED, description="The same one writes the same (default: one that is drawn and told)."
    )
    stream: bool = Field(False, description="Whether the answer comes in pieces, as text/event-stream.")


class ChatRequest(DrawnRequest):
    """A talk that waits for a reply."""

    turns: list[Text] = Field(
        min_length=1,
        description="What was said, in order, by two speakers in turn; the last one is replied to.",
        json_schema_extra={"maxItems": "max_inputs"},
    )
    temperature: float = Field(chatter.TEMPERATURE, ge=0, description=TEMPERATURE)
    top_p: float | None = Field(
        chatter.TOP_P, gt=0, le=1, description="Draw from the fewest pieces that hold this share; null: from all."
    )
    beam: int | None = Field(
        None,
        ge=1,
        le=64,
        description="Search for the likeliest reply, keeping so many ways on, and draw nothing: it goes with none of "
        "temperature, top_k, top_p and seed.",
    )

    @model_validator(mode="after")
    def _draws_or_searches(self) -> Self:
        named = self.model_fields_set & {"temperature", "top_k", "top_p", "seed"}
        drawing = sorted(name for name in named if getattr(self, name) is not None)
        if self.beam is not None and drawing:
            raise ValueError(f"beam searches and draws nothing: leave out {', '.join(drawing)}, or beam")
        return self


class ChatResponse(BaseModel):
    """A reply. seed: which gives it again; null for a searched one."""

    model: str
    reply: str
    seed: int | None
    turns_read: int = Field(description="How many of the last turns the reply was made from.")
    tokens: int = Field(description="Pieces that were read of them, marks of the speakers included.")
    truncated: bool = Field(description="Whether these turns were longer than the model reads.")


class GenerateRequest(DrawnRequest):
    """A text to go on with."""

    prompt: Text = Field("", description="The text before; without one it begins as a line does.")
    tokens: int | None = Field(
        None,
        ge=1,
        description=f"Characters, words or pieces to write (default: {generator.TOKENS}, or what the server allows).",
        json_schema_extra={"maximum": "max_written"},
    )
    temperature: float = Field(generator.TEMPERATURE, ge=0, description=TEMPERATURE)


class GenerateResponse(BaseModel):
    """What was written. seed: which writes it again."""

    model: str
    text: str
    seed: int
    unknown: list[str] = Field(description="Parts of the prompt that the model does not know.")


class TranslateRequest(RequestBody):
    """Texts to translate."""

    texts: list[Text] = Field(min_length=1, description="The texts.", json_schema_extra={"maxItems": "max_inputs"})
    beam: int | None = Field(
        None, ge=1, le=64, description="Ways to go on that the search keeps; 1 is greedy (default: the model's)."
    )
    length_penalty: float | None = Field(
        None, ge=0, le=4, description="Power of its length in an answer's score (default: the model's)."
    )
    attention: bool = Field(False, description="Whether to tell where the attention lay.")


class Attention(BaseModel):
    """Where the attention lay. weights: [target words, source words], each row sums to 1."""

    source: list[str]
    target: list[str]
    weights: list[list[float]]


class Translation(BaseModel):
    """The translation of one text."""

    translation: str
    score: float = Field(description="By which the search chose it: a mean log-probability.")
    truncated: bool = Field(description="Whether the text was cut to the pieces that the model reads.")
    attention: Attention | None = Field(None, description="For a text with words, where it was asked for.")


class TranslateResponse(BaseModel):
    """Translations of texts, in their order."""

    model: str
    outputs: list[Translation]


class TagRequest(RequestBody):
    """Sentences to tag: as texts, taken apart at spaces, or as words."""

    model_config = ConfigDict(json_schema_extra={"oneOf": [{"required": ["texts"]}, {"required": ["sentences"]}]})

    texts: list[Text] = Field(
        [],
        min_length=1,
        description="A sentence each, its words with spaces between.",
        json_schema_extra={"maxItems": "max_inputs"},
    )
    sentences: list[list[Word]] = Field(
        [], min_length=1, description="The words of each sentence.", json_schema_extra={"maxItems": "max_inputs"}
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


def drawn_seed(given: int | None) -> int:
    """Return the seed that was given, or one that is told, so that the same answer can be had again."""
    return secrets.randbelow(DRAWN_SEEDS) if given is None else given


def streamed() -> dict[int | str, dict[str, Any]]:
    """Return OpenAPI's description of an answer that may also come as a stream of events."""
    said = "The answer; with `stream`, events: {piece} as it is written, and at the end {answer} or {error}."
    event = {"type": "string", "contentMediaType": "application/json"}
    item = {"type": "object", "required": ["data"], "properties": {"data": event}}
    return {200: {"description": said, "content": {"text/event-stream": {"itemSchema": item}}}}
