"""Parquet, by DuckDB: the columns of a Parquet file keep their types and values; those of other formats are text."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

import duckdb

from recurra.data.tables.duckdb_paths import duckdb_path, sql_literal, sql_name
from recurra.data.tables.parquet_table import ParquetTable
from recurra.data.tables.table import Row, Table
from recurra.data.writers.writer import AnswerColumn, Answers, Label, TableWriter, free_names
from recurra.errors import OutputError

GROUP_ROWS, GROUP_BYTES = 16_384, 2**25
"""Size of a row group, the part of the file that is in memory while it is written."""

MEMORY_LIMIT = "400MB"
_SMALLEST_GROUP = 2_048
_ANSWER_BYTES = 8
_LONGEST_LINE = 2**24


class ParquetWriter(TableWriter):
    """Rows and answers are put side by side as they stream by, on one thread, so order and memory are kept."""

    def __init__(
        self, table: Table, read: Sequence[str], columns: Sequence[AnswerColumn], *, escape: bool = False
    ) -> None:
        super().__init__(table, read, columns, escape=escape)
        names = [*table.columns, *self.names]
        labels = {str(label) for column in self.written for label in column.labels or ()}
        if not all(map(_is_text, [*names, *labels])):
            raise OutputError(
                "Cannot write a .parquet file: the name of a column, or a label, holds half of a surrogate pair, which "
                "is no character. Write .csv or .jsonl."
            )
        if any("\0" in name for name in names):
            raise OutputError(
                "Cannot write a .parquet file: the name of a column holds a NUL, which it cannot hold. Write .csv or "
                ".jsonl."
            )
        self._stored = table if isinstance(table, ParquetTable) and table.copied_in_sql else None
        renamed = self._stored is not None and self._stored.renamed()
        if renamed or len({name.casefold() for name in names}) < len(names):
            raise OutputError(
                "Cannot write a .parquet file: two columns differ only in upper and lower case, which Parquet files "
                "from here cannot hold. Write .csv or .jsonl."
            )

    def free_names(self, taken: Iterable[str]) -> list[str]:
        """Return names that differ in more than upper and lower case."""
        return free_names([column.title or column.name for column in self.written], taken, str.casefold)

    def inputs(self) -> Iterator[Row]:
        if self._stored is None:
            indices = [self.table.columns.index(name) for name in self.read]
            rows = (row for batch in self.table.batches(self.table.columns) for row in batch)
            for number, row in enumerate(rows, 1):
                if not all(_is_text(cell if isinstance(cell, str) else "".join(cell)) for cell in row if cell):
                    raise OutputError(
                        f"Cannot write a .parquet file: row {number:,} holds half of a surrogate pair, which is no "
                        "character. Write .csv or .jsonl."
                    )
                yield tuple(row[index] for index in indices)
            return
        self._stored.check()  # also the columns that are only copied
        for batch in self.table.batches(self.read):
            yield from batch

    def write(self, path: Path, answers: Answers) -> None:
        with duckdb_path(answers.folder) as link:
            if self._stored is not None:
                if self._stored.row_count() != answers.rows:
                    raise OutputError(f"{self.table.path} changed while it was read. Start again, with --overwrite.")
                with self._stored.connection(as_stored=True) as (connection, source):
                    self._copy(connection, source, answers.sql(link), path, self._stored.row_bytes())
                return
            lines = path.with_suffix(".jsonl")
            longest = self._write_lines(lines)
            types = {name: "VARCHAR[]" if name in self.table.lists else "VARCHAR" for name in self.table.columns}
            columns = ", ".join(f"{sql_literal(name)}: '{kind}'" for name, kind in types.items())
            source = (
                f"read_json({sql_literal(link / lines.name)}, format = 'newline_delimited', columns = {{{columns}}}, "
                f"maximum_object_size = {max(_LONGEST_LINE, longest + 1)})"
            )
            with duckdb.connect(config={"threads": 1, "temp_directory": str(link.parent)}) as connection:
                size = lines.stat().st_size // max(1, answers.rows)
                self._copy(connection, source, answers.sql(link), path, size)
            lines.unlink()

    def _write_lines(self, path: Path) -> int:
        """Write the table's rows as JSON lines, which DuckDB reads back as they are; return the longest in bytes."""
        longest = 0
        with path.open("w", encoding="ascii", newline="") as file:
            for batch in self.table.batches(self.table.columns):
                for row in batch:
                    line = json.dumps(dict(zip(self.table.columns, row, strict=True)))
                    longest = max(longest, len(line) + 1)
                    file.write(line + "\n")
        return longest

    def _copy(
        self, connection: duckdb.DuckDBPyConnection, source: str, answers: str, path: Path, row_bytes: int
    ) -> None:
        lists = list(dict.fromkeys(_labels(column.labels) for column in self.written if column.labels is not None))
        added = ", ".join(
            f"{_value(column, lists)} AS {sql_name(name)}"
            for column, name in zip(self.written, self.names, strict=True)
        )
        known = ", ".join(f"{labels} AS labels_{place}" for place, labels in enumerate(lists))
        beside = f" CROSS JOIN (SELECT {known}) AS known" if lists else ""
        row_bytes += _ANSWER_BYTES * len(self.written)
        rows = min(GROUP_ROWS, max(_SMALLEST_GROUP, GROUP_BYTES // max(1, row_bytes)))
        connection.execute(f"SET memory_limit = '{MEMORY_LIMIT}'")
        connection.execute("SET preserve_insertion_order = true")
        connection.execute(
            f"COPY (SELECT given.*, {added} FROM {source} AS given POSITIONAL JOIN {answers} AS answer{beside}) "
            f"TO {sql_literal(path)} (FORMAT parquet, ROW_GROUP_SIZE {rows})"
        )


def _is_text(text: str) -> bool:
    """Return whether UTF-8 can hold a text: it has no lone surrogates."""
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True


def _value(column: AnswerColumn, lists: Sequence[str]) -> str:
    """Return the SQL of a column's values, from what is kept in the answers. lists: of labels, each there once, since
    every mention of thousands of them costs megabytes."""
    kept = f"answer.{sql_name(column.name)}"
    if column.labels is None:
        return kept
    labels = f"known.labels_{lists.index(_labels(column.labels))}"
    if column.kind == "texts":
        return f"list_select({labels}, list_transform({kept}, lambda i: i + 1))"
    return f"{labels}[{kept} + 1]"


def _labels(labels: Sequence[Label]) -> str:
    """Return labels as an SQL list: of their own type where they have one, else of text."""
    kinds = {type(label) for label in labels}
    if kinds == {bool}:
        return f"[{', '.join(map(str, labels))}]"
    if kinds == {int} and all(-(2**63) <= label < 2**63 for label in labels):  # type: ignore[operator]
        return f"CAST([{', '.join(map(str, labels))}] AS BIGINT[])"
    if kinds == {float}:
        return f"CAST([{', '.join(repr(label) for label in labels)}] AS DOUBLE[])"
    return f"[{', '.join(sql_literal(str(label)) for label in labels)}]"
