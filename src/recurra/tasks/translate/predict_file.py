"""Translate a file of any size into another, safe from a kill."""

from __future__ import annotations

import os
import shlex
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

from recurra.data.tables.header import check_lines, delimiter_hint, header_hint, unsplit_hint
from recurra.data.tables.learnt import check_width, learnt_by, learnt_encoding, open_like_training
from recurra.data.tables.lines_table import LinesTable
from recurra.data.tables.rejects import report_rejected
from recurra.data.tables.stated import check_heeded, named
from recurra.data.tables.table import Dialect, Table, listed
from recurra.data.writers import WRITERS, AnswerColumn, LinesWriter, TableWriter
from recurra.errors import ColumnError, OptionError, ReadError
from recurra.inference.bulk import Answering, answer_file, check_output, placed_counts
from recurra.inference.runtime import ort
from recurra.storage.journal import Columns
from recurra.tasks.translate.model import TEXTS_IN_MEMORY, Translator
from recurra.tasks.translate.options import TranslatePredictOptions
from recurra.tasks.translate.reading import SOURCE_NAMES, like, trained_columns
from recurra.terminal.progress import Reporter

COLUMNS = (AnswerColumn("translation"), AnswerColumn("truncated", "flag", written=False))
TOTALS = {
    "truncated_rows": "count(*) FILTER (truncated)",
    "empty_rows": "count(*) FILTER (trim(translation) = '')",
}


def predict_file(
    model: Translator,
    data: str,
    output: Path,
    options: TranslatePredictOptions,
    *,
    resume: bool = False,
    overwrite: bool = False,
    escape_formulas: bool = False,
    reporter: Reporter | None = None,
) -> dict[str, Any]:
    """Translate every text of `data` into `output`, which appears when it is whole. Returns counts, those of
    texts that were cut and of empty translations among them.

    A text file becomes a text file, line by line, so that the two stay aligned. A table (.csv, .tsv, .jsonl, .parquet)
    keeps its columns, types and order, and gets the column `translation`. Memory does not grow with the file.
    Without options.source the column is that of the training, or the only one. Broken rows of a table that are skipped
    go beside the output, to its name with `.rejects` after it. resume, overwrite, escape_formulas: as for every task.
    Raises OutputError where the output is there already and is not to be replaced, and where a stopped run
    is not resumed or was another.
    """
    reporter = reporter or Reporter()
    if resume and (counts := placed_counts(output)) is not None:
        return {"rejected_rows": 0, **counts, "output": os.path.realpath(output)}
    suffix = output.suffix.lower()
    output = check_output(output, (), overwrite=overwrite, escape_formulas=escape_formulas, resume=resume)
    table, column = _table(model, data, options, output.with_name(f"{output.name}.rejects"), reporter)
    writer = _writer(table, output, suffix)(table, [column], COLUMNS, escape=escape_formulas)
    counts = answer_file(
        writer,
        _answering(model, options),
        output,
        {
            "model": {"digest": model.manifest.digest if model.manifest else ""},
            "options": {
                **options.model_dump(include={"beam", "length_penalty"}),
                **asdict(table.dialect),
                "source": column,
                "escape_formulas": escape_formulas,
            },
            "software": {"onnxruntime": ort.__version__},
        },
        reporter,
        resume=resume,
        overwrite=overwrite,
    )
    report_rejected(table, reporter)
    if counts["truncated_rows"]:
        reporter.info(f"{counts['truncated_rows']:,} of {counts['rows']:,} texts or translations were cut by length.")
    if counts["empty_rows"]:
        reporter.info(
            f"{counts['empty_rows']:,} of {counts['rows']:,} translations are empty, as those of blank texts are."
        )
    return {"rejected_rows": table.rejected, **counts, "output": str(output)}


def is_text_file(path: Path) -> bool:
    """Return whether a file is read as one text a line: any that is not named as a table."""
    return named(path) in (None, "txt") and not path.is_dir()


def _answering(model: Translator, options: TranslatePredictOptions) -> Answering:
    def answer(texts: list[str]) -> Columns:
        translations = list(model.translate_iter(texts, beam=options.beam, length_penalty=options.length_penalty))
        return {
            "translation": [" ".join(translation.text.splitlines()) for translation in translations],
            "truncated": [translation.truncated for translation in translations],
        }

    return Answering(
        answer,
        piece_rows=TEXTS_IN_MEMORY,
        part_rows=TEXTS_IN_MEMORY,
        prepare=lambda row: row[0] or "",
        doing="Translating",
        totals=TOTALS,
    )


def _table(
    model: Translator, data: str, options: TranslatePredictOptions, rejects: Path, reporter: Reporter
) -> tuple[Table, str]:
    """Return the table with the texts to translate, and their column in it. rejects: the file for broken rows."""
    manifest, path, source = model.manifest, Path(data), options.source
    learnt = learnt_by(manifest)
    trained, _ = trained_columns(manifest)
    as_lines = is_text_file(path)
    check_heeded(options, [path], {path: "lines"} if as_lines and named(path) is None else None)
    table: Table | None = None
    if not as_lines or options.delimiter is not None or options.format is not None or learnt.format == "txt":

        def fits(columns: Sequence[str]) -> bool:
            if columns[0] == "column0" and not learnt.width_fits(len(columns)):
                return False
            return (source or like(trained, columns)) in columns

        if path.is_dir():
            raise ReadError(f"{data} is a folder. Give one file: a table, or a text file with one text a line.")
        table = open_like_training(path, options, learnt, fits, reporter, rejects=rejects)
    if table is None or table.format in ("txt", "fasttext"):
        if source is not None:
            raise OptionError(f"--source {source}: {data} is a text file, which has no columns. Leave --source out.")
        if options.bad_rows == "skip":
            raise OptionError(f"--bad-rows skip would move the lines of {data} against their translations. Omit it.")
        lines = LinesTable(path, Dialect(encoding=learnt_encoding(path, options, learnt, reporter)))
        check_lines(lines, [trained])
        if hint := unsplit_hint(lines):
            reporter.info(f"Reading {data} as one text a line.{hint}")
        return lines, "text"
    columns = table.columns
    if source is not None:
        table.positions([source])
        return table, source
    check_width(table, learnt, "--source")
    column = like(trained, columns)
    if column is None and trained is None and "text" in columns:
        column = "text"
    if column is None and trained is None and len(columns) == 1 and columns[0].strip().casefold() in SOURCE_NAMES:
        column = columns[0]
    if column in columns:
        table.positions([column])
        return table, column
    what = (
        f"There is no column '{trained}', which held the texts in training."
        if trained
        else ("It is not obvious which column to translate.")
    )
    name = shlex.quote(columns[0]) if len(columns) == 1 else "COL"
    raise ColumnError(
        f"{what} Columns found: {listed(columns)}. Name the one to translate with `--source {name}`."
        f"{delimiter_hint(columns)}{header_hint(table)}"
    )


def _writer(table: Table, output: Path, suffix: str) -> type[TableWriter]:
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
