"""The JSON of the routes of a model of numbers."""

from __future__ import annotations

from pydantic import BaseModel, Field

from recurra.http.schemas import RequestBody, Several
from recurra.many_to_one.http.rows import GivenRow


class PredictRequest(RequestBody):
    """Texts to answer."""

    inputs: Several[GivenRow] = Field(
        min_length=1, description="The texts, or rows.", json_schema_extra={"maxItems": "max_inputs"}
    )


class NumberOutput(BaseModel):
    """The number of one text."""

    value: float = Field(description="The number, in the unit of the targets of training.")
    lo: float = Field(description="The lower end of the interval about it.")
    hi: float = Field(description="The upper end of the interval about it.")
    truncated: bool = Field(description="Whether the text was cut to the tokens that the model reads.")
    tokens: int = Field(description="Tokens of the text, before it was cut.")
    nothing_known: bool = Field(
        description="Whether nothing known was read: the text is empty or of unknown words alone, and the answer says "
        "nothing of it."
    )


class PredictResponse(BaseModel):
    """Numbers for texts, in their order."""

    model: str
    outputs: list[NumberOutput]


class ExplainRequest(RequestBody):
    """A text to explain."""

    input: GivenRow = Field(description="The text, or the row.")


class Part(BaseModel):
    """A word, an n-gram or a sentence and its contribution. start, end: characters of the text."""

    start: int
    end: int
    text: str
    contribution: float


class ExplainResponse(BaseModel):
    """What the words and the sentences of a text contribute to its number (see `TextRegressor.explain`)."""

    model: str
    text: str
    value: float
    lo: float
    hi: float
    words: list[Part]
    sentences: list[Part]
    span: int
    tokens: int
    truncated: bool
    nothing_known: bool
    ngrams: list[Part] = Field(
        description="What the strongest n-grams beside the network add, exactly. Empty where the model has none."
    )
    ngram_total: float | None = Field(description="What all n-grams add; null where the model has none.")
    columns: list[Part] | None = Field(
        None, description="Of a model of several columns: the column, and what hiding all of it changes."
    )
    features: dict[str, float] | None = Field(
        None,
        description="Of a model that reads columns beside the text: what each contributes, against an average row.",
    )
    network_total: float | None = Field(description="What the network adds; null where the model has no n-grams.")
