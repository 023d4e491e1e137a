"""A data set of Hugging Face in a folder: as `save_to_disk` leaves it, or in Parquet as on the Hub.

Each split is a table of its own, and their names are a column, `split`, whose rows are the parts of training unless
those are asked for in another way. On the Hub a file's or a folder's name begins with its split:
`data/train-00000-of-00001.parquet`, `plain_text/test/0000.parquet`.
"""

from __future__ import annotations

import json
import re
from collections.abc import Generator, Sequence
from contextlib import closing
from copy import copy
from pathlib import Path

from recurra.data.tables.arrow_table import STATE, ArrowTable
from recurra.data.tables.parquet_table import ParquetTable
from recurra.data.tables.table import PLAIN, BadRows, Dialect, Row, Table, listed, other_columns
from recurra.errors import ColumnError, ReadError

DICT = "dataset_dict.json"
_SPLIT = re.compile(r"(train|training|validation|valid|val|dev|test|testing|unsupervised)(?=[-_.]|$)", re.IGNORECASE)
_USUAL = {"training": "train", "valid": "validation", "val": "validation", "dev": "validation", "testing": "test"}
UNLABELLED = "unsupervised"
"""The split without labels, which is passed over."""


class DatasetTable(Table):
    """The rows of all splits, with a column that names the split."""

    format = "dataset"
    heeds = ()

    def __init__(
        self, path: Path, dialect: Dialect = PLAIN, bad_rows: BadRows = "stop", rejects_path: Path | None = None
    ) -> None:
        super().__init__(path, dialect, bad_rows, rejects_path)
        if (path / DICT).is_file():
            self._splits: dict[str, ParquetTable] = {name: ArrowTable(path / name) for name in _saved(path)}
        else:
            self._splits = {name: ParquetTable(path, files=files) for name, files in hub_files(path).items()}
        first = next(iter(self._splits.values()))
        for table in self._splits.values():
            if set(table.columns) != set(first.columns):
                raise ColumnError(other_columns(table.place, table.columns, first.place, first.columns))
        self.split_column = "split" if "split" not in first.columns else "split_"
        self.columns = (*first.columns, self.split_column)

    def _rows(self, columns: Sequence[str]) -> Generator[Row]:
        """Yield the rows of every split; see Table."""
        self.positions(columns)
        inside = [name for name in columns if name != self.split_column]
        places = [inside.index(name) if name != self.split_column else len(inside) for name in columns]
        empty = True
        for number, (split, table) in enumerate(self._splits.items()):
            one = copy(table)
            one.rows_needed, one.lists_as_json = False, self.lists_as_json
            self._share = lambda one=one, number=number: (number + (one.share() or 0.0)) / len(self._splits)
            with closing(one._rows(inside or one.columns[:1])) as rows:
                for row in rows:
                    empty = False
                    whole = (*row[: len(inside)], split)
                    yield tuple([whole[place] for place in places])
        self._share = None
        if empty and self.rows_needed:
            raise ReadError(f"{self.path} has columns ({listed(self.columns)}) but no rows.")


def is_saved(folder: Path) -> bool:
    """Return whether a folder is one split, or a data set without splits, that `save_to_disk` left."""
    return (folder / STATE).is_file() and (folder / "dataset_info.json").is_file()


def is_dataset(folder: Path) -> bool:
    """Return whether a folder is a data set with splits."""
    return (folder / DICT).is_file() or any(_files_by_split(folder))


def hub_files(folder: Path) -> dict[str, list[Path]]:
    """Return the Parquet files of each split in a folder, in the order train, validation, test. Raises ReadError where
    there are several configurations."""
    found = _files_by_split(folder)
    places = sorted({place for place, _ in found})
    if len(places) > 1:
        raise ReadError(
            f"{folder} holds several data sets: {listed(places)}. Give the folder of one, as in {folder / places[0]}."
        )
    order = ("train", "validation", "test")
    splits = sorted({split for _, split in found}, key=order.index)
    return {split: found[places[0], split] for split in splits}


def _files_by_split(folder: Path) -> dict[tuple[str, str], list[Path]]:
    """Return the Parquet files below a folder by (where the names of their splits stand, split)."""
    found: dict[tuple[str, str], list[Path]] = {}
    for file in sorted(folder.glob("**/*.parquet")):
        parts = file.relative_to(folder).parts
        for depth, part in enumerate(parts):
            if match := _SPLIT.match(part):
                split = _USUAL.get(match[1].lower(), match[1].lower())
                if split != UNLABELLED:
                    found.setdefault(("/".join(parts[:depth]), split), []).append(file)
                break
    return found


def _saved(folder: Path) -> list[str]:
    """Return the names of the splits that `save_to_disk` left. Raises ReadError."""
    try:
        names = [str(name) for name in json.loads((folder / DICT).read_text(encoding="utf-8"))["splits"]]
    except (OSError, ValueError, KeyError, TypeError, RecursionError):
        names = []
    names = [name for name in names if name != UNLABELLED]
    if not names or any(Path(name).name != name for name in names):
        raise ReadError(f"{folder / DICT} names no splits. Save the data set again, by save_to_disk.")
    return names
