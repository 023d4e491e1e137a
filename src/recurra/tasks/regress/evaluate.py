"""Evaluate a model that answers with numbers on texts whose numbers are known. Base installation only."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice
from typing import Any

import numpy as np

from recurra.data.fingerprint import Fingerprint
from recurra.data.normalise import normalise
from recurra.data.number_cells import NumberColumn
from recurra.data.tables.rejects import rejects_here, report_rejected
from recurra.errors import DataError
from recurra.many_to_one.columns import TARGET
from recurra.many_to_one.reading import open_data
from recurra.many_to_one.unknown_words import KnownWords
from recurra.tasks.regress.model import TextRegressor
from recurra.tasks.regress.options import NumberReadOptions
from recurra.tasks.regress.scores import evaluate as scores
from recurra.tasks.task import warn_of_training_data
from recurra.terminal.progress import Reporter

ROWS_AT_ONCE = 4096


def evaluate(model: TextRegressor, data: str, options: NumberReadOptions, reporter: Reporter) -> dict[str, Any]:
    """Return everything measured on `data`; see `scores.evaluate`, plus left_out_rows, infinite_rows, beyond_rows (of
    targets that no training row reached), nothing_known_rows and unknown_rate (the share of unknown tokens).

    Rows without a text or a finite number are left out and counted. Broken rows that are skipped go to `rejects_here`.
    Raises DataError where a cell holds no number or no row is left, ReadError and ColumnError.
    """
    opened = open_data(data, options, reporter, answer=TARGET, rejects=rejects_here(data), manifest=model.manifest)
    assert opened.label is not None  # for the type checker: it is needed
    column, known, fingerprint = NumberColumn(opened.label), KnownWords(), Fingerprint()
    left_out, targets = 0, []
    answers = []

    def known_rows() -> Iterator[tuple[str, float]]:
        nonlocal left_out
        for row, (text, cell) in enumerate(opened.rows(), 1):
            value = column.read(cell, row)
            if value is None or not text or not normalise(text):
                left_out += 1
                continue
            fingerprint.add(text, repr(value))
            yield text, value

    rows = reporter.track(known_rows(), "Scoring")
    while chunk := list(islice(rows, ROWS_AT_ONCE)):
        for answer in model.predict_iter(text for text, _ in chunk):
            known.add(answer)
            answers.append(answer)
        targets += [target for _, target in chunk]
    report_rejected(opened.table, reporter)
    if not targets:
        raise DataError(
            f"No row can be used: none of the {left_out:,} rows has both a text and a finite number in the column "
            f"{opened.label!r}. Check --text and --target."
        )
    warn_of_training_data(model.manifest, fingerprint.hexdigest(), reporter)
    if left_out:
        reporter.info(f"{left_out:,} rows without a text or without a finite number are not counted.")
    assert model.intervals is not None  # for the type checker: it was loaded
    truth = np.array(targets)
    beyond = int(((truth < model.intervals.lowest) | (truth > model.intervals.highest)).sum())
    if beyond:
        reporter.info(
            f"{beyond:,} rows have a number beyond those of training ({model.intervals.lowest:g} to "
            f"{model.intervals.highest:g}), which no prediction and no interval reaches."
        )
    result = scores(
        np.concatenate([part.values for part in answers]),
        np.concatenate([part.low for part in answers]),
        np.concatenate([part.high for part in answers]),
        truth,
        np.concatenate([part.tokens for part in answers]),
        np.concatenate([part.truncated for part in answers]),
        level=model.intervals.level,
    )
    for sentence in known.sentences(model.manifest, "They count as any other."):
        reporter.info(sentence)
    return result | {
        "left_out_rows": left_out,
        "infinite_rows": column.infinite,
        "beyond_rows": beyond,
        "nothing_known_rows": known.nothing_known,
        "unknown_rate": known.unknown_rate,
    }
