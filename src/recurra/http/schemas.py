"""The JSON that goes in and out, as pydantic models: they check requests and describe the interface in OpenAPI."""

from __future__ import annotations

from typing import Annotated, Any, TypeVar

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from recurra.http.errors import HTTPError, quoted
from recurra.http.options import ServeOptions
from recurra.storage.model_directory import Label

Given = TypeVar("Given", bound="RequestBody")

LIMITS = ("maxItems", "maxLength", "maximum")
"""What a schema may leave to the server: it names the option that says how much."""


class RequestBody(BaseModel):
    """The JSON of a request: its fields and no others, each of its very type."""

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)


class PredictRequest(RequestBody):
    """Texts to label."""

    inputs: list[Annotated[str, Field(json_schema_extra={"maxLength": "max_characters"})]] = Field(
        min_length=1, description="The texts.", json_schema_extra={"maxItems": "max_inputs"}
    )


class ExplainRequest(RequestBody):
    """A text to explain."""

    input: str = Field(description="The text.", json_schema_extra={"maxLength": "max_characters"})
    target: str | None = Field(None, description="The label to explain (default: the predicted one).")


class Tensor(RequestBody):
    """An input tensor of the Open Inference Protocol."""

    name: str
    shape: list[int]
    datatype: str
    parameters: dict[str, Any] | None = None
    data: list[Any]


class WantedOutput(RequestBody):
    """An output tensor that is asked for."""

    name: str
    parameters: dict[str, Any] | None = None


class InferRequest(RequestBody):
    """A request of the Open Inference Protocol."""

    id: str | None = None
    parameters: dict[str, Any] | None = None
    inputs: list[Tensor]
    outputs: list[WantedOutput] | None = None


class Output(BaseModel):
    """The answer for one text."""

    label: Label
    probabilities: dict[str, float] = Field(description="Probability of each label; they sum to 1.")
    truncated: bool = Field(description="Whether the text was cut to the tokens that the model reads.")
    tokens: int = Field(description="Tokens of the text, before it was cut.")


class PredictResponse(BaseModel):
    """Labels for texts, in their order."""

    model: str
    outputs: list[Output]


class Part(BaseModel):
    """A word or a sentence and what it contributes. start, end: characters of the text."""

    start: int
    end: int
    text: str
    contribution: float


class ExplainResponse(BaseModel):
    """What the words and the sentences of a text contribute to the log-odds of `target`, as `Model.explain` says."""

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


class ErrorBody(BaseModel):
    """What went wrong. code: a fixed word for programs; message: a sentence for people."""

    status: int
    code: str
    message: str


class ErrorResponse(BaseModel):
    """An answer that is none."""

    error: ErrorBody


class ProtocolError(BaseModel):
    """An error of the Open Inference Protocol."""

    error: str


class TensorDescription(BaseModel):
    """Name, type and shape of a tensor; -1 is any size."""

    name: str
    datatype: str
    shape: list[int]


class ServerMetadata(BaseModel):
    """What the server is."""

    name: str
    version: str
    extensions: list[str]


class ModelMetadata(BaseModel):
    """What the model takes and gives."""

    name: str
    versions: list[str]
    platform: str
    inputs: list[TensorDescription]
    outputs: list[TensorDescription]


class OutputTensor(BaseModel):
    """An output tensor, its data in row-major order."""

    name: str
    datatype: str
    shape: list[int]
    parameters: dict[str, str] | None = None
    data: list[str] | list[float] | list[bool]


class InferResponse(BaseModel):
    """An answer of the Open Inference Protocol."""

    model_name: str
    model_version: str
    id: str | None = None
    outputs: list[OutputTensor]


class Live(BaseModel):
    """Whether the server runs."""

    live: bool


class Ready(BaseModel):
    """Whether the server, or a model, takes requests."""

    name: str | None = None
    ready: bool


def accepted(model: type[Given], value: Any) -> Given:
    """Return a request's JSON as `model`. Raises HTTPError 422, naming the place and what is expected there."""
    try:
        return model.model_validate(value)
    except ValidationError as error:
        complaint = error.errors(include_url=False, include_input=False, include_context=False)[0]
        kind, place = complaint["type"], ".".join(map(str, complaint["loc"]))
        if kind == "extra_forbidden":
            known = ", ".join(model.model_fields)
            message = f"There is no field {quoted(place)}; known here: {known}."
        elif kind == "missing":
            message = f"The field {quoted(place)} is missing."
        elif kind == "value_error":
            message = f"{complaint['msg'].removeprefix('Value error, ')}."
        elif not place:
            message = "The body must be a JSON object."
        else:
            said = complaint["msg"]
            message = f"{place}: {said[0].lower()}{said[1:]}."
        raise HTTPError(422, "unfit", message) from None


def body_schema(model: type[RequestBody], options: ServeOptions) -> dict[str, Any]:
    """Return OpenAPI's description of a JSON body, with this server's limits in it."""
    schema = model.model_json_schema(ref_template="#/components/schemas/{model}")
    inner = schema.pop("$defs", {})
    schema = _inlined(schema, inner, options)
    return {"requestBody": {"required": True, "content": {"application/json": {"schema": schema}}}}


def _inlined(schema: Any, inner: dict[str, Any], options: ServeOptions) -> Any:
    """Put the definitions in place of the references to them, and this server's limits in place of their names."""
    if isinstance(schema, list):
        return [_inlined(part, inner, options) for part in schema]
    if not isinstance(schema, dict):
        return schema
    if "$ref" in schema:
        return _inlined(inner[schema["$ref"].rpartition("/")[2]], inner, options)
    return {
        name: getattr(options, part) if name in LIMITS and isinstance(part, str) else _inlined(part, inner, options)
        for name, part in schema.items()
    }


def refusals(*statuses: int, model: type[BaseModel] = ErrorResponse) -> dict[int | str, dict[str, Any]]:
    """Return OpenAPI's description of the errors that a route can answer with, those of every route among them."""
    everywhere = (400, 401, 403, 421, 503)
    return {status: {"model": model, "description": REASONS[status]} for status in sorted({*everywhere, *statuses})}


REASONS = {
    400: "The request is malformed.",
    401: "An API key is needed.",
    403: "The request comes from another site's page.",
    404: "There is none.",
    408: "The body did not arrive in time.",
    413: "The body is too large.",
    415: "The body is of another type.",
    421: "The server does not answer for this host.",
    422: "The request can be read and cannot be answered.",
    429: "Too many requests are waiting; Retry-After says when to come back.",
    431: "The headers are too large.",
    503: "The server is loading or stopping.",
    504: "The request was not computed in time.",
}
WORK = (408, 413, 415, 422, 429, 504)
"""Statuses of routes that read a body and compute."""
