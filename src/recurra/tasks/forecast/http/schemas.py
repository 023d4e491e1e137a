"""The JSON of the route of forecasts."""

from __future__ import annotations

from typing import Any, Literal

from pydantic import BaseModel, Field

from recurra.http.schemas import RequestBody, Several

_VALUE: dict[str, Any] = {"type": ["number", "null"], "minimum": -1e30, "maximum": 1e30}
_VALUES: dict[str, Any] = {"type": "array", "minItems": 1, "maxItems": "max_steps", "items": _VALUE}
_ROWS: dict[str, Any] = {"type": "array", "minItems": 1, "items": {"type": "array", "items": _VALUE}}


class GivenSeries(RequestBody):
    """A series up to now."""

    values: Any = Field(
        description="The values in order of time, one for each step, null where one is missing; three known ones at "
        "least.",
        json_schema_extra=_VALUES,
    )
    name: str | None = Field(None, description="What the series is called; one that was trained on is known by it.")
    last: str | None = Field(
        None, max_length=64, description="The time of the last value, from which those of the forecast are counted."
    )
    times: Any = Field(
        None,
        description="In place of last: the time of each value, in any order, and then of the steps whose future "
        "covariates are given. Steps without one are missing values.",
        json_schema_extra={"type": "array", "items": {"type": "string", "maxLength": 64}},
    )
    past: Any = Field(
        None,
        description="Covariates known up to now: a list for each value, with the numbers in the order of /model.",
        json_schema_extra=_ROWS,
    )
    future: Any = Field(
        None,
        description="Covariates known beforehand: a list for each value, and for each step to forecast.",
        json_schema_extra=_ROWS,
    )
    static: Any = Field(
        None,
        description="Covariates of the series itself: a list of numbers.",
        json_schema_extra={"type": "array", "items": _VALUE},
    )


class ForecastRequest(RequestBody):
    """Series to forecast."""

    series: Several[GivenSeries] = Field(min_length=1, json_schema_extra={"maxItems": "max_inputs"})
    horizon: int | None = Field(None, ge=1, description="Steps to forecast (default: all that the model can).")


class ExplainRequest(RequestBody):
    """A series whose forecast is to be explained."""

    series: GivenSeries
    horizon: int | None = Field(None, ge=1, description="Steps to forecast (default: all that the model can).")


class Step(BaseModel):
    """A step of a forecast."""

    ds: str | int = Field(description="Its time; its number from 1 where the request does not name the last time.")
    y: float = Field(description="The middle of what may come.")
    lo: float = Field(description="The lower end of the band of 80 %.")
    hi: float = Field(description="The upper end of the band of 80 %.")


class SeriesForecast(BaseModel):
    """The forecast of one series."""

    series: str | None = Field(None, description="Its name, where the request has one.")
    places: list[int] | None = Field(None, description="The step of each of the times given, from 0.")
    forecast: list[Step]


class ForecastResponse(BaseModel):
    """Forecasts of series, in their order."""

    model: str
    outputs: list[SeriesForecast]


class ExplainedStep(Step):
    """A step of a forecast, and the two parts that add up to `y`."""

    smoothing: float = Field(description="What the weighted mean of exponential smoothings says.")
    network: float = Field(description="What the network adds.")


class KindOfSmoothing(BaseModel):
    """The smoothings of one kind."""

    kind: str
    weight: float = Field(description="Their share of the weight; those of all kinds sum to 1.")
    y: float | None = Field(description="What they forecast, on average over the steps; null where they do not count.")


class Contribution(BaseModel):
    """By how much the forecast falls without something that the network reads."""

    contribution: float = Field(description="On average over the steps.")
    size: float = Field(description="The mean size of that of a step, whichever way.")
    by_step: list[float]


class Piece(Contribution):
    """Steps of the history whose values the network does not know."""

    start: int = Field(alias="from", description="The first step, counted from 0.")
    end: int = Field(alias="to", description="The step after the last.")


class ExplainedCovariate(Contribution):
    """A covariate that has its mean in training."""

    covariate: str
    kind: Literal["past", "future", "static"]


class LatestValues(BaseModel):
    """What the latest values changed."""

    start: int = Field(alias="from", description="The first of their steps, counted from 0.")
    end: int = Field(alias="to", description="The step after the last.")
    surprise: float = Field(description="By how much they are above what was forecast before them, on average.")
    change: float = Field(description="By how much the forecast is larger than if they had come as forecast.")
    by_step: list[float] = Field(description="The change of each step.")


class ExplainResponse(BaseModel):
    """What the forecast of a series is made of."""

    model: str
    series: str | None = Field(None, description="Its name, where the request has one.")
    steps: int = Field(description="Of the history.")
    forecast: list[ExplainedStep]
    share: float = Field(description="How much of what the network says counts for this series, from 0 to 1.")
    weights: dict[str, list[KindOfSmoothing]] = Field(
        description="Of smoothings by their trend, their season, whether they are of the values or of logarithms "
        "(scale), and how fast their level follows."
    )
    pieces: list[Piece] = Field(description="Of the history, as the network reads it, in order of time.")
    covariates: list[ExplainedCovariate]
    latest: LatestValues | None = Field(description="Null where the history is too short to tell.")
