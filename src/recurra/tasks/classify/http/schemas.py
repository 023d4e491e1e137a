"""The JSON of the classifier's routes."""

from __future__ import annotations

from typing import Any

from pydantic import BaseModel, Field

from recurra.http.schemas import RankedLabel, RequestBody, Several, Top
from recurra.many_to_one.http.rows import GivenRow
from recurra.storage.model_directory import Label


class PredictRequest(RequestBody):
    """Texts to classify."""

    inputs: Several[GivenRow] = Field(
        min_length=1, description="The texts, or rows.", json_schema_extra={"maxItems": "max_inputs"}
    )
    top: Top = None


class Output(BaseModel):
    """The prediction for one text."""

    label: Label | None = Field(description="The label; null where the model abstains, as none is likely enough.")
    top: list[RankedLabel] | None = Field(None, description="The most probable labels, where the request has `top`.")
    probabilities: dict[str, float] = Field(description="Probability of each label; they sum to 1.")
    truncated: bool = Field(description="Whether the text was cut to the tokens that the model reads.")
    tokens: int = Field(description="Tokens of the text, before it was cut.")
    nothing_known: bool = Field(
        description="Whether nothing known was read: the text is empty or of unknown words alone, and the answer says "
        "nothing of it."
    )


class PredictResponse(BaseModel):
    """Labels for texts, in their order."""

    model: str
    outputs: list[Output]


class ExplainRequest(RequestBody):
    """A text to explain."""

    input: GivenRow = Field(description="The text, or the row.")
    target: str | None = Field(None, description="The label to explain (default: the predicted one).")


class Part(BaseModel):
    """A word, an n-gram or a sentence and its contribution. start, end: characters of the text."""

    start: int
    end: int
    text: str
    contribution: float


class ExplainResponse(BaseModel):
    """What the words and the sentences of a text contribute to the log-odds of `target` (see `Classifier.explain`)."""

    model: str
    text: str
    label: Label
    target: Label
    probabilities: dict[str, float]
    log_odds: float
    words: list[Part]
    sentences: list[Part]
    span: int
    tokens: int
    truncated: bool
    nothing_known: bool
    ngrams: list[Part] = Field(
        description="What the strongest n-grams beside the network add, exactly: to the log-odds where there are two "
        "labels, else to the logit less the mean of all. Empty where the model has none."
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
    ordered: bool = Field(description="Whether the labels have an order: n-grams then add to the place in it.")


class Tensor(RequestBody):
    """An input tensor of the Open Inference Protocol."""

    name: str
    shape: Several[int]
    datatype: str
    parameters: dict[str, Any] | None = None
    data: Several[Any]


class RequestedOutput(RequestBody):
    """An output tensor that the client requests."""

    name: str
    parameters: dict[str, Any] | None = None


class InferRequest(RequestBody):
    """A request of the Open Inference Protocol."""

    id: str | None = None
    parameters: dict[str, Any] | None = None
    inputs: Several[Tensor]
    outputs: list[RequestedOutput] | None = Field(None, max_length=16)


class OutputTensor(BaseModel):
    """An output tensor, its data in row-major order."""

    name: str
    datatype: str
    shape: list[int]
    parameters: dict[str, str] | None = None
    data: list[str] | list[float] | list[bool]


class InferResponse(BaseModel):
    """A response of the Open Inference Protocol."""

    model_name: str
    model_version: str
    id: str | None = None
    outputs: list[OutputTensor]


class TensorDescription(BaseModel):
    """Name, type and shape of a tensor; -1 is any size."""

    name: str
    datatype: str
    shape: list[int]


class ModelMetadata(BaseModel):
    """The input and output tensors of the model."""

    name: str
    versions: list[str]
    platform: str
    inputs: list[TensorDescription]
    outputs: list[TensorDescription]
