"""The options of the task `series`."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from recurra.data.series.missing import Missing
from recurra.options.holdout import HoldoutOptions
from recurra.options.network import Dropout, Hidden, Layers, ReadDirection, RecurrentCell
from recurra.options.training import TASK, Batch, Ema, Keep, LearningRate, Patience, TaskOptions


class SeriesOptions(HoldoutOptions, TaskOptions):
    """What `recurra train --task series` takes."""

    task: Annotated[Literal["series"], TASK] = "series"
    cell: RecurrentCell = "lstm"
    layers: Layers = 1
    hidden: Hidden = 64
    direction: ReadDirection = "both"
    dropout: Dropout = 0.3
    batch: Batch = 32
    learning_rate: LearningRate = 4e-3
    patience: Patience = None
    ema: Ema = 0.98
    keep: Keep = "last"
    missing: Annotated[
        Missing,
        Field(
            description="Missing values: mask (taken to be the mean, with a mark beside them), forward-fill (the last "
            "known value), or refuse."
        ),
    ] = "mask"
    stack: Annotated[
        int | None,
        Field(
            ge=1,
            le=4096,
            description="Frames that make one step of the network (default: so many that a series has about 64 steps).",
        ),
    ] = None
    convolutions: Annotated[
        int,
        Field(
            ge=0,
            le=50_000,
            description="Features of random convolutions beside the network, about so many; 0 for the network alone.",
        ),
    ] = 10_000
