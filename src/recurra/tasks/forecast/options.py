"""The options of the task `forecast`."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from recurra.options.network import Dropout, Hidden, Layers, RecurrentCell
from recurra.options.training import TASK, Batch, Ema, Keep, LearningRate, Patience, TaskOptions
from recurra.tasks.forecast.shape import MOST_STEPS


class ForecastOptions(TaskOptions):
    """What `recurra train --task forecast` takes to fit its network."""

    task: Annotated[Literal["forecast"], TASK] = "forecast"
    cell: RecurrentCell = "gru"
    layers: Layers = 1
    hidden: Hidden = 32
    dropout: Dropout = 0.2
    batch: Batch = 64
    learning_rate: LearningRate = 5e-3
    patience: Patience = None
    ema: Ema = 0.98
    keep: Keep = "last"
    horizon: Annotated[int, Field(ge=1, le=MOST_STEPS, description="Steps to forecast.")] = 12
    season: Annotated[
        int | None,
        Field(
            ge=1,
            le=MOST_STEPS,
            description="Steps until a season comes again, such as 12 for months; 1 for none (default: by the "
            "frequency of the times).",
        ),
    ] = None
    segment: Annotated[
        int | None,
        Field(ge=1, le=MOST_STEPS, description="Steps that the network reads as one (default: by the season)."),
    ] = None
    segments: Annotated[
        int | None,
        Field(ge=1, le=4096, description="Segments of the history that the network reads (default: by the season)."),
    ] = None
    members: Annotated[int, Field(ge=1, le=8, description="Networks whose answers are averaged.")] = 3
