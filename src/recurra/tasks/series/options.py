"""The options of the task `series`."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from recurra.data.series.missing import Missing
from recurra.options.holdout import HoldoutOptions
from recurra.options.network import Hidden, Layers, ReadDirection, RecurrentCell
from recurra.options.training import TASK, Batch, Clip, Ema, Keep, LearningRate, Patience, TaskOptions


class SeriesOptions(HoldoutOptions, TaskOptions):
    """What `recurra train --task series` takes."""

    task: Annotated[Literal["series"], TASK] = "series"
    cell: RecurrentCell = "lstm"
    layers: Layers = 1
    hidden: Hidden = 64
    direction: ReadDirection = "both"
    dropout: Annotated[
        float | None,
        Field(
            ge=0,
            lt=1,
            description="Dropout: share of values set to zero in training (default: 0.5 for series of up to 64 steps, "
            "0.3 for longer ones).",
        ),
    ] = None
    batch: Batch = 32
    learning_rate: LearningRate = 4e-3
    clip: Clip = 1.0
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
    convolutions: Annotated[
        int,
        Field(
            ge=0,
            le=50_000,
            description="Features of random convolutions beside the network, about so many; 0 for the network alone.",
        ),
    ] = 10_000
