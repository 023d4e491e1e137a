"""The readers by format, and which one a path asks for. To add one: write its file, and add its line here."""

from __future__ import annotations

from pathlib import Path
from typing import get_args

from recurra.data.tables.arrow_table import ArrowTable
from recurra.data.tables.bytes_check import check_is_file
from recurra.data.tables.csv_table import CsvTable, TsvTable
from recurra.data.tables.dataset_table import DatasetTable, is_dataset, is_saved
from recurra.data.tables.duckdb_table import DuckdbTable
from recurra.data.tables.fasttext_table import FasttextTable, is_fasttext
from recurra.data.tables.folder_table import FolderTable
from recurra.data.tables.json_table import JsonTable, is_json_lines
from recurra.data.tables.jsonl_table import JsonlTable
from recurra.data.tables.kinds import NOT_TEXT, SUFFIXES
from recurra.data.tables.lines_table import LinesTable
from recurra.data.tables.location import files_of, names_beside, there
from recurra.data.tables.packed import PACKED, is_packed, plain_name
from recurra.data.tables.parquet_table import ParquetTable
from recurra.data.tables.several_table import several
from recurra.data.tables.sqlite_table import SqliteTable, is_sqlite
from recurra.data.tables.standard_input import NAME
from recurra.data.tables.table import PLAIN, BadRows, Dialect, Table
from recurra.data.tables.xlsx_table import XlsxTable
from recurra.errors import OptionError, ReadError, did_you_mean

READERS: dict[str, type[Table]] = {
    "csv": CsvTable,
    "tsv": TsvTable,
    "parquet": ParquetTable,
    "jsonl": JsonlTable,
    "json": JsonTable,
    "txt": LinesTable,
    "xlsx": XlsxTable,
    "sqlite": SqliteTable,
    "duckdb": DuckdbTable,
    "fasttext": FasttextTable,
    "folder": FolderTable,
    "arrow": ArrowTable,
    "dataset": DatasetTable,
}


def open_table(
    path: str | Path,
    dialect: Dialect = PLAIN,
    bad_rows: BadRows = "stop",
    rejects_path: str | Path | None = None,
) -> Table:
    """Open a file, or a folder of class folders, with the reader that its name asks for; several files as one table.

    path: may stand for several files (see `location.py`), which must have the same columns.
    bad_rows: "stop" raises at the first structurally broken row; "skip" counts such rows in `rejected` and writes
    them to `rejects_path`. Raises ReadError for a file that cannot be read in the format of its name.
    """
    path, rejects = Path(path), None if rejects_path is None else Path(rejects_path)
    if bad_rows not in get_args(BadRows):
        raise OptionError(f"bad_rows cannot be {bad_rows!r}: it is 'stop' or 'skip'.")
    files = files_of(path)
    if not there(files[0]):
        raise ReadError(f"{path} does not exist.{did_you_mean(path.name, names_beside(path))}")
    check_is_file(files[0])
    if len(files) > 1 and format_of(path, dialect) == "parquet":
        return ParquetTable(path, dialect, bad_rows, rejects)
    tables = [READERS[format_of(file, dialect)](file, dialect, bad_rows, rejects) for file in files]
    return several(path, tables)


def format_of(path: Path, dialect: Dialect = PLAIN) -> str:
    """Return the name in READERS of what reads a file or folder in this dialect, the first one of several. Raises
    ReadError for none."""
    path = files_of(path)[0]
    if path.is_dir():
        return "arrow" if is_saved(path) else "dataset" if is_dataset(path) else "folder"
    if dialect.format is not None:
        return dialect.format
    kind = _format_by_name(path)
    if kind == "json" and is_json_lines(path):
        return "jsonl"
    if kind in ("sqlite", "duckdb"):
        return "sqlite" if is_sqlite(path) else "duckdb"
    if kind != "txt":
        return kind
    if dialect.delimiter is not None:
        return "tsv" if dialect.delimiter == "\t" else "csv"
    return "fasttext" if is_fasttext(path) else "txt"


def _format_by_name(path: Path) -> str:
    name = plain_name(path)
    inner = Path(name).suffix
    kind = SUFFIXES.get(inner)
    if kind in NOT_TEXT and is_packed(path):
        raise ReadError(f"{path}: a {inner} file is not read from inside another. Unpack it first.")
    if kind is None:
        if path == NAME:
            raise ReadError("Standard input does not show what it is: say it with --format, as in --format csv.")
        hint = {
            ".conllu": " Sentences with a tag for each word are read with --task tag.",
            ".conll": " Sentences with a tag for each word are read with --task tag.",
            ".xls": " Save it as .xlsx.",
            ".ods": " Save it as .xlsx.",
        }.get(inner, " It begins like lines for fastText: give it the suffix .txt." if is_fasttext(path) else "")
        raise ReadError(
            f"{path}: unknown kind of file '{inner or name}'. Readable: {', '.join(SUFFIXES)} "
            f"(the text ones also packed: {', '.join(PACKED)}) and folders of class folders.{hint} Whatever its "
            "name, --format says what a file is."
        )
    return kind
