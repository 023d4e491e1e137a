"""Answers to the rows of a file, held in memory."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from recurra.data.tables.duckdb_paths import sql_literal
from recurra.data.writers.writer import AnswerColumn


class ListedAnswers:
    """What is kept of each row, in `folder` also as JSON lines that DuckDB reads."""

    def __init__(self, folder: Path, columns: Sequence[AnswerColumn], kept: Sequence[tuple[Any, ...]]) -> None:
        self.rows, self.folder = len(kept), folder
        self._columns, self._kept = columns, kept
        lines = (json.dumps(dict(zip([column.name for column in columns], row, strict=True))) for row in kept)
        (folder / "answers.jsonl").write_text("".join(f"{line}\n" for line in lines), encoding="utf-8")

    def answers(self) -> Iterator[tuple[Any, ...]]:
        yield from self._kept

    def sql(self, link: Path) -> str:
        types = ", ".join(f"{sql_literal(column.name)}: '{column.sql_type}'" for column in self._columns)
        path = sql_literal(link / "answers.jsonl")
        return f"read_json({path}, format = 'newline_delimited', columns = {{{types}}})"
