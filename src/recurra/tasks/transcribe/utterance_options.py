"""Where the recordings of a table are, and what is said in them."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from recurra.options.reading import TableOptions


class UtteranceOptions(TableOptions):
    """The columns of a table of recordings."""

    audio: Annotated[str | None, Field(description="Column of the paths of the recordings.")] = None
    transcript: Annotated[str | None, Field(description="Column of the transcripts.")] = None
    group: Annotated[str | None, Field(description="Column of the speakers, who are held out whole.")] = None
