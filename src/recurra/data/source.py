"""Where data come from: what a name of the catalog or a path leads to, and the folder for downloads."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

from recurra.data.tables.filtered_table import FilteredTable
from recurra.data.tables.readers import open_table
from recurra.data.tables.table import PLAIN, BadRows, Dialect, Table
from recurra.errors import OptionError

Holds = Literal["texts", "speech", "series", "labelled series"]
"""What a named data set is of. series: with times, to be continued; labelled series: each with a label or a number."""


@dataclass(frozen=True)
class Source:
    """Where data come from.

    name: the data set's name, or the path as given. path: the file or folder. how: a description of it in words.
    text, label: the columns to use, where the catalog knows them. split: the column with the official parts, if any.
    where: (column, value) of the rows to use, if not all. label_names: what its labels are called, where it has numbers
    or short forms. test: the file or folder with the official held-out part, where it is another one.
    """

    name: str
    path: Path
    how: str
    text: str | None = None
    label: str | None = None
    split: str | None = None
    where: tuple[str, str] | None = None
    label_names: Mapping[str, str] = field(default_factory=dict)
    test: Path | None = None

    def open(
        self, dialect: Dialect = PLAIN, bad_rows: BadRows = "stop", rejects_path: str | Path | None = None
    ) -> Table:
        """Open the table. A named data set is read in its own dialect. Raises as `open_table` does."""
        table = open_table(self.path, PLAIN if self.text else dialect, bad_rows, rejects_path)
        return table if self.where is None else FilteredTable(table, *self.where)


@dataclass(frozen=True)
class Entry:
    """A named data set: what it is, its terms, and how it is found. find: (url, progress) -> Source."""

    about: str
    licence: str
    find: Callable[[str | None, bool], Source]
    holds: Holds = "texts"


def cache_directory() -> Path:
    """Return the folder for downloads: RECURRA_CACHE, or "recurra" in the user's cache folder."""
    if folder := os.environ.get("RECURRA_CACHE"):
        return Path(folder).expanduser()
    import pooch

    return Path(pooch.os_cache("recurra"))


def data_directory() -> Path | None:
    """Return the folder RECURRA_DATA; None where it is not set. Raises OptionError where it is no folder."""
    given = os.environ.get("RECURRA_DATA")
    if not given:
        return None
    if not (folder := Path(given).expanduser()).is_dir():
        raise OptionError(f"RECURRA_DATA is set to {given}, which is not a folder. Correct it, or unset it.")
    return folder
