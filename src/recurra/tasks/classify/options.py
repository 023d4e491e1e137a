"""The options of the task `classify`."""

from __future__ import annotations

from typing import Annotated, Any, ClassVar, Literal

from pydantic import Field, model_validator

from recurra.many_to_one.options import (
    AnswerOptions,
    CalibrationOptions,
    LearningOptions,
    ModelOptions,
    NetworkOptions,
    ReadOptions,
    RowOptions,
    SplitOptions,
    UnlabelledOptions,
)
from recurra.options.labels import LabelOptions
from recurra.options.network import Ngrams
from recurra.options.training import TASK, TaskOptions


class PredictOptions(AnswerOptions, LabelOptions):
    """What `recurra predict` takes for a classifier."""


class ClassifyOptions(ReadOptions, RowOptions, UnlabelledOptions, ModelOptions, TaskOptions):
    """What `recurra train` takes for the task `classify`. `recipe` sets other defaults for the rest."""

    may_hold_out_nothing: ClassVar[bool] = True

    task: Annotated[Literal["classify"], TASK] = "classify"
    recipe: Annotated[
        Literal["default", "tutorial"],
        Field(description="Set of defaults: this project's, or the well-known tutorial's model."),
    ] = "default"

    @model_validator(mode="after")
    def _one_way_to_split(self) -> ClassifyOptions:
        if self.split_column is not None and self.test is not None:
            raise ValueError("--split-column and --test both name the held-out rows; give one of them")
        return self

    @model_validator(mode="before")
    @classmethod
    def _by_recipe(cls, values: Any) -> Any:
        return (
            {**RECIPES.get(str(values.get("recipe", "default")), {}), **values} if isinstance(values, dict) else values
        )


RECIPES: dict[str, dict[str, Any]] = {
    "default": {},
    "tutorial": {
        "hidden": 64,
        "level": "word",
        "pooling": "last",
        "dropout": 0.0,
        "vocabulary": 20_000,
        "max_tokens": 256,
        "truncate": "tail",
        "fill": True,
        "punctuation": False,
        "min_count": 2,
        "ngrams": 0,
        "subwords": "none",
        "window": None,
        "batch": 32,
        "precision": "auto",
        "valid": 0.01,
        "word_dropout": 0.0,
        "word_vectors": "random",
        "epochs": 4,
        "learning_rate": 1e-3,
        "schedule": "one-cycle",
        "clip": None,
        "patience": None,
        "keep": "last",
        "calibrate": False,
    },
}
"""Other defaults, by recipe. `tutorial`: Embedding(128) -> Bidirectional(LSTM(64)) -> one sigmoid unit, sequences cut
and padded in front to 256 words, no punctuation, Adam for 4 epochs, and no help from validation rows. One thing is not
the tutorial's: its rate of 0.001 is the peak of one cycle, not constant; see docs/explanation/beside-keras.md."""

DEFAULTS = ModelOptions()


class ComparisonOptions(ReadOptions, SplitOptions, NetworkOptions, LearningOptions, CalibrationOptions):
    """What `recurra compare` takes. Cells are compared as networks alone, unless --ngrams is given."""

    ngrams: Ngrams = 0
