"""How a file is read."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Field

from recurra.options.base import Options
from recurra.options.columns import Columns


class EncodingOptions(Options):
    """How the characters of a text file are encoded."""

    encoding: Annotated[str, Field(description="Encoding of a text file.")] = "utf-8"


def _tab(value: Any) -> Any:
    """A shell hands on the two characters \\t as they are; they mean a tab, for which they cannot be anything else."""
    return "\t" if value == "\\t" else value


class SliceOptions(Options):
    """By which columns figures are given apart."""

    slice: Annotated[
        Columns | None,
        Field(
            description="Columns, with commas between, for each of whose values the figures are given apart too, the "
            "worst first; numbers are cut into ranges."
        ),
    ] = None


class TableOptions(EncodingOptions):
    """How a table is read."""

    delimiter: Annotated[
        str | None,
        Field(
            min_length=1,
            max_length=1,
            description="Character between fields (default: ',' in .csv, tab in .tsv); makes a table of a .txt.",
        ),
        BeforeValidator(_tab),
    ] = None
    quote: Annotated[
        str | None,
        Field(max_length=1, description="Character around fields (default: '\"' in .csv; .tsv has none; '' for none)."),
    ] = None
    escape: Annotated[
        str | None,
        Field(min_length=1, max_length=1, description="Character that makes the next one text, such as a backslash."),
    ] = None
    header: Annotated[
        bool, Field(description="Whether the first row names the columns; else they are column0, column1 ...")
    ] = True
    format: Annotated[
        Literal["csv", "tsv", "jsonl", "json", "txt", "fasttext", "parquet", "xlsx"] | None,
        Field(description="What the file is, whatever its name; of standard input, where that does not show."),
    ] = None
    sheet: Annotated[
        str | None, Field(description="Sheet of a workbook. The only one with anything in it where none is named.")
    ] = None
    sql: Annotated[
        str | None,
        Field(
            min_length=1,
            description="A SELECT whose rows are read, where the data are a database of SQLite or DuckDB.",
        ),
    ] = None
    bad_rows: Annotated[
        Literal["stop", "skip"],
        Field(description="What to do with a structurally broken row: stop, or skip it into a rejects file."),
    ] = "stop"


Target = Annotated[
    str | None,
    Field(description="Column with the translations, or with the number to predict. Guessed where it is obvious."),
]
