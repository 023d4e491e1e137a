"""JSON bodies that all tasks share, as pydantic models: they validate requests and describe the API in OpenAPI."""

from __future__ import annotations

from typing import Annotated, Any, TypeVar

from pydantic import BaseModel, ConfigDict, FailFast, Field, ValidationError, model_validator

from recurra.http.errors import HTTPError, quoted
from recurra.http.options import ServeOptions
from recurra.storage.model_directory import Label

Request = TypeVar("Request", bound="RequestBody")

LIMITS = ("maxItems", "maxLength", "maximum")
"""Keywords of a schema whose value may be the name of the server's option that sets it."""

Text = Annotated[str, Field(json_schema_extra={"maxLength": "max_characters"})]
"""A text of a request, at most `--max-characters` long."""


Item = TypeVar("Item")

Several = Annotated[list[Item], FailFast()]
"""A list of a request. Its check ends at the first item that does not fit: to note a fault of each takes seconds."""

MOST_FIELDS = 64
"""More fields than any object of a request has."""


class RequestBody(BaseModel):
    """The JSON of a request: its fields and no others, each of exactly its type. Its lists are `Several`."""

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)

    @model_validator(mode="before")
    @classmethod
    def _has_few_fields(cls, value: Any) -> Any:
        if isinstance(value, dict) and len(value) > MOST_FIELDS:
            raise ValueError(f"An object has {len(value):,} fields; known here: {', '.join(cls.model_fields)}")
        return value


Top = Annotated[
    int | None, Field(ge=1, description="Also give this many of the most probable labels, the most probable first.")
]
"""Of a request to a model with labels: how many of them are ranked."""


class RankedLabel(BaseModel):
    """A label and its probability."""

    label: Label
    probability: float


class ErrorBody(BaseModel):
    """What went wrong. code: a fixed word for programs; message: a sentence for people."""

    status: int
    code: str
    message: str


class ErrorResponse(BaseModel):
    """The answer to a request that failed."""

    error: ErrorBody


def parse_request(model: type[Request], value: Any) -> Request:
    """Return a request's JSON as `model`. Raises HTTPError 422, naming the field and what it must be."""
    try:
        return model.model_validate(value)
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False, include_context=False)[0]
        raise HTTPError(422, "unfit", _explain(model, first["type"], first["loc"], first["msg"])) from None


def _explain(model: type[RequestBody], kind: str, location: tuple[int | str, ...], message: str) -> str:
    """Return pydantic's error as a sentence that repeats nothing of the request but a field's name."""
    field = ".".join(map(str, location))
    if kind == "extra_forbidden":
        return f"There is no field {quoted(field)}; known here: {', '.join(model.model_fields)}."
    if kind == "missing":
        return f"The field {quoted(field)} is missing."
    if kind == "value_error":
        return f"{message.removeprefix('Value error, ')}."
    if not field:
        return "The body must be a JSON object."
    return f"{field}: {message[0].lower()}{message[1:]}."


def body_schema(model: type[RequestBody], options: ServeOptions) -> dict[str, Any]:
    """Return OpenAPI's description of a JSON body, with this server's limits in it."""
    schema = model.model_json_schema(ref_template="#/components/schemas/{model}")
    definitions = schema.pop("$defs", {})
    schema = _inline(schema, definitions, options)
    return {"requestBody": {"required": True, "content": {"application/json": {"schema": schema}}}}


def _inline(schema: Any, definitions: dict[str, Any], options: ServeOptions) -> Any:
    """Replace references by their definitions, and names of the server's limits by their values."""
    if isinstance(schema, list):
        return [_inline(part, definitions, options) for part in schema]
    if not isinstance(schema, dict):
        return schema
    if "$ref" in schema:
        return _inline(definitions[schema["$ref"].rpartition("/")[2]], definitions, options)
    return {
        name: getattr(options, part)
        if name in LIMITS and isinstance(part, str)
        else _inline(part, definitions, options)
        for name, part in schema.items()
    }


def error_schemas(*statuses: int, model: type[BaseModel] = ErrorResponse) -> dict[int | str, dict[str, Any]]:
    """Return OpenAPI's description of the errors of a route: `statuses`, and those that every route can answer with."""
    everywhere = (400, 401, 403, 421, 503)
    return {status: {"model": model, "description": REASONS[status]} for status in sorted({*everywhere, *statuses})}


REASONS = {
    400: "The request is malformed.",
    401: "An API key is needed.",
    403: "The request comes from another site's page.",
    404: "It does not exist.",
    408: "The body did not arrive in time.",
    413: "The body is too large.",
    415: "The body is of another type.",
    421: "The server does not answer for this host.",
    422: "The request can be parsed but not answered.",
    429: "Too many requests are waiting; Retry-After has the seconds to wait.",
    431: "The headers are too large.",
    503: "The server is starting or shutting down.",
    504: "The request was not computed in time.",
}
COMPUTE = (408, 413, 415, 422, 429, 504)
"""Statuses of routes that read a body and compute."""
