"""The options that say how much is told of the labels that a model thinks possible."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from recurra.options.base import Options


class TopOptions(Options):
    """How many labels an answer has."""

    top: Annotated[
        int | None,
        Field(ge=1, description="Give this many labels for each input, the most probable first, with probabilities."),
    ] = None


class LabelOptions(TopOptions):
    """What a file of answers has beside the most probable label."""

    probabilities: Annotated[
        bool, Field(description="Also write a column for each label, p(LABEL), with its probability.")
    ] = False
