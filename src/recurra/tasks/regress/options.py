"""The options of the task `regress`."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from recurra.many_to_one.options import (
    AnswerOptions,
    ContinueOptions,
    LearningOptions,
    NetworkOptions,
    RowOptions,
    SplitOptions,
    TextModelOptions,
    TextOptions,
)
from recurra.options.base import Options
from recurra.options.network import Ngrams
from recurra.options.reading import SliceOptions, Target
from recurra.options.training import TASK, TaskOptions
from recurra.options.weighting import WeightOptions


class NumberReadOptions(TextOptions):
    """Where the texts and the numbers of a table are."""

    target: Target = None


class NumberEvaluateOptions(NumberReadOptions, SliceOptions):
    """What `recurra evaluate` takes for a model that answers with numbers."""


class NumberPredictOptions(AnswerOptions):
    """What `recurra predict` takes for a model that answers with numbers."""


class IntervalOptions(Options):
    """How wide intervals are."""

    interval: Annotated[
        float,
        Field(
            gt=0.5,
            lt=1,
            description="Share of the truths that the interval about each number is to hold, such as 0.9.",
        ),
    ] = 0.9


class NumberModelOptions(TextModelOptions, IntervalOptions):
    """What makes a model out of texts and numbers: the parameters of `SequenceRegressor`."""


class RegressOptions(NumberReadOptions, RowOptions, WeightOptions, ContinueOptions, NumberModelOptions, TaskOptions):
    """What `recurra train --task regress` takes."""

    task: Annotated[Literal["regress"], TASK] = "regress"


class ComparisonOptions(NumberReadOptions, SplitOptions, NetworkOptions, LearningOptions):
    """What `recurra compare` takes. Cells are compared as networks alone, unless --ngrams is given."""

    ngrams: Ngrams = 0


DEFAULTS = NumberModelOptions()
