"""A data set as `save_to_disk` of Hugging Face leaves it: a folder of Arrow files, read by pyarrow and DuckDB."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import duckdb

from recurra.data.tables.class_names import KEY, class_names
from recurra.data.tables.parquet_table import ParquetTable
from recurra.errors import ReadError, installation

STATE = "state.json"
"""The file that lists those with the rows."""


class ArrowTable(ParquetTable):
    """The rows of a saved data set, without splits. Types, values and names of classes are as of Parquet."""

    format = "arrow"
    sound = "Arrow file"

    def _found(self) -> list[Path]:
        try:
            state = json.loads((self.path / STATE).read_text(encoding="utf-8"))
            names = [str(file["filename"]) for file in state["_data_files"]]
        except (OSError, ValueError, KeyError, TypeError, RecursionError):
            raise ReadError(
                f"{self.path / STATE} does not list the files of a data set. Save it again, by save_to_disk."
            ) from None
        if state.get("_indices_data_files"):
            raise ReadError(
                f"{self.path} keeps the order of its rows apart, which is not read. Save it again, by "
                "flatten_indices() and save_to_disk."
            )
        if not names or any(Path(name).name != name for name in names):
            raise ReadError(f"{self.path / STATE} names no files beside it. Save the data set again, by save_to_disk.")
        return [self.path / name for name in names]

    def _check_readable(self, file: Path) -> None:
        with self._stream(file):
            pass

    def _class_names(self) -> dict[str, list[str]]:
        with self._stream(self._files[0]) as reader:
            return class_names((reader.schema.metadata or {}).get(KEY.encode()))

    def _described(self, file: Path) -> list[Any]:
        with self._connected([file]) as (connection, source):
            return self._description(self._run(connection, f"SELECT * FROM {source} LIMIT 0"))

    @contextmanager
    def connection(self, *, as_stored: bool = False) -> Iterator[tuple[duckdb.DuckDBPyConnection, str]]:
        with self._connected(self._files) as given:
            yield given

    @contextmanager
    def _connected(self, files: list[Path]) -> Iterator[tuple[duckdb.DuckDBPyConnection, str]]:
        """Give a connection and the name of the rows of `files` in SQL, for one query."""
        import pyarrow as pa

        with self._stream(files[0]) as first:
            rows = pa.RecordBatchReader.from_batches(first.schema, self._batches(files))
        with self._new_connection() as connection:
            connection.register("given", rows)
            yield connection, "given"

    def _batches(self, files: list[Path]) -> Iterator[Any]:
        for file in files:
            with self._stream(file) as reader:
                yield from reader

    @contextmanager
    def _stream(self, file: Path) -> Iterator[Any]:
        """Give the stream of record batches in a file. Raises ReadError."""
        try:
            import pyarrow as pa
        except ImportError:
            raise ReadError(f"{self.path}: reading it needs the package pyarrow. {installation('datasets')}") from None
        try:
            with pa.memory_map(str(file)) as mapped, pa.ipc.open_stream(mapped) as reader:
                yield reader
        except (pa.ArrowException, OSError) as error:
            missing = isinstance(error, FileNotFoundError)
            raise ReadError(
                f"{file} does not exist, and {STATE} names it. Save the data set again."
                if missing
                else f"{file}: not a sound Arrow file. Save the data set again, by save_to_disk."
            ) from None

    def row_bytes(self) -> int:
        return sum(file.stat().st_size for file in self._files) // max(1, self.row_count())

    def renamed(self) -> bool:
        return len({name.casefold() for name in self._stored}) < len(self._stored)
