"""The options of the task `multilabel`."""

from __future__ import annotations

from typing import Annotated, ClassVar, Literal, Self

from pydantic import Field, model_validator

from recurra.many_to_one.options import (
    AnswerOptions,
    CalibrationOptions,
    ContinueOptions,
    LearningOptions,
    ModelOptions,
    NetworkOptions,
    ReadOptions,
    RowOptions,
    SplitOptions,
)
from recurra.options.base import Options
from recurra.options.labels import LabelOptions
from recurra.options.network import Ngrams
from recurra.options.reading import SliceOptions
from recurra.options.training import TASK, TaskOptions, Valid
from recurra.options.weighting import WeightOptions


class LabelSetOptions(ReadOptions):
    """Where the texts of a table are, and the labels of each."""

    labels: Annotated[
        str | None,
        Field(
            description="Columns of 0 and 1 (or no and yes, false and true), one for each label, with commas between "
            "their names; instead of --label."
        ),
    ] = None
    separator: Annotated[
        str | None,
        Field(
            min_length=1,
            max_length=8,
            description="What stands between the labels of one cell. Guessed where it is obvious; a cell may also hold "
            'a list: ["one", "two"].',
        ),
    ] = None

    @model_validator(mode="after")
    def _one_place_for_labels(self) -> Self:
        if self.label is not None and self.labels is not None:
            raise ValueError("--label names one column with all labels, --labels a column for each; give one of them")
        if self.labels is not None and self.separator is not None:
            raise ValueError("--separator parts the labels of one cell, and with --labels there is a column for each")
        return self


class ThresholdOptions(Options):
    """From which probability a label is given."""

    threshold: Annotated[
        float | None,
        Field(
            gt=0,
            lt=1,
            description="Probability from which a label is given, for all labels (default: one for each, chosen for F1 "
            "on the validation rows).",
        ),
    ] = None


class MultilabelModelOptions(ThresholdOptions, ModelOptions):
    """What makes a model out of texts and sets of labels: the parameters of `SequenceMultilabelClassifier`."""

    valid: Valid = 0.1


class MultilabelOptions(
    LabelSetOptions, RowOptions, WeightOptions, ContinueOptions, MultilabelModelOptions, TaskOptions
):
    """What `recurra train` takes for the task `multilabel`."""

    may_hold_out_nothing: ClassVar[bool] = True

    task: Annotated[Literal["multilabel"], TASK] = "multilabel"


class EvaluateOptions(LabelSetOptions, ThresholdOptions, SliceOptions):
    """What `recurra evaluate` takes for such a model."""


class AnswerTextOptions(LabelOptions, ThresholdOptions):
    """What `recurra predict` takes for such a model beside texts."""


class PredictOptions(AnswerOptions, AnswerTextOptions):
    """What `recurra predict` takes for such a model."""


class ComparisonOptions(LabelSetOptions, SplitOptions, NetworkOptions, LearningOptions, CalibrationOptions):
    """What `recurra compare` takes. Cells are compared as networks alone, unless --ngrams is given."""

    ngrams: Ngrams = 0
    valid: Valid = 0.1


DEFAULTS = MultilabelModelOptions()
