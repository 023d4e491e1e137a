"""The JSON of the route of forecasts."""

from __future__ import annotations

from typing import Any

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


class Step(BaseModel):
    """A step of a forecast."""

    ds: str | int = Field(description="Its time; its number from 1 where the request does not name the last time.")
    y: float = Field(description="The middle of what may come.")
    lo: float = Field(description="The lower end of the band of 80 %.")
    hi: float = Field(description="The upper end of the band of 80 %.")


class SeriesForecast(BaseModel):
    """The forecast of one series."""

    series: str | None = Field(None, description="Its name, where the request has one.")
    forecast: list[Step]


class ForecastResponse(BaseModel):
    """Forecasts of series, in their order."""

    model: str
    outputs: list[SeriesForecast]
