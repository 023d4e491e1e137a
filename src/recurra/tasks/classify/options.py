"""The options of the task `classify`."""

from __future__ import annotations

from typing import Annotated, Any, ClassVar, Literal, Self

from pydantic import Field, model_validator

from recurra.many_to_one.options import (
    AnswerOptions,
    CalibrationOptions,
    ContinueOptions,
    LearningOptions,
    ModelOptions,
    NetworkOptions,
    NewHeadOptions,
    OrderOptions,
    ReadOptions,
    RowOptions,
    SplitOptions,
    UnlabelledOptions,
)
from recurra.options.base import Options
from recurra.options.labels import LabelOptions
from recurra.options.network import Ngrams
from recurra.options.reading import SliceOptions
from recurra.options.training import TASK, TaskOptions
from recurra.options.weighting import ClassWeight, WeightOptions


class PredictOptions(AnswerOptions, LabelOptions):
    """What `recurra predict` takes for a classifier."""


class EvaluateOptions(ReadOptions, SliceOptions):
    """What `recurra evaluate` takes for a classifier."""


class DecisionOptions(Options):
    """How a label is chosen of the probabilities."""

    tune_threshold: Annotated[
        str | None,
        Field(
            description="Of two labels, answer --positive from the probability on that is best on the validation rows "
            "for f1, for balanced-accuracy, or for two costs such as 5:1, of a missed row and of a false one."
        ),
    ] = None
    positive: Annotated[
        str | None, Field(description="The label that --tune-threshold is for (default: the rarer one).")
    ] = None
    abstain: Annotated[
        float,
        Field(ge=0, lt=1, description="Answer no label where the most probable one is less probable than this."),
    ] = 0.0

    @model_validator(mode="after")
    def _a_goal(self) -> Self:
        if self.tune_threshold is not None:
            from recurra.evaluation.decision import Goal  # with NumPy, which the options do without

            try:
                Goal.of(self.tune_threshold)
            except ValueError as error:
                raise ValueError(f"--tune-threshold {error}") from None
        elif self.positive is not None:
            raise ValueError(
                f"--positive {self.positive} names the label of --tune-threshold; give that too, or leave it out"
            )
        return self


class ClassifierOptions(ModelOptions, OrderOptions, DecisionOptions):
    """What makes a classifier out of texts and labels: the parameters of `SequenceClassifier`."""

    class_weight: ClassWeight = None


class ClassifyOptions(
    ReadOptions,
    RowOptions,
    UnlabelledOptions,
    WeightOptions,
    ContinueOptions,
    NewHeadOptions,
    ClassifierOptions,
    TaskOptions,
):
    """What `recurra train` takes for the task `classify`. `recipe` sets other defaults for the rest."""

    may_hold_out_nothing: ClassVar[bool] = True

    task: Annotated[Literal["classify"], TASK] = "classify"
    recipe: Annotated[
        Literal["default", "tutorial"],
        Field(description="Set of defaults: this project's, or the well-known tutorial's model."),
    ] = "default"

    @model_validator(mode="after")
    def _unlabelled_rows_have_no_features(self) -> Self:
        if self.features is not None and self.unlabelled is not None:
            raise ValueError(
                "--features does not go with --unlabelled, whose texts are learnt from alone; leave one of them out"
            )
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

DEFAULTS = ClassifierOptions()


class ComparisonOptions(ReadOptions, SplitOptions, NetworkOptions, LearningOptions, CalibrationOptions):
    """What `recurra compare` takes. Cells are compared as networks alone, unless --ngrams is given."""

    ngrams: Ngrams = 0
