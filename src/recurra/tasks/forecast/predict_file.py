"""Forecast every series of a file into a table, safe from a kill."""

from __future__ import annotations

import os
from collections.abc import Generator, Iterator, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from recurra.data.series.long_frame import ID, TIME
from recurra.data.tables.stated import dialect_of
from recurra.data.tables.table import Row, Table
from recurra.data.writers import WRITERS, AnswerColumn
from recurra.data.writers.writer import Answers, TableWriter, Writer
from recurra.inference.bulk import Answering, answer_file, check_output, placed_counts
from recurra.inference.runtime import ort
from recurra.kernel.library import library
from recurra.storage.journal import Columns
from recurra.tasks.forecast.forecast_file import ForecastFile, read_file
from recurra.tasks.forecast.model import ForecastModel
from recurra.tasks.forecast.options import ForecastPredictOptions
from recurra.tasks.forecast.predict import COLUMNS, covariates
from recurra.terminal.progress import Reporter

PIECE, PART = 64, 256
"""Series that are answered together, and that are kept at a time."""
DIGITS = 12
"""Of a value in a text format: sums of money have more than six."""


class Step(NamedTuple):
    """A step of the forecast of a series: its number, and the step from 0."""

    series: int
    step: int


def predict_file(
    model: ForecastModel,
    data: str,
    output: Path,
    options: ForecastPredictOptions,
    *,
    resume: bool = False,
    overwrite: bool = False,
    escape_formulas: bool = False,
    reporter: Reporter | None = None,
) -> dict[str, Any]:
    """Forecast every series of the table `data` into `output`, which appears when it is whole. Returns counts.

    The output (.csv, .tsv, .jsonl, .parquet) has a row for each step of each series: `unique_id` and `ds`, or what the
    columns are called in `data`, and y, lo and hi: the middle, and the ends of the band of 80 %. resume, overwrite,
    escape_formulas: as for every task. Raises ReadError, ColumnError and DataError, with what was answered before kept,
    and OptionError for a horizon that the model does not reach.
    """
    reporter = reporter or Reporter()
    horizon = model.steps(options.horizon)
    if resume and (counts := placed_counts(output)) is not None:
        return {"rejected_rows": 0, **counts, "output": os.path.realpath(output)}
    suffix = output.suffix.lower()
    output = check_output(output, tuple(WRITERS), overwrite=overwrite, escape_formulas=escape_formulas, resume=resume)
    found = read_file(
        data,
        options,
        reporter,
        covariates=covariates(model),
        manifest=model.manifest,
        rejects=output.with_name(f"{output.name}.rejects"),
    )
    for note in found.notes:
        reporter.info(note)
    for history in found.histories:
        model.inputs.check(history, horizon)
        model.inputs.check_ahead(history, horizon)
    names = [found.said["id"] or ID, found.said["time"] or TIME]
    columns = [AnswerColumn(name, "number", digits=DIGITS) for name in COLUMNS]
    inner = WRITERS[suffix](_Times(Path(data), names, found, horizon), names, columns, escape=escape_formulas)
    how = Answering(
        lambda steps: _answered(model, found, steps, horizon),
        piece_rows=PIECE * horizon,
        part_rows=PART * horizon,
        doing="Forecasting",
    )
    counts = answer_file(
        _ForecastWriter(inner, len(found.histories), horizon),
        how,
        output,
        {
            "model": {"digest": model.manifest.digest if model.manifest else ""},
            "options": {
                **options.model_dump(),
                **asdict(dialect_of(options)),
                "horizon": horizon,
                "escape_formulas": escape_formulas,
            },
            "software": {
                "engine": model.engine.name,
                "onnxruntime": ort.__version__,
                "kernel": "" if (kernel := library()) is None else kernel.signature,
            },
        },
        reporter,
        resume=resume,
        overwrite=overwrite,
    )
    return {
        **counts,
        "series": len(found.histories),
        "rejected_rows": found.said["rejected_rows"],
        "output": str(output),
    }


def _answered(model: ForecastModel, found: ForecastFile, steps: Sequence[Step], horizon: int) -> Columns:
    """Return the columns of the answers to some steps."""
    series = list(dict.fromkeys(step.series for step in steps))
    place = {number: row for row, number in enumerate(series)}
    quantiles = model.predict([found.histories[number] for number in series], horizon)
    chosen = quantiles[[place[step.series] for step in steps], [step.step for step in steps]]
    return {"y": np.ascontiguousarray(chosen[:, 1]), "lo": np.ascontiguousarray(chosen[:, 0]),
            "hi": np.ascontiguousarray(chosen[:, 2])}  # fmt: skip


class _Times(Table):
    """The name of each series with the time of each step of its forecast, as a table of two columns."""

    format = "series"

    def __init__(self, path: Path, columns: Sequence[str], found: ForecastFile, horizon: int) -> None:
        super().__init__(path)
        self.columns = tuple(columns)
        self._found, self._horizon = found, horizon

    def _rows(self, columns: Sequence[str]) -> Generator[Row]:
        for number, history in enumerate(self._found.histories):
            for time in self._found.times(number, len(history), self._horizon):
                row = dict(zip(self.columns, (history.name or "", time), strict=True))
                yield tuple(row[name] for name in columns)


class _ForecastWriter(Writer):
    """Writes names and times with the answers to their steps."""

    def __init__(self, inner: TableWriter, series: int, horizon: int) -> None:
        super().__init__(inner.path, inner.columns)
        self._inner, self._series, self._horizon = inner, series, horizon

    def inputs(self) -> Iterator[Step]:
        steps = (Step(series, step) for series in range(self._series) for step in range(self._horizon))
        for _, step in zip(self._inner.inputs(), steps, strict=True):
            yield step

    def write(self, path: Path, answers: Answers) -> None:
        self._inner.write(path, answers)
