"""Give the rows of a table of any size their labels into another, safe from a kill."""

from __future__ import annotations

import os
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np

from recurra.data.tables.rejects import report_rejected
from recurra.data.writers import WRITERS, AnswerColumn
from recurra.inference.bulk import Answering, answer_file, check_output, placed_counts
from recurra.many_to_one.feature_rows import FeatureRows
from recurra.many_to_one.options import ReadOptions, TextOptions
from recurra.many_to_one.reading import Opened, open_data
from recurra.many_to_one.unknown_words import KnownWords
from recurra.storage.journal import Columns
from recurra.tasks.multilabel.label_columns import LabelSetAnswers
from recurra.tasks.multilabel.model import MultilabelClassifier
from recurra.tasks.multilabel.options import PredictOptions
from recurra.terminal.progress import Reporter
from recurra.text.tokenizer import Encoding

PIECE_ROWS = 512
"""Texts that one thread answers at a time."""
PART_ROWS = 32 * PIECE_ROWS
"""Rows that are kept at a time: a few seconds of work."""


def predict_file(
    model: MultilabelClassifier,
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

    Columns and order of the input are kept; `labels` and `truncated` come after them, and what `options.top` and
    `options.probabilities` ask for (see `LabelSetAnswers`). All but `truncated` are empty where nothing known was read,
    unless `options.answer_empty`; the counts have truncated_rows, how many rows
    were cut, nothing_known_rows, of how many nothing known was read, tokens, how many were read, and unknown_tokens,
    those of them outside the vocabulary. Broken rows that are skipped go beside the output, to its name with `.rejects`
    after it. Memory does not grow with the file.
    resume: continue the run for this output that was stopped. overwrite: replace the output, and drop a run that was
    stopped unless it is to be resumed. escape_formulas: put an apostrophe before cells that a spreadsheet would run.
    Raises OutputError where the output is there already and is not to be replaced, and where a stopped run is not
    resumed or was another; OptionError where more columns are asked for than a file gets.
    """
    reporter = reporter or Reporter()
    asked = options if isinstance(options, PredictOptions) else PredictOptions()
    answer_empty = asked.answer_empty
    reading = ReadOptions(**options.model_dump(include=set(TextOptions.model_fields), exclude_unset=True))
    if asked.threshold is not None:
        model = model.with_thresholds(asked.threshold)
    answers = LabelSetAnswers(model, asked)
    if resume and (counts := placed_counts(output)) is not None:
        return {"rejected_rows": 0, **counts, "output": str(Path(os.path.realpath(output)))}
    kind = output.suffix.lower()
    output = check_output(output, WRITERS, overwrite=overwrite, escape_formulas=escape_formulas, resume=resume)
    rejects = output.with_name(f"{output.name}.rejects")
    opened = open_data(data, reading, reporter, label_needed=False, rejects=rejects, manifest=model.manifest)
    columns = [
        *answers.leading,
        AnswerColumn("truncated", "flag"),
        *answers.further,
        AnswerColumn("nothing_known", "flag", written=False),
        AnswerColumn("tokens", "number", written=False),
        AnswerColumn("unknown", "number", written=False),
    ]
    writer = WRITERS[kind](opened.table, [*opened.texts, *opened.features], columns, escape=escape_formulas)
    rows = FeatureRows(model.tokenizer)
    counts = answer_file(
        writer,
        _answering(model, rows, answers, answer_empty=answer_empty),
        output,
        _identity(
            model, opened, {"escape_formulas": escape_formulas, "answer_empty": answer_empty} | answers.identity()
        ),
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


def _answering(
    model: MultilabelClassifier, rows: FeatureRows, answers: LabelSetAnswers, *, answer_empty: bool
) -> Answering:
    def answer(piece: list[Encoding]) -> Columns:
        """Return labels, as lists of indices, and what else is asked for, None where there is no answer; truncated
        and nothing_known, bool; tokens that were read and unknown ones among them."""
        probabilities = model.link.settled(model.engine.run(piece, shared=False)[1])
        nothing_known = np.array([encoding.nothing_known for encoding in piece], dtype=np.bool_)
        return {
            **answers.columns(probabilities, None if answer_empty else nothing_known),
            "truncated": np.array([encoding.truncated for encoding in piece], dtype=np.bool_),
            "nothing_known": nothing_known,
            "tokens": np.array([encoding.read for encoding in piece], dtype=np.float64),
            "unknown": np.array([encoding.unknown for encoding in piece], dtype=np.float64),
        }

    return Answering(
        answer,
        piece_rows=PIECE_ROWS,
        part_rows=answers.part_rows(PIECE_ROWS, PART_ROWS),
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


def _identity(model: MultilabelClassifier, opened: Opened, switches: dict[str, Any]) -> dict[str, Any]:
    """Return what must be equal for one run to continue another. Whether broken rows stop or are skipped need not be: a
    run that met one may skip it when it is resumed."""
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
