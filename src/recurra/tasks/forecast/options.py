"""The options of the task `forecast`."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import Field

from recurra.options.holdout import Baseline, Test
from recurra.options.network import Dropout, Hidden, Layers, RecurrentCell
from recurra.options.reading import TableOptions, Target
from recurra.options.series import LongTableColumns, column_names
from recurra.options.training import TASK, Batch, Ema, Keep, LearningRate, Patience, TaskOptions, Valid
from recurra.tasks.forecast.shape import MOST_AHEAD, MOST_STEPS

HORIZON: Any = Field(
    ge=1, le=MOST_AHEAD, description="Steps to forecast (default: 12; of a trained model, all that it can)."
)
DEFAULT_HORIZON = 12


class ForecastFileOptions(TableOptions, LongTableColumns):
    """How a long table of series is read."""

    target: Target = None
    freq: Annotated[
        str | None,
        Field(
            description="Frequency of the times: Y, Q, M, W, D, h, min or s, with a count before it as in 30min, or a "
            "number where the times are numbers (default: found from the times)."
        ),
    ] = None


class ForecastOptions(ForecastFileOptions, TaskOptions):
    """What `recurra train --task forecast` takes."""

    task: Annotated[Literal["forecast"], TASK] = "forecast"
    horizon: Annotated[int, HORIZON] = DEFAULT_HORIZON
    season: Annotated[
        int | None,
        Field(
            ge=1,
            le=MOST_STEPS,
            description="Steps until a season comes again, such as 12 for months; 1 for none (default: by the "
            "frequency of the times).",
        ),
    ] = None
    futr_exog_list: Annotated[
        str | None,
        Field(
            description="Columns with covariates that are known for the steps to forecast too, such as a,b for prices "
            "and holidays."
        ),
    ] = None
    hist_exog_list: Annotated[
        str | None,
        Field(description="Columns with covariates that are known up to now only, such as a,b for the weather."),
    ] = None
    stat_exog_list: Annotated[
        str | None,
        Field(description="Columns with covariates that are one number for each series, such as a,b for its size."),
    ] = None
    test: Test = None
    baseline: Baseline = True
    cell: RecurrentCell = "gru"
    layers: Layers = 1
    hidden: Hidden = 32
    dropout: Dropout = 0.2
    batch: Batch = 64
    learning_rate: LearningRate = 5e-3
    patience: Patience = None
    valid: Valid = 1 / 3
    ema: Ema = 0.98
    keep: Keep = "last"
    segment: Annotated[
        int | None,
        Field(ge=1, le=MOST_STEPS, description="Steps that the network reads as one (default: by the season)."),
    ] = None
    segments: Annotated[
        int | None,
        Field(ge=1, le=4096, description="Segments of the history that the network reads (default: by the season)."),
    ] = None
    members: Annotated[int, Field(ge=1, le=8, description="Networks whose answers are averaged.")] = 3

    def covariates(self) -> dict[str, list[str]]:
        """Return the columns of each kind of covariates that has some, by the name that `History` has for it."""
        given = {"past": self.hist_exog_list, "future": self.futr_exog_list, "static": self.stat_exog_list}
        found = {kind: column_names(text) for kind, text in given.items()}
        return {kind: names for kind, names in found.items() if names}


class ForecastEvaluateOptions(ForecastFileOptions):
    """What `recurra evaluate` takes for a model that forecasts."""


class ForecastPredictOptions(ForecastFileOptions):
    """What `recurra predict` takes for a model that forecasts."""

    horizon: Annotated[int | None, HORIZON] = None
