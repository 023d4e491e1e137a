"""The options of the task `series`."""

from __future__ import annotations

from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from recurra.options.holdout import Group, HoldoutOptions
from recurra.options.labels import LabelOptions, TopOptions
from recurra.options.network import DROPOUT, Hidden, Layers, ReadDirection, RecurrentCell
from recurra.options.reading import TableOptions, Target
from recurra.options.series import Missing, SeriesColumns
from recurra.options.training import TASK, Batch, Clip, Ema, Keep, LearningRate, Patience, TaskOptions


class SeriesFileOptions(TableOptions, SeriesColumns):
    """How a file of series is read."""


class LabelledSeriesOptions(SeriesFileOptions):
    """How a file of series is read whose labels, or numbers to predict, are known."""

    label: Annotated[
        str | None, Field(description="Column with the label. Guessed when the header makes it obvious.")
    ] = None
    target: Target = None

    @model_validator(mode="after")
    def _one_answer(self) -> Self:
        if self.label is not None and self.target is not None:
            raise ValueError("--label and --target both say what is to be predicted; give one of them")
        return self


Convolutions = Annotated[
    int,
    Field(
        ge=0,
        le=50_000,
        description="Features of random convolutions beside the network, about so many; 0 for the network alone.",
    ),
]


class SeriesOptions(LabelledSeriesOptions, HoldoutOptions, TaskOptions):
    """What `recurra train --task series` takes."""

    task: Annotated[Literal["series"], TASK] = "series"
    group: Group = None
    cell: RecurrentCell = "lstm"
    layers: Layers = 1
    hidden: Hidden = 64
    direction: ReadDirection = "both"
    dropout: Annotated[float | None, DROPOUT] = None
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
    convolutions: Convolutions = 10_000


class SeriesComparisonOptions(SeriesOptions):
    """What `recurra compare` takes for series. Networks are compared alone, unless --convolutions is given."""

    convolutions: Convolutions = 0


class SeriesEvaluateOptions(LabelledSeriesOptions):
    """What `recurra evaluate` takes for a model of series."""


class SeriesAnswerOptions(SeriesFileOptions, TopOptions):
    """What `recurra predict` takes for series that are given one by one."""


class SeriesPredictOptions(SeriesAnswerOptions, LabelOptions):
    """What `recurra predict` takes for a model of series."""
