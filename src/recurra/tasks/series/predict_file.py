"""Answer every series of a file into a table, safe from a kill."""

from __future__ import annotations

import os
from collections.abc import Generator, Iterator, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from recurra.data.series.long_frame import ID
from recurra.data.series.series_set import SeriesSet
from recurra.data.tables.stated import dialect_of
from recurra.data.tables.table import Row, Table
from recurra.data.writers import WRITERS, AnswerColumn
from recurra.data.writers.writer import Answers, TableWriter, Writer
from recurra.evaluation.calibration import softmax
from recurra.inference.bulk import Answering, answer_file, check_output, placed_counts
from recurra.inference.label_answers import LabelAnswers, check_answers_are_labels
from recurra.inference.runtime import ort
from recurra.options.labels import LabelOptions
from recurra.storage.journal import Columns
from recurra.tasks.series.model import SeriesModel
from recurra.tasks.series.options import SeriesPredictOptions
from recurra.tasks.series.series_file import check_known, read_file
from recurra.terminal.progress import Reporter

PIECE_ROWS, PART_ROWS = 64, 256
"""Series that are answered together, and that are kept at a time."""


def predict_file(
    model: SeriesModel,
    data: str,
    output: Path,
    options: SeriesPredictOptions,
    *,
    resume: bool = False,
    overwrite: bool = False,
    escape_formulas: bool = False,
    reporter: Reporter | None = None,
) -> dict[str, Any]:
    """Answer every series of the file or folder `data` into `output`, which appears when it is whole. Returns counts.

    The output (.csv, .tsv, .jsonl, .parquet) has a row for each series: its name in `unique_id`, or in the column that
    is given with --id, and label and probability, or number; and what `options.top` and `options.probabilities` ask for
    (see `recurra.inference.label_answers`). resume, overwrite, escape_formulas: as for every task.
    Raises ReadError, ColumnError and DataError, with what was answered before kept; OptionError where labels are asked
    for and the model has none, or more columns than a file gets.
    """
    answers = _answers_of(model, options)
    reporter = reporter or Reporter()
    if resume and (counts := placed_counts(output)) is not None:
        return {"rejected_rows": 0, **counts, "output": os.path.realpath(output)}
    suffix = output.suffix.lower()
    output = check_output(output, tuple(WRITERS), overwrite=overwrite, escape_formulas=escape_formulas, resume=resume)
    found, facts = read_file(
        data,
        options,
        reporter,
        manifest=model.manifest,
        channels=model.inputs.channels,
        rejects=output.with_name(f"{output.name}.rejects"),
    )
    check_known(data, found)
    for note in found.notes:
        reporter.info(note)
    name = options.id or ID
    columns = [AnswerColumn("number", "number")] if answers is None else [*answers.leading, *answers.further]
    inner = WRITERS[suffix](_Names(Path(data), name, found.ids), [name], columns, escape=escape_formulas)
    how = Answering(
        lambda rows: _answered(model, rows, answers),
        piece_rows=PIECE_ROWS,
        part_rows=PART_ROWS if answers is None else answers.part_rows(PIECE_ROWS, PART_ROWS),
        doing="Answering",
    )
    counts = answer_file(
        _SeriesWriter(inner, found),
        how,
        output,
        {
            "model": {"digest": model.manifest.digest if model.manifest else ""},
            "options": {
                **options.model_dump(exclude=set(LabelOptions.model_fields)),
                **(answers.identity() if answers else {}),
                **asdict(dialect_of(options)),
                "escape_formulas": escape_formulas,
            },
            "software": {"engine": model.engine.name, "onnxruntime": ort.__version__},
        },
        reporter,
        resume=resume,
        overwrite=overwrite,
    )
    return {**counts, "rejected_rows": facts["rejected_rows"], "output": str(output)}


def _answers_of(model: SeriesModel, options: SeriesPredictOptions) -> LabelAnswers | None:
    """Return the columns of labels; None for a model of numbers. Raises OptionError."""
    if model.classifies:
        return LabelAnswers("label", model.classes_.tolist(), options)
    check_answers_are_labels(options)
    return None


def _answered(model: SeriesModel, series: Sequence[NDArray[np.float32]], answers: LabelAnswers | None) -> Columns:
    """Return the columns of the answers to some series."""
    outputs = model.outputs(series)
    if answers is None:
        return {"number": outputs[:, 0].astype(np.float64)}
    return answers.columns(softmax(outputs))


class _Names(Table):
    """The names of series as a table of one column."""

    format = "series"

    def __init__(self, path: Path, column: str, names: Sequence[str]) -> None:
        super().__init__(path)
        self.columns = (column,)
        self._names = names

    def _rows(self, columns: Sequence[str]) -> Generator[Row]:
        for name in self._names:
            yield (name,) * len(columns)


class _SeriesWriter(Writer):
    """Writes names of series with the answers to their values."""

    def __init__(self, inner: TableWriter, found: SeriesSet) -> None:
        super().__init__(inner.path, inner.columns)
        self._inner, self._found = inner, found

    def inputs(self) -> Iterator[NDArray[np.float32]]:
        for _, values in zip(self._inner.inputs(), self._found.values, strict=True):
            yield values

    def write(self, path: Path, answers: Answers) -> None:
        self._inner.write(path, answers)
