"""Answer the rows of a table of any size with numbers, safe from a kill."""

from __future__ import annotations

import os
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np

from recurra.data.tables.rejects import report_rejected
from recurra.data.writers import WRITERS, AnswerColumn
from recurra.inference.bulk import Answering, answer_file, check_output, placed_counts
from recurra.inference.label_answers import with_gaps
from recurra.many_to_one.feature_rows import FeatureRows
from recurra.many_to_one.options import AnswerOptions, TextOptions
from recurra.many_to_one.reading import Opened, open_data
from recurra.many_to_one.unknown_words import KnownWords
from recurra.storage.journal import Columns
from recurra.tasks.regress.model import TextRegressor
from recurra.terminal.progress import Reporter
from recurra.text.tokenizer import Encoding

PIECE_ROWS = 512
"""Texts that one thread answers at a time."""
PART_ROWS = 32 * PIECE_ROWS
"""Rows that are kept at a time: a few seconds of work."""
VALUES = ("prediction", "lo", "hi")


def predict_file(
    model: TextRegressor,
    data: str,
    output: Path,
    options: TextOptions,
    *,
    resume: bool = False,
    overwrite: bool = False,
    escape_formulas: bool = False,
    reporter: Reporter | None = None,
) -> dict[str, Any]:
    """Answer every row of `data` into `output`, which appears when it is whole. Returns counts.

    Columns and order of the input are kept; `prediction`, `lo`, `hi` (the ends of the interval about it) and
    `truncated` come after them. The first three are empty where nothing known was read, unless `options.answer_empty`.
    The counts, resume, overwrite, escape_formulas and the errors are those of every task; see
    `recurra.tasks.classify.predict_file`.
    """
    reporter = reporter or Reporter()
    answer_empty = options.answer_empty if isinstance(options, AnswerOptions) else False
    reading = TextOptions(**options.model_dump(include=set(TextOptions.model_fields), exclude_unset=True))
    if resume and (counts := placed_counts(output)) is not None:
        return {"rejected_rows": 0, **counts, "output": str(Path(os.path.realpath(output)))}
    kind = output.suffix.lower()
    output = check_output(output, WRITERS, overwrite=overwrite, escape_formulas=escape_formulas, resume=resume)
    rejects = output.with_name(f"{output.name}.rejects")
    opened = open_data(data, reading, reporter, label_needed=False, rejects=rejects, manifest=model.manifest)
    columns = [
        *(AnswerColumn(name, "number") for name in VALUES),
        AnswerColumn("truncated", "flag"),
        AnswerColumn("nothing_known", "flag", written=False),
        AnswerColumn("tokens", "number", written=False),
        AnswerColumn("unknown", "number", written=False),
    ]
    rows = FeatureRows(model.tokenizer)
    counts = answer_file(
        WRITERS[kind](opened.table, [*opened.texts, *opened.features], columns, escape=escape_formulas),
        _answering(model, rows, answer_empty=answer_empty),
        output,
        _identity(model, opened, {"escape_formulas": escape_formulas, "answer_empty": answer_empty}),
        reporter,
        resume=resume,
        overwrite=overwrite,
    )
    report_rejected(opened.table, reporter)
    for sentence in rows.sentences():
        reporter.info(sentence)
    if counts["truncated_rows"]:
        reporter.info(
            f"{counts['truncated_rows']:,} of {counts['rows']:,} texts are longer than what the model reads: their "
            "beginning was not read. The column `truncated` marks them."
        )
    known = KnownWords(counts["rows"], counts["nothing_known_rows"], counts["tokens"], counts["unknown_tokens"])
    left = (
        "They are answered all the same, as --answer-empty says."
        if answer_empty
        else "Their answer is left empty; --answer-empty fills it in."
    )
    for sentence in known.sentences(model.manifest, left):
        reporter.info(sentence)
    return {"rejected_rows": opened.table.rejected, **counts, "output": str(output)}


def _answering(model: TextRegressor, rows: FeatureRows, *, answer_empty: bool) -> Answering:
    def answer(piece: list[Encoding]) -> Columns:
        """Return numbers and the ends of their intervals, None where there is no answer; truncated and nothing_known,
        bool; tokens that were read and unknown ones among them."""
        raw = model.link.settled(model.engine.run(piece, shared=False)[1])[:, 0]
        low, high = model.around(raw)
        value = raw if model.intervals is None else model.intervals.clipped(raw)
        nothing_known = np.array([encoding.nothing_known for encoding in piece], dtype=np.bool_)
        gaps = None if answer_empty else nothing_known
        return {
            **{name: with_gaps(values, gaps) for name, values in zip(VALUES, (value, low, high), strict=True)},
            "truncated": np.array([encoding.truncated for encoding in piece], dtype=np.bool_),
            "nothing_known": nothing_known,
            "tokens": np.array([encoding.read for encoding in piece], dtype=np.float64),
            "unknown": np.array([encoding.unknown for encoding in piece], dtype=np.float64),
        }

    return Answering(
        answer,
        piece_rows=PIECE_ROWS,
        part_rows=PART_ROWS,
        threads=model.engine.threads,
        prepare=lambda row: model.encoding(rows.of_cells(row)),
        doing="Scoring",
        totals={
            "truncated_rows": "count(*) FILTER (truncated)",
            "nothing_known_rows": "count(*) FILTER (nothing_known)",
            "tokens": "sum(tokens)",
            "unknown_tokens": "sum(unknown)",
        },
    )


def _identity(model: TextRegressor, opened: Opened, switches: dict[str, Any]) -> dict[str, Any]:
    """Return what must be equal for one run to continue another."""
    beside = {"features": list(opened.features)} if opened.features else {}
    return {
        "model": {"digest": model.digest},
        "options": {
            "text": opened.text,
            **beside,
            **asdict(opened.table.dialect),
            **switches,
        },
        "software": {"engine": model.engine.identity},
    }
