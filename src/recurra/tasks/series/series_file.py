"""A file of series as a model takes it: its columns found, its channels those of training, its answers where known."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from recurra.data.series.csv_folder import read_one_csv
from recurra.data.series.long_frame import ID
from recurra.data.series.number_text import NotANumber, numbers
from recurra.data.series.reader import has_lists, is_series_file, read_series, read_series_table
from recurra.data.series.series_set import SeriesSet
from recurra.data.series.ucr_file import is_ucr, read_ucr
from recurra.data.tables.header import delimiter_hint
from recurra.data.tables.learnt import Learnt, facts, learnt_by, open_like_training
from recurra.data.tables.rejects import report_rejected
from recurra.data.tables.stated import check_heeded, stated
from recurra.data.tables.table import Table, listed
from recurra.errors import ColumnError, DataError, OptionError, ReadError, brief, did_you_mean
from recurra.options.base import flag
from recurra.storage.model_directory import Manifest
from recurra.tasks.series.inputs import LARGEST
from recurra.tasks.series.options import LabelledSeriesOptions, SeriesFileOptions
from recurra.tasks.series.shape import Kind
from recurra.terminal.progress import Reporter

OBVIOUS: dict[str, Kind] = {"label": "classify", "class": "classify", "target": "regress"}
"""Names of columns that make it obvious what is to be predicted, in falling order of preference."""
COLUMNS = ("series", "id", "time", "values")
"""Options that name columns, whose values in training count where a file has such columns."""

WithColumns = Callable[[Sequence[str]], list[str]]
"""From the columns of a file to those with constants that are wanted of it."""


def read_file(
    path: str | Path,
    options: SeriesFileOptions,
    reporter: Reporter,
    *,
    wanted: WithColumns = lambda columns: [],
    manifest: Manifest | None = None,
    channels: Sequence[str] | None = None,
    rejects: Path | None = None,
) -> tuple[SeriesSet, dict[str, Any]]:
    """Return the series of a file or folder, and what a manifest says of it: format, columns, rejected_rows.

    wanted: which further columns are read. manifest: of the model that is to answer or to be judged: how its training's
    file was written, and its columns, count where the options say nothing; where that was a folder with a table for
    each series, a table without names of series is one. channels: the model's, in whose order those of the file are
    put. rejects: where broken rows go, if the options skip them.
    Raises ReadError, ColumnError, DataError and OptionError.
    """
    path, learnt = Path(path), learnt_by(manifest)
    columns: list[str]
    if is_ucr(path) and not stated(options) and not any(options.named().values()):
        found = read_ucr(path)
        columns = wanted(list(found.columns))
        _check_there(path, columns, list(found.columns))
        said: dict[str, Any] = {"format": "ucr", "rejected_rows": 0}
    elif path.exists() and is_series_file(path):
        if given := sorted(stated(options) - ({"encoding"} if path.is_dir() else set())):
            raise OptionError(f"{flag(given[0])} does nothing for {path}, which is no table. Omit it.")
        found = read_series(path, **(_of_folder(options, manifest) if path.is_dir() else options.named()))
        columns = wanted(list(found.columns))
        _check_there(path, columns, list(found.columns))
        kind = "folder" if path.is_dir() else Path(path.name.lower().removesuffix(".gz")).suffix[1:]
        said = {"format": kind, "rejected_rows": 0}
    else:
        table = _open(path, options, learnt, reporter, rejects)
        columns = wanted(table.columns)
        _check_there(path, columns, table.columns, delimiter_hint(table.columns))
        if not columns and _is_one_series(table, options, manifest):
            known = channels if channels and set(channels) <= set(table.columns) else None
            chosen = _of_folder(options, manifest)
            found = read_one_csv(table, chosen["time"], chosen["values"] or known)
        else:
            found = read_series_table(
                table, **_columns(table, options, manifest, channels), constants=list(dict.fromkeys(columns))
            )
        report_rejected(table, reporter)
        said = facts(table) | {"rejected_rows": table.rejected}
    _check_size(path, found)
    if channels is not None:
        found = _in_order(path, found, channels, reporter)
    return found, said


def answer_column(options: LabelledSeriesOptions, kind: Kind | None, columns: Sequence[str], path: str | Path) -> str:
    """Return the column with what is to be predicted: the one given, or one of an obvious name.

    kind: what the model predicts, None where that is open. Raises ColumnError where none is obvious.
    """
    if given := options.label or options.target:
        return given
    plain = {column.strip().casefold(): column for column in reversed(columns)}
    for name, of_kind in OBVIOUS.items():
        if name in plain and kind in (None, of_kind):
            return plain[name]
    flags = {"classify": "--label COL", "regress": "--target COL"}
    how = flags[kind] if kind else "--label COL, or with --target COL for numbers"
    raise ColumnError(
        f"It is not obvious which column of {path} holds what is to be predicted. Columns found: "
        f"{listed(tuple(columns))}. Name it with {how}."
    )


def kind_of(options: LabelledSeriesOptions, column: str) -> Kind:
    """Return what is to be predicted where `column` holds it."""
    if options.label or options.target:
        return "classify" if options.label else "regress"
    return OBVIOUS[column.strip().casefold()]


def labels_of(found: SeriesSet, column: str) -> list[str]:
    """Return the label of each series, "" where it has none."""
    return ["" if value is None else str(value) for value in found.columns[column]]


def targets_of(found: SeriesSet, column: str, path: str | Path) -> NDArray[np.float64]:
    """Return the number of each series, NaN where it has none. Raises ReadError for what is no number."""
    values = found.columns[column]
    try:
        read = numbers([value if value is None or isinstance(value, str) else repr(value) for value in values])
    except NotANumber as error:
        raise ReadError(
            f"{path}: the column {brief(column)} of series {brief(found.ids[error.place])} holds {brief(error.text)}, "
            "which is no number. Labels are named with --label."
        ) from None
    if np.isinf(read).any():
        series = found.ids[int(np.flatnonzero(np.isinf(read))[0])]
        raise ReadError(f"{path}: the column {brief(column)} of series {brief(series)} is infinite.")
    if (large := np.abs(read) > LARGEST).any():
        place = int(np.flatnonzero(large)[0])
        raise ReadError(
            f"{path}: the column {brief(column)} of series {brief(found.ids[place])} holds {read[place]:g}, which is "
            f"beyond {LARGEST:g}. Give it in a larger unit, or predict its logarithm."
        )
    return read


def check_known(path: str | Path, found: SeriesSet) -> None:
    """Raise DataError for series without any value, to which there is no answer."""
    if not found.known.all():
        empty = [found.ids[row] for row in np.flatnonzero(~found.known)]
        others = f", and {len(empty) - 1:,} more have none either" if len(empty) > 1 else ""
        raise DataError(
            f"{path}: series {brief(empty[0])} has no value, all of its frames are missing{others}: there is nothing "
            "to answer. Leave it out."
        )


def without(found: SeriesSet, keep: NDArray[np.bool_]) -> SeriesSet:
    """Return the series that are kept. keep: [N]."""
    rows = np.flatnonzero(keep).tolist()
    return replace(
        found,
        ids=[found.ids[row] for row in rows],
        values=[found.values[row] for row in rows],
        columns={name: [values[row] for row in rows] for name, values in found.columns.items()},
    )


def _open(path: Path, options: SeriesFileOptions, learnt: Learnt, reporter: Reporter, rejects: Path | None) -> Table:
    """Return the table in a file. Raises ReadError for what is read as lines of text."""
    check_heeded(options, [path])
    table = open_like_training(path, options, learnt, lambda columns: len(columns) > 1, reporter, rejects=rejects)
    if table.format in ("txt", "fasttext"):
        raise ReadError(
            f"{path} is read as one text a line. Give series as .csv, .tsv, .jsonl, .parquet, .ts, .arff, or as a "
            "folder of tables."
        )
    return table


def _columns(
    table: Table, options: SeriesFileOptions, manifest: Manifest | None, channels: Sequence[str] | None
) -> dict[str, Any]:
    """Return which columns of a table hold what: those of the options, else those of training that it has."""
    chosen = options.named()
    if manifest is None:
        return {name: value for name, value in chosen.items() if value is not None}
    trained = SeriesFileOptions.model_validate(
        {name: manifest.config[name] for name in COLUMNS if isinstance(manifest.config.get(name), str)}
    ).named()
    lists = bool(chosen["series"]) or (not (chosen["time"] or chosen["values"]) and has_lists(table))
    for name in ("series", "id") if lists else ("id", "time"):
        names = [trained[name]] if isinstance(trained[name], str) else trained[name]
        if chosen[name] is None and names and set(names) <= set(table.columns):
            chosen[name] = trained[name]
    if not lists and chosen["values"] is None and channels and set(channels) <= set(table.columns):
        chosen["values"] = list(channels)
    return {name: value for name, value in chosen.items() if value is not None}


def _of_folder(options: SeriesFileOptions, manifest: Manifest | None) -> dict[str, Any]:
    """Return which columns of the tables of a folder hold what: those of the options, else those of training."""
    chosen = options.named()
    if manifest and _learnt_from_folder(manifest):
        for name in ("time", "values"):
            if chosen[name] is None and isinstance(known := manifest.config.get(name), str):
                chosen[name] = SeriesFileOptions.model_validate({name: known}).named()[name]
    return chosen


def _learnt_from_folder(manifest: Manifest | None) -> bool:
    return manifest is not None and manifest.data.get("format") == "folder"


def _is_one_series(table: Table, options: SeriesFileOptions, manifest: Manifest | None) -> bool:
    """Return whether a table is one series, as each of those that the model learnt from."""
    named = options.id or options.series
    return _learnt_from_folder(manifest) and table.format in ("csv", "tsv") and not named and ID not in table.columns


def _check_there(path: Path, names: Sequence[str], columns: Sequence[str], hint: str = "") -> None:
    """Raise ColumnError for the first of the names that is no column."""
    for name in names:
        if name not in columns:
            raise ColumnError(
                f"{path} has no column {brief(name)}.{did_you_mean(name, columns)} Columns found: "
                f"{listed(tuple(columns))}.{hint}"
            )


def _check_size(path: Path, found: SeriesSet) -> None:
    """Raise DataError for the first series with a number that cannot be standardised."""
    for name, values in zip(found.ids, found.values, strict=True):
        if (large := np.abs(values) > LARGEST).any():
            step, channel = np.argwhere(large)[0]
            raise DataError(
                f"{path}: series {brief(name)}, frame {step + 1:,}, channel {brief(found.channels[channel])}: "
                f"{values[step, channel]:g} is beyond {LARGEST:g}. Give the channel in a larger unit, or leave the "
                "value empty if it is missing."
            )


def _in_order(path: Path, found: SeriesSet, channels: Sequence[str], reporter: Reporter) -> SeriesSet:
    """Return series whose channels are those of a model, in its order. Raises DataError for another number of them."""
    if found.channels == tuple(channels):
        return found
    if set(found.channels) == set(channels):
        order = [found.channels.index(name) for name in channels]
        return replace(found, channels=tuple(channels), values=[values[:, order] for values in found.values])
    if len(found.channels) != len(channels):
        missing = [name for name in channels if name not in found.channels]
        raise ColumnError(
            f"The model reads {len(channels)} channels ({listed(tuple(channels), 8)}), and {path} has "
            f"{len(found.channels)} ({listed(found.channels, 8)})."
            + (f" Those of the model that it lacks: {listed(tuple(missing), 8)}." if missing else "")
        )
    reporter.info(
        f"The channels of {path} are called {listed(found.channels, 8)}, those of the training "
        f"{listed(tuple(channels), 8)}; they are taken to be the same in this order."
    )
    return replace(found, channels=tuple(channels))
