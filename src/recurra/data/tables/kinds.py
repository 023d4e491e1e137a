"""The kinds of tables, by the suffix of a file's name."""

from __future__ import annotations

SUFFIXES: dict[str, str] = {
    ".csv": "csv",
    ".tsv": "tsv",
    ".tab": "tsv",
    ".parquet": "parquet",
    ".pq": "parquet",
    ".jsonl": "jsonl",
    ".ndjson": "jsonl",
    ".json": "json",
    ".txt": "txt",
    ".xlsx": "xlsx",
    ".xlsm": "xlsx",
    ".sqlite": "sqlite",
    ".sqlite3": "sqlite",
    ".db": "sqlite",
    ".duckdb": "duckdb",
}
"""Reader by the suffix of the file's name; the text formats may be packed. A .txt is a table where its delimiter is
stated, and labelled lines where it begins with one; a .json is JSON lines where each line is an object; a database
is known by its first bytes."""

NOT_TEXT = frozenset({"parquet", "xlsx", "sqlite", "duckdb"})
"""Formats whose readers go to and fro in a file, which therefore cannot be packed in another."""
