"""Translate a file of any size into another, safe from a kill."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from recurra.data.tables.lines_table import LinesTable
from recurra.data.tables.readers import SUFFIXES, open_table
from recurra.data.tables.rejects import report_rejected
from recurra.data.tables.table import Dialect, Table
from recurra.data.writers import WRITERS, AnswerColumn, LinesWriter, TableWriter
from recurra.errors import ColumnError, OptionError
from recurra.inference.bulk import Answering, answer_file, check_output, placed_counts
from recurra.inference.runtime import ort
from recurra.storage.journal import Columns
from recurra.tasks.translate.model import TEXTS_IN_MEMORY, Translator
from recurra.tasks.translate.options import TranslatePredictOptions
from recurra.terminal.progress import Reporter

COLUMNS = (AnswerColumn("translation"), AnswerColumn("truncated", "flag", written=False))
TOTALS = {"truncated_rows": "count(*) FILTER (truncated)"}


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
    """Translate every text of `data` into `output`, which appears when it is whole. Returns counts.

    A text file becomes a text file, line by line, so that the two stay aligned. A table (.csv, .tsv, .jsonl, .parquet)
    keeps its columns, types and order, and gets the column `translation`. Memory does not grow with the file.
    Without options.source the column is that of the training, or the only one. Broken rows of a table that are skipped
    go beside the output, to its name with `.rejects` after it. resume, overwrite, escape_formulas: as for every task.
    Raises OutputError where the output is there already and is not to be replaced, and where a stopped run
    is not resumed or was another.
    """
    reporter = reporter or Reporter()
    if resume and (counts := placed_counts(output)) is not None:
        return {"rejected_rows": 0, **counts, "output": str(output)}
    check_output(output, (), overwrite=overwrite, escape_formulas=escape_formulas, resume=resume)
    table, column = _table(model, data, options, output.with_name(f"{output.name}.rejects"))
    writer = _writer(table, output)(table, [column], COLUMNS, escape=escape_formulas)
    counts = answer_file(
        writer,
        _answering(model, options),
        output,
        {
            "model": {"digest": model.manifest.digest if model.manifest else ""},
            "options": {
                **options.model_dump(exclude={"bad_rows"}),
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
    return {"rejected_rows": table.rejected, **counts, "output": str(output)}


def is_text_file(path: Path) -> bool:
    """Return whether a file is read as one text a line: any that is not named as a table."""
    kind = SUFFIXES.get(Path(path.name.lower().removesuffix(".gz")).suffix, "txt")
    return kind == "txt" and not path.is_dir()


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


def _table(model: Translator, data: str, options: TranslatePredictOptions, rejects: Path) -> tuple[Table, str]:
    """Return the table with the texts to translate, and their column in it. rejects: the file for broken rows."""
    source = options.source
    if is_text_file(Path(data)):
        if source is not None:
            raise OptionError(f"--source {source}: {data} is a text file, which has no columns. Leave --source out.")
        if options.bad_rows == "skip":
            raise OptionError(f"--bad-rows skip would move the lines of {data} against their translations. Omit it.")
        return LinesTable(Path(data), Dialect(encoding=options.encoding)), "text"
    dialect = Dialect(options.delimiter, options.quote, options.header, options.encoding)
    table = open_table(data, dialect, options.bad_rows, rejects)
    trained = model.manifest.data.get("source") if model.manifest else None
    if source is not None:
        table.positions([source])
        return table, source
    if trained in table.columns:
        return table, str(trained)
    if len(table.columns) == 1:
        return table, table.columns[0]
    raise ColumnError(
        f"It is not obvious which column to translate. Columns found: {', '.join(map(repr, table.columns))}. "
        "Name it with `--source COL`."
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
