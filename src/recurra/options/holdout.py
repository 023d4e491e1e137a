"""Which part of the data is held out to evaluate the model, and what the model is compared with."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from recurra.options.base import Options

MAX_VALID_ROWS = 2_000
"""The most validation rows that are taken from the training rows."""


class HoldoutOptions(Options):
    """What is held out, and whether there is a baseline."""

    split: Annotated[
        float,
        Field(gt=0, lt=1, description="Share of the rows to hold out (of one long text: of its end)."),
    ] = 0.1
    test: Annotated[str | None, Field(description="File with the held-out rows, instead of --split.")] = None
    baseline: Annotated[
        bool, Field(description="Also train a simple baseline and evaluate it on the same rows, to compare.")
    ] = True


class RowLimitOptions(Options):
    """How many rows are used."""

    rows: Annotated[
        int | None,
        Field(ge=10, description="Use only this many rows, drawn at random; of a given split, training rows."),
    ] = None
