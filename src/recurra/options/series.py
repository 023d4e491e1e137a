"""The options that say where series of numbers are in a table."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import Field

from recurra.options.base import Options

Missing = Literal["mask", "forward-fill", "refuse"]
"""What is done with missing values. mask: a stated value, and a mark beside it; forward-fill: the last known value;
refuse: an error."""


class LongTableColumns(Options):
    """Which columns of a long table say of which series a row is, and when."""

    id: Annotated[
        str | None, Field(description="Column with the name of each row's series (default: unique_id in long tables).")
    ] = None
    time: Annotated[
        str | None, Field(description="Column with the time of each row of a long table (default: ds).")
    ] = None


class SeriesColumns(LongTableColumns):
    """Which columns of a table hold what. Files that name their own (.ts, .arff) need none of them."""

    series: Annotated[
        str | None,
        Field(description="Column of lists with the series, in Parquet or JSON; several, a channel each: a,b."),
    ] = None
    values: Annotated[
        str | None,
        Field(description="Columns with the channels of a long table, as in a,b (default: all others with numbers)."),
    ] = None

    def named(self) -> dict[str, Any]:
        """Return the columns as `recurra.data.series.reader` takes them, by the name of its argument."""
        return {
            "series": column_names(self.series),
            "id": self.id,
            "time": self.time,
            "values": column_names(self.values),
        }


def column_names(text: str | None) -> list[str] | None:
    """Return names that have commas between; None where there are none."""
    return [name.strip() for name in text.split(",") if name.strip()] or None if text else None
