"""Label the rows of a table of any size into another, safe from a kill."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import numpy as np

from recurra.data.tables.rejects import report_rejected
from recurra.data.writers import WRITERS, AnswerColumn
from recurra.inference.bulk import Answering, answer_file, check_output, placed_counts
from recurra.storage.journal import Columns
from recurra.tasks.classify.model import Classifier, exact
from recurra.tasks.classify.options import ReadOptions, TextOptions
from recurra.tasks.classify.reading import open_data
from recurra.terminal.progress import Reporter
from recurra.text.words import Encoding

PIECE_ROWS = 512
"""Texts that one thread answers at a time."""
PART_ROWS = 32 * PIECE_ROWS
"""Rows that are kept at a time: a few seconds of work."""


def predict_file(
    model: Classifier,
    data: str,
    output: Path,
    options: TextOptions,
    *,
    resume: bool = False,
    overwrite: bool = False,
    escape_formulas: bool = False,
    reporter: Reporter | None = None,
) -> dict[str, Any]:
    """Label every row of `data` into `output`, which appears when it is whole. Returns counts.

    Columns and order of the input are kept; `predicted`, `probability` and `truncated` come after them. Broken rows
    that are skipped go beside the output, to its name with `.rejects` after it. Memory does not grow with the file.
    resume: continue the run for this output that was stopped. overwrite: replace the output, and drop a run that was
    stopped unless it is to be resumed. escape_formulas: put an apostrophe before cells that a spreadsheet would run.
    Raises OutputError where the output is there already and is not to be replaced, and where a stopped run is not
    resumed or was another.
    """
    reporter, options = reporter or Reporter(), ReadOptions(**options.model_dump())
    if resume and (counts := placed_counts(output)) is not None:
        return {**counts, "output": str(Path(os.path.realpath(output))), "rejected_rows": 0}
    check_output(output, WRITERS, overwrite=overwrite, escape_formulas=escape_formulas)
    output = Path(os.path.realpath(output))
    usual = model.manifest.data.get("text") if model.manifest else None
    rejects = output.with_name(f"{output.name}.rejects")
    opened = open_data(data, options, reporter, label_needed=False, usual=(usual, None), rejects=rejects)
    columns = [
        AnswerColumn("predicted", labels=model.classes_.tolist()),
        AnswerColumn("probability", "number"),
        AnswerColumn("truncated", "flag"),
    ]
    writer = WRITERS[output.suffix.lower()](opened.table, [opened.text], columns, escape=escape_formulas)
    counts = answer_file(
        writer,
        _answering(model),
        output,
        _identity(model, opened.text, options, escape_formulas),
        reporter,
        resume=resume,
        overwrite=overwrite,
    )
    report_rejected(opened.table, reporter)
    return {**counts, "output": str(output), "rejected_rows": opened.table.rejected}


def _answering(model: Classifier) -> Answering:
    def answer(piece: list[Encoding]) -> Columns:
        """Return predicted int32, the index of the label; probability float64, of that label; truncated bool."""
        probabilities = exact(model.engine.run([encoding.ids for encoding in piece], shared=False)[1])
        predicted = probabilities.argmax(axis=1)
        return {
            "predicted": predicted.astype(np.int32),
            "probability": probabilities[np.arange(len(piece)), predicted],
            "truncated": np.array([encoding.truncated for encoding in piece], dtype=np.bool_),
        }

    return Answering(
        answer,
        piece_rows=PIECE_ROWS,
        part_rows=PART_ROWS,
        threads=model.engine.threads,
        prepare=lambda row: model.tokenizer.encode(row[0] or ""),
        doing="Scoring",
    )


def _identity(model: Classifier, text: str, options: ReadOptions, escape_formulas: bool) -> dict[str, Any]:
    """Return what must be equal for one run to continue another. Whether broken rows stop or are skipped need not be: a
    run that met one may skip it when it is resumed."""
    reading = options.model_dump(exclude={"text", "label", "bad_rows"})
    return {
        "model": {"digest": model.digest},
        "options": {"text": text, **reading, "escape_formulas": escape_formulas},
        "software": {"engine": model.engine.identity},
    }
