"""A long table as histories to be forecast: its columns found, its times a step of one frequency apart.

A series ends with its last known value. Rows after it, with the value left empty, hold covariates of the steps to come.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from recurra.data.fingerprint import Fingerprint
from recurra.data.series.frequency import Frequency, written
from recurra.data.series.long_rows import LongRows, constant, read_long_rows
from recurra.data.series.number_text import NotANumber, numbers
from recurra.data.series.reader import is_series_file
from recurra.data.series.timeline import NOT_SORTED, TimedSeries, Timeline, timeline
from recurra.data.tables.learnt import facts, learnt_by, open_like_training
from recurra.data.tables.rejects import report_rejected
from recurra.data.tables.stated import check_heeded
from recurra.data.tables.table import Table
from recurra.errors import DataError, OptionError, ReadError, brief
from recurra.storage.model_directory import Manifest
from recurra.tasks.forecast.columns import Columns, Covariates, find_columns
from recurra.tasks.forecast.history import FEWEST, History, checked
from recurra.tasks.forecast.inputs import KINDS
from recurra.tasks.forecast.options import ForecastFileOptions
from recurra.terminal.progress import Reporter

SHOWN = 5

Floats = NDArray[np.float64]
Clock = Callable[[int], str]


@dataclass(frozen=True)
class ForecastFile:
    """N series of one frequency, each with three known values at least, the first and the last step among them.

    histories: with their names; covariates of the future reach as far as there are rows. starts: the time of the first
    step of each; clocks: that of any of its steps, counted from 0; ends: how many of its steps are of the first file.
    notes: what was found, a sentence each. said: what a manifest says of the file, its format and columns.
    """

    frequency: Frequency
    histories: list[History]
    starts: list[str]
    clocks: list[Clock]
    ends: list[int]
    notes: list[str]
    said: dict[str, Any]

    def times(self, series: int, first: int, steps: int) -> list[str]:
        """Return the times of some steps of a series, from step `first` on, which is 0 for that of the first value."""
        return [self.clocks[series](first + step) for step in range(steps)]


def read_file(
    path: str | Path,
    options: ForecastFileOptions,
    reporter: Reporter,
    *,
    covariates: Covariates | None = None,
    test: str | Path | None = None,
    manifest: Manifest | None = None,
    rejects: Path | None = None,
) -> ForecastFile:
    """Return the series of a long table.

    covariates: columns that are read beside the values. test: a second file, whose rows follow those of the first.
    manifest: of the model that is to answer or to be judged: how its training's file was written, and its columns,
    count where the options say nothing; and its frequency does. rejects: where broken rows go, if the options skip
    them.
    Raises ReadError, ColumnError, DataError and OptionError for a file that cannot be used.
    """
    wanted: dict[str, list[str]] = {kind: list((covariates or {}).get(kind, ())) for kind in KINDS}
    table = _open(Path(path), options, reporter, manifest, rejects)
    columns = find_columns(table, options, {} if manifest is None else manifest.data, wanted)
    rows = _rows(table, columns, wanted, wanted["static"])
    where, first = str(path), len(rows.codes)
    static = _static(table, rows, wanted["static"])
    report_rejected(table, reporter)
    said = facts(table) | {"rejected_rows": table.rejected} | columns._asdict()
    if test is not None:
        other = _open(Path(test), options, reporter, manifest, rejects and rejects.with_suffix(".test.rejects"))
        rows = _together(rows, _rows(other, columns, wanted, []))
        report_rejected(other, reporter)
        where = f"{path} with {test} after it"
    chosen = written(options.freq) if options.freq else None
    found = _in_time(where, rows, columns.id, chosen, None if manifest is None else frequency_of(manifest.data))
    if found.frequency is None:
        raise DataError(f"No series of {where} has two rows, so none can be continued. Is {columns.id} its name?")
    if manifest is not None and not options.freq:
        _check_frequency(where, found.frequency, manifest.data)
    notes = [*rows.notes, *(note for note in found.notes if test is None or note != NOT_SORTED)]
    read = _histories(where, found, len(wanted["past"]), static, first, notes)
    return ForecastFile(found.frequency, *read, notes, said | {"frequency": str(found.frequency)})


def fingerprint(histories: Sequence[History], starts: Sequence[str], frequency: Frequency) -> str:
    """Return a digest of series with their times and covariates."""
    found = Fingerprint()
    for start, history in zip(starts, histories, strict=True):
        beside = [part for part in (history.past, history.future, history.static) if part is not None]
        found.add(history.name, start, str(frequency), history.values, *beside)
    return found.hexdigest()


def some(names: Sequence[str]) -> str:
    """Return names of series as the beginning of a sentence: "2 series ('a', 'b') are"."""
    shown = ", ".join(map(brief, names[:SHOWN])) + (" ..." if len(names) > SHOWN else "")
    return f"{len(names):,} series ({shown}) {'is' if len(names) == 1 else 'are'}"


def _open(
    path: Path, options: ForecastFileOptions, reporter: Reporter, manifest: Manifest | None, rejects: Path | None
) -> Table:
    if path.exists() and is_series_file(path):
        raise ReadError(
            f"{path} has no times. Forecasts need a long table: a row for each series and time, as in "
            "`unique_id,ds,y`, in .csv, .tsv, .jsonl or .parquet."
        )
    check_heeded(options, [path])
    table = open_like_training(
        path, options, learnt_by(manifest), lambda columns: len(columns) > 1, reporter, rejects=rejects
    )
    if table.format in ("txt", "fasttext"):
        raise ReadError(f"{path} is read as one text a line. Give a table of series as .csv, .tsv, .jsonl or .parquet.")
    return table


def _rows(table: Table, columns: Columns, covariates: Covariates, static: Sequence[str]) -> LongRows:
    values = [columns.target, *covariates["past"], *covariates["future"]]
    return read_long_rows(table, columns.id, columns.time, values, static, name=columns.target)


def _together(first: LongRows, second: LongRows) -> LongRows:
    """Return the rows of two tables with the same columns, without their constants."""
    numbers = {name: number for number, name in enumerate(first.names)}
    codes = np.array([numbers.setdefault(name, len(numbers)) for name in second.names], dtype=np.int64)[second.codes]
    return LongRows(
        list(numbers),
        np.concatenate([first.codes, codes]),
        first.times + second.times,
        first.channels,
        np.concatenate([first.values, second.values]),
        {},
        first.notes + second.notes,
    )


def _check_frequency(where: str, found: Frequency, trained: Mapping[str, Any]) -> None:
    """Raise DataError where a file is of another frequency than the training's."""
    known = trained.get("frequency")
    if isinstance(known, str) and known != str(found):
        raise DataError(
            f"The model was trained on series of the frequency {known}, and {where} has {found}. Give series of that "
            f"frequency, or --freq {known} if rows are missing."
        )


def frequency_of(data: Mapping[str, Any]) -> Frequency | None:
    """Return the frequency of the series that a model was trained on, by "data" of its manifest; None where it is not
    known."""
    known = data.get("frequency")
    try:
        return written(known) if isinstance(known, str) else None
    except OptionError:
        return None


def _in_time(
    where: str, rows: LongRows, id_: str | None, frequency: Frequency | None, usual: Frequency | None
) -> Timeline:
    names = [rows.names[code] for code in rows.codes.tolist()]
    times = [time or "" for time in rows.times]
    try:
        return timeline(where, names, times, rows.values, frequency, usual)
    except DataError as error:
        if id_ is None and len(set(times)) < len(times):
            raise DataError(
                f"{error} If the table has several series, name the column that says which: --id."
            ) from None
        raise


def _static(table: Table, rows: LongRows, names: Sequence[str]) -> Floats | None:
    """Return the static covariates [N, S] of each series; None where none are named."""
    if not names:
        return None
    order = np.argsort(rows.codes, kind="stable")
    columns = []
    for name in names:
        texts = constant(table, rows, name, order)
        try:
            columns.append(numbers(texts))
        except NotANumber as error:
            raise ReadError(
                f"{table.path}: the column {brief(name)} of series {brief(rows.names[error.place])} holds "
                f"{brief(error.text)}; covariates are numbers. Give a column of 0 and 1 for each of its values."
            ) from None
    return np.stack(columns, axis=1)


def _histories(
    where: str, found: Timeline, past: int, static: Floats | None, first_rows: int, notes: list[str]
) -> tuple[list[History], list[str], list[Clock], list[int]]:
    """Return the histories of series [T, 1 + past + future], the time of the first step of each, of any step, and how
    many are of the first so many rows; what was found goes to `notes`.

    Raises DataError where no series can be continued, or holds what is no finite number.
    """
    assert found.frequency is not None
    clocks: list[Clock] = []
    histories, starts, ends, short = [], [], [], []
    for number, series in enumerate(found.series):
        known = ~np.isnan(series.values[:, 0])
        here = np.flatnonzero((series.rows > 0) & (series.rows <= first_rows))
        if len(here) and (among := series.rows[: here[-1]] > first_rows).any():
            row = int(series.rows[: here[-1]][among][0]) - first_rows
            raise DataError(
                f"{where}: row {row:,} of the second file is of series {brief(series.name)} before its last row in the "
                "first. What is held out must come after what is learnt from."
            )
        of_first = np.flatnonzero(known & (series.rows > 0) & (series.rows <= first_rows))
        if len(of_first) < FEWEST:
            short.append(series.name)
            continue
        steps = np.flatnonzero(known)
        begin, end = int(steps[0]), int(steps[-1]) + 1
        before, ahead = series.values[begin:end, 1 : 1 + past], series.values[begin:, 1 + past :]
        history = History(
            series.values[begin:end, 0],
            series.name,
            before if before.shape[1] else None,
            ahead if ahead.shape[1] else None,
            None if static is None else static[number],
        )
        histories.append(checked(history))
        starts.append(series.time(found.frequency, begin) if begin else series.start)
        clocks.append(partial(_time, series, found.frequency, begin))
        ends.append(int(of_first[-1]) + 1 - begin)
    if not histories:
        raise DataError(f"No series of {where} has {FEWEST} known values, so none can be continued.")
    if short:
        notes.append(f"{some(short)} left out: fewer than {FEWEST} known values.")
    if missing := sum(int(np.isnan(history.values).sum()) for history in histories):
        every = sum(len(history) for history in histories)
        notes.append(f"{missing:,} of {every:,} values are missing between the first and the last of their series.")
    return histories, starts, clocks, ends


def _time(series: TimedSeries, frequency: Frequency, begin: int, step: int) -> str:
    return series.time(frequency, begin + step)
