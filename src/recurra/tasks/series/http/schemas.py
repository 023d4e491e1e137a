"""The JSON of the routes of series."""

from __future__ import annotations

from typing import Any

from pydantic import BaseModel, Field

from recurra.http.schemas import RankedLabel, RequestBody, Top
from recurra.storage.model_directory import Label

_VALUE: dict[str, Any] = {"type": ["number", "null"], "minimum": -1e30, "maximum": 1e30}
_FLAT: dict[str, Any] = {"type": "array", "minItems": 1, "maxItems": "max_steps", "items": _VALUE}
_STEPS: dict[str, Any] = {
    "type": "array", "minItems": 1, "maxItems": "max_steps",
    "items": {"type": "array", "minItems": 1, "items": _VALUE},
}  # fmt: skip
_SEVERAL: dict[str, Any] = {"type": "array", "minItems": 1, "maxItems": "max_inputs", "items": _STEPS}


class PredictRequest(RequestBody):
    """Series to answer."""

    series: Any = Field(
        description="Series as lists of steps, each a list of the channels' values, null where one is missing; or one "
        "such series; or the values of one series of a single channel.",
        json_schema_extra={"oneOf": [_SEVERAL, _STEPS, _FLAT]},
    )
    top: Top = None


class ExplainRequest(RequestBody):
    """A series to explain."""

    series: Any = Field(
        description="One series: a list of steps, each a list of the channels' values, null where one is missing; or "
        "the values of a single channel.",
        json_schema_extra={"oneOf": [_STEPS, _FLAT]},
    )
    target: str | None = Field(None, description="The label to explain (default: the predicted one).")


class LabelOutput(BaseModel):
    """The label of one series."""

    label: Label
    top: list[RankedLabel] | None = Field(None, description="The most probable labels, where the request has `top`.")
    probabilities: dict[str, float] = Field(description="Probability of each label; they sum to 1.")


class NumberOutput(BaseModel):
    """The number for one series."""

    number: float


class PredictResponse(BaseModel):
    """Labels or numbers for series, in their order."""

    model: str
    outputs: list[LabelOutput] | list[NumberOutput]


class Channel(BaseModel):
    """A channel, and by how much the log-odds, or the number, fall without it."""

    channel: str
    contribution: float


class Window(BaseModel):
    """Steps of a series, and by how much the log-odds, or the number, fall without them."""

    start: int = Field(alias="from", description="The first step, counted from 0.")
    end: int = Field(alias="to", description="The step after the last.")
    contribution: float = Field(description="Of the steps in all channels together.")
    channels: dict[str, float] = Field(description="Of the steps in single channels, of many those that matter most.")


class ExplainResponse(BaseModel):
    """What the windows of each channel contribute to a label, or to a number. Positive: it speaks for the label, or
    makes the number larger."""

    model: str
    label: Label | None = Field(None, description="The predicted one.")
    number: float | None = Field(None, description="The predicted one; label or number is there.")
    target: Label | None = Field(None, description="The label that is explained.")
    probabilities: dict[str, float] | None = None
    log_odds: float | None = Field(None, description="Of the target.")
    steps: int
    notes: list[str] = Field(
        description="What must be said of the explanation, such as that a long series has fewer windows."
    )
    channels: list[Channel]
    windows: list[Window]
