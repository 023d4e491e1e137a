"""Translate a file of any size into another, safe from a kill."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import Any

import onnxruntime

from recurra.data.tables.lines_table import LinesTable
from recurra.data.tables.readers import SUFFIXES, open_table
from recurra.data.tables.table import Dialect, Table
from recurra.data.writers import WRITERS, AnswerColumn, LinesWriter, TableWriter
from recurra.errors import ColumnError, OptionError
from recurra.inference.bulk import Answering, answer_file, check_output, placed_counts
from recurra.storage.journal import Columns
from recurra.tasks.translate.model import CHUNK, Translator
from recurra.terminal.progress import Reporter

COLUMNS = (AnswerColumn("translation"), AnswerColumn("truncated", "flag", written=False))
TOTALS = {"truncated_rows": "count(*) FILTER (truncated)"}


def predict_file(
    model: Translator,
    data: str,
    output: Path,
    *,
    source: str | None = None,
    dialect: Dialect | None = None,
    beam: int | None = None,
    length_penalty: float | None = None,
    resume: bool = False,
    overwrite: bool = False,
    escape_formulas: bool = False,
    reporter: Reporter | None = None,
) -> dict[str, Any]:
    """Translate every text of `data` into `output`, which appears when it is whole. Returns counts.

    A text file becomes a text file, line by line, so that the two stay aligned. A table (.csv, .tsv, .jsonl, .parquet)
    keeps its columns, types and order, and gets the column `translation`. Memory does not grow with the file.
    source: the column to translate (None: as in training, or the only one). resume, overwrite, escape_formulas: as for
    every task. Raises OutputError where the output is there already and is not to be replaced, and where a stopped run
    is not resumed or was another.
    """
    reporter, dialect = reporter or Reporter(), dialect or Dialect()
    if resume and (counts := placed_counts(output)) is not None:
        return {**counts, "output": str(output), "rejected_rows": 0}
    check_output(output, (), overwrite=overwrite, escape_formulas=escape_formulas)
    table, column = _table(model, data, source, dialect)
    writer = _writer(table, output)(table, [column], COLUMNS, escape=escape_formulas)
    counts = answer_file(
        writer,
        _answering(model, beam, length_penalty),
        output,
        {
            "model": {"digest": model.manifest.digest if model.manifest else ""},
            "options": {
                "source": column,
                **asdict(dialect),
                "beam": beam,
                "length_penalty": length_penalty,
                "escape_formulas": escape_formulas,
            },
            "software": {"onnxruntime": onnxruntime.__version__},
        },
        reporter,
        resume=resume,
        overwrite=overwrite,
    )
    return {**counts, "output": str(output), "rejected_rows": table.rejected}


def is_text_file(path: Path) -> bool:
    """Return whether a file is read as one text a line: any that is not named as a table."""
    kind = SUFFIXES.get(Path(path.name.lower().removesuffix(".gz")).suffix, "txt")
    return kind == "txt" and not path.is_dir()


def _answering(model: Translator, beam: int | None, length_penalty: float | None) -> Answering:
    def answer(texts: list[str]) -> Columns:
        translations = list(model.translate_iter(texts, beam=beam, length_penalty=length_penalty))
        return {
            "translation": [" ".join(translation.text.splitlines()) for translation in translations],
            "truncated": [translation.truncated for translation in translations],
        }

    return Answering(
        answer,
        piece_rows=CHUNK,
        part_rows=CHUNK,
        prepare=lambda row: row[0] or "",
        doing="Translating",
        totals=TOTALS,
    )


def _table(model: Translator, data: str, source: str | None, dialect: Dialect) -> tuple[Table, str]:
    """Return the table with the texts to translate, and their column in it."""
    if is_text_file(Path(data)):
        if source is not None:
            raise OptionError(f"--source {source}: {data} is a text file, which has no columns. Leave --source out.")
        return LinesTable(Path(data), Dialect(encoding=dialect.encoding)), "text"
    table = open_table(data, dialect)
    trained = model.manifest.data.get("source") if model.manifest else None
    for name in (source, trained):
        if name in table.columns:
            return table, str(name)
    if source is None and len(table.columns) == 1:
        return table, table.columns[0]
    table.positions([source] if source else [])
    raise ColumnError(
        f"It is not obvious which column to translate. Columns found: {', '.join(map(repr, table.columns))}. "
        "Say it with `--source COL`."
    )


def _writer(table: Table, output: Path) -> type[TableWriter]:
    suffix = output.suffix.lower()
    if isinstance(table, LinesTable):
        if suffix in WRITERS:
            raise OptionError(
                f"--output {output}: a text file becomes a text file, with one translation a line. Choose another "
                "suffix, such as .txt."
            )
        return LinesWriter
    if suffix not in WRITERS:
        raise OptionError(f"--output {output}: a table is written as {', '.join(WRITERS)}.")
    return WRITERS[suffix]
