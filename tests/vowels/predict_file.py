"""Count the vowels of every row of a file."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from recurra.data.tables.readers import open_table
from recurra.data.tables.stated import dialect_of
from recurra.data.writers import WRITERS, AnswerColumn
from recurra.inference.bulk import Answering, answer_file, check_output
from recurra.options.reading import TableOptions
from recurra.terminal.progress import Reporter
from vowels.model import VowelCounter


def predict_file(
    model: VowelCounter,
    data: str,
    output: Path,
    options: TableOptions,
    *,
    resume: bool = False,
    overwrite: bool = False,
    escape_formulas: bool = False,
    reporter: Reporter | None = None,
) -> dict[str, Any]:
    """Write the table `data` to `output` with the column `counted`."""
    check_output(output, tuple(WRITERS), overwrite=overwrite, escape_formulas=escape_formulas)
    table = open_table(data, dialect_of(options))
    writer = WRITERS[output.suffix](table, ["text"], (AnswerColumn("counted", "number"),), escape=escape_formulas)
    answering = Answering(
        lambda texts: {"counted": model.count(texts)},
        piece_rows=64,
        part_rows=64,
        prepare=lambda row: row[0] or "",
        doing="Counting",
    )
    identity = {"model": {"digest": model.manifest.digest if model.manifest else ""}}
    reporter = reporter or Reporter()
    counts = answer_file(writer, answering, output, identity, reporter, resume=resume, overwrite=overwrite)
    return {**counts, "output": str(output)}
