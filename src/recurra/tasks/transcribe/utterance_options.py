"""The options that say where recordings are, and what is said in them by whom."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from recurra.options.holdout import Group
from recurra.options.reading import TableOptions


class UtteranceOptions(TableOptions):
    """Which columns of a table hold what. None of them goes with a folder."""

    audio: Annotated[
        str | None,
        Field(description="Column with the paths of the sound files. Guessed where it is obvious."),
    ] = None
    transcript: Annotated[str | None, Field(description="Column with what is said. Guessed where it is obvious.")] = (
        None
    )
    group: Group = None
    start: Annotated[
        str | None,
        Field(description="Column with the second of the file at which a row's part begins. Guessed if obvious."),
    ] = None
    end: Annotated[
        str | None, Field(description="Column with the second at which it ends. Guessed where it is obvious.")
    ] = None
