"""Which part of the data is held out to evaluate the model, and what the model is compared with."""

from __future__ import annotations

from typing import Annotated, ClassVar, Self

from pydantic import Field, model_validator

from recurra.options.base import Options

MAX_VALID_ROWS = 2_000
"""The most validation rows that are taken from the training rows."""


Test = Annotated[str | None, Field(description="File with the held-out rows, instead of a part of the data.")]
Group = Annotated[
    str | None,
    Field(
        description="Column with the author, product, speaker, patient or other group of a row, none of which is on "
        "both sides of the split. For recordings and series guessed if obvious."
    ),
]
Folds = Annotated[
    int | None,
    Field(
        ge=2,
        le=100,
        description="Cross-validation: divide the rows into so many folds, evaluate on each a model of the others, and "
        "train the model itself on all rows.",
    ),
]
Baseline = Annotated[
    bool, Field(description="Also train a simple baseline and evaluate it on the same rows, to compare.")
]


class HoldoutOptions(Options):
    """What is held out, and whether there is a baseline."""

    may_hold_out_nothing: ClassVar[bool] = False
    """Whether the task can train without rows to evaluate on."""

    split: Annotated[
        float,
        Field(
            ge=0,
            lt=1,
            description="Share of the rows to hold out (of one long text: of its end). With 0 a classifier trains "
            "on all rows and is not evaluated.",
        ),
    ] = 0.1
    test: Test = None
    baseline: Baseline = True

    @model_validator(mode="after")
    def _something_held_out(self) -> Self:
        if self.split == 0 and self.test is None and not self.may_hold_out_nothing:
            raise ValueError(
                "--split 0 would leave nothing to evaluate on, which only classify and multilabel can do; "
                "give a small share, such as --split 0.01, or another file with --test"
            )
        return self


class RowLimitOptions(Options):
    """How many rows are used."""

    rows: Annotated[
        int | None,
        Field(ge=10, description="Use only this many rows, drawn at random; of a given split, training rows."),
    ] = None
