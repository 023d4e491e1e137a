"""Read the rows of a table into a corpus, and take the parts that the data name."""

from __future__ import annotations

import math
import shlex
from collections.abc import Callable, Collection, Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np

from recurra.data.cell_column import CellColumn
from recurra.data.feature_table import FeatureTable
from recurra.data.split import leaked_rows
from recurra.data.tables.rejects import report_rejected
from recurra.data.tables.table import listed
from recurra.errors import ColumnError, DataError, OptionError, brief, did_you_mean
from recurra.many_to_one.columns import LABEL, Answer
from recurra.many_to_one.corpus import Corpus
from recurra.many_to_one.options import RowOptions
from recurra.many_to_one.reading import Opened, open_data
from recurra.many_to_one.sliced import slice_columns
from recurra.options.base import flag
from recurra.terminal.progress import Reporter
from recurra.training.split import Parts, draw, file_in_words

SPLIT_ROWS = 1_000
"""Rows in which a column that is not used is looked at."""

PART_NAMES = {
    "train": "train", "training": "train",
    "valid": "valid", "validation": "valid", "val": "valid", "dev": "valid",
    "test": "test", "testing": "test", "heldout": "test", "held-out": "test",
}  # fmt: skip


ReadAnswer = Callable[[str | None, int, str], str | None]
"""From a cell with an answer, the row's number in its file from 1, and the name of the column, to the answer as the
corpus has it; None where it is missing."""


def read_rows(
    corpus: Corpus,
    data: str,
    options: RowOptions,
    reporter: Reporter,
    *,
    rejects: Path,
    answer: Answer = LABEL,
    read: ReadAnswer = lambda cell, row, name: cell,
    also: str | None = None,
) -> tuple[Opened, list[str | None]]:
    """Read every row into the corpus. Returns the table and, for each usable row, the part that the data name.

    also: another file that the options are for.
    """
    opened = open_data(data, options, reporter, answer=answer, rejects=rejects, also=(options.test, also))
    read_columns(corpus, opened)
    columns = opened.table.columns
    column, weight = options.split_column, getattr(options, "weight", None)  # not every task has weights
    beside = open_beside(corpus, options, columns, (*opened.texts, opened.label))
    for name, given in (("split_column", column), ("weight", weight)):
        check_column(flag(name), given, columns)
    if weight in (*opened.texts, opened.label, *opened.features) and weight is not None:
        raise OptionError(f"--weight {weight}: it holds the texts, their answers or a feature. Name another column.")
    if not column and not options.test and not options.split_by_time and "split" not in options.model_fields_set:
        column = opened.table.split_column
    if not column and (note := unused_split(opened, options)):
        opened = replace(opened, notes=(*opened.notes, note))
    named_parts: list[str | None] = []
    if column in opened.features:
        raise OptionError(f"--split-column {column}: the column is one of --features. Leave it out of one of them.")
    width = len(opened.features)
    found = opened.rows([*opened.features, *filter(None, (column, weight)), *beside])
    for row, (text, label, *more) in enumerate(reporter.track(found, "Reading"), 1):
        features, more = more[:width], more[width:]
        cells = [more.pop() for _ in beside][::-1]
        counts = None if weight is None else weight_of(more.pop(), row, weight)
        if corpus.add(text, read(label, row, opened.label or ""), counts, features):
            add_beside(corpus, cells)
            named_parts.append(more[0] if more else ("train" if options.test else None))
    if options.test:
        try:
            held_out = open_data(
                options.test,
                options.model_copy(update={"text": opened.text, answer.what: opened.label}),
                reporter,
                answer=answer,
                rejects=rejects.with_suffix(".test.rejects"),
                also=(data, also),
            )
        except ColumnError as error:
            raise ColumnError(
                f"--test {options.test}: {error} It is read with the options of {data}: write both files with the same "
                "names of columns and the same delimiter."
            ) from None
        corpus.next_file()
        counts = None if weight is None else 1.0  # held-out rows are not learnt from
        there = beside_in_test(corpus, options, held_out.table.columns)
        found = held_out.rows([*opened.features, *there])
        for row, (text, label, *cells) in enumerate(reporter.track(found, "Reading"), 1):
            features, cells = cells[:width], cells[width:]
            if corpus.add(text, read(label, row, held_out.label or ""), counts, features):
                add_beside(corpus, [cells[there.index(name)] if name in there else None for name in beside])
                named_parts.append("test")
        report_rejected(held_out.table, reporter)
    report_rejected(opened.table, reporter)
    if column and not options.split_column:
        named_parts = with_test(named_parts, reporter)
    return opened, named_parts


def read_columns(corpus: Corpus, opened: Opened) -> None:
    """Have a corpus take the columns of a table."""
    features = FeatureTable(opened.features, opened.kinds) if opened.features else None
    corpus.read_columns(opened.texts, features)


def with_test(named_parts: list[str | None], reporter: Reporter) -> list[str | None]:
    """Return the parts of a data set's own splits; where no row of its test has an answer, as where that is kept
    secret, its validation rows are held out instead."""
    if "test" in named_parts or "validation" not in named_parts:
        return named_parts
    reporter.info("No row of a test split has an answer, so those of the validation split are held out.")
    return ["test" if part == "validation" else part for part in named_parts]


def open_beside(
    corpus: Corpus, options: RowOptions, columns: Sequence[str], taken: Collection[str | None]
) -> list[str]:
    """Return the names of the columns that are read beside the texts, and make the corpus ready to keep their cells.

    taken: those of the texts and their answers. Raises OptionError for a column that there is not, or that is taken.
    """
    given = {"--group": options.group, "--split-by-time": options.split_by_time}
    for option, name in given.items():
        check_column(option, name, columns)
        if name is not None and name in taken:
            raise OptionError(f"{option} {name}: the column holds the texts or their answers. Name another one.")
    slices = slice_columns(getattr(options, "slice", None), columns, taken)  # cells are compared without
    names = list(dict.fromkeys([*filter(None, given.values()), *slices]))
    corpus.beside = {name: CellColumn(name) for name in names}
    return names


def beside_in_test(corpus: Corpus, options: RowOptions, columns: Sequence[str]) -> list[str]:
    """Return the columns that are read beside the texts and that the file of --test has.

    Raises ColumnError where it lacks one of --slice, by which its rows are to be told apart.
    """
    for name in slice_columns(getattr(options, "slice", None), list(corpus.beside), ()):
        if name not in columns:
            raise ColumnError(
                f"--test {options.test}: it has no column {name!r}, by which --slice tells its rows apart."
                f"{did_you_mean(name, columns)} Columns found: {listed(columns)}. Add the column, or leave it out of "
                "--slice."
            )
    return [name for name in corpus.beside if name in columns]


def add_beside(corpus: Corpus, cells: Sequence[str | None]) -> None:
    """Keep the cells of a row that the corpus took, in the order of the columns."""
    for column, cell in zip(corpus.beside.values(), cells, strict=True):
        column.add(cell)


def check_column(option: str, name: str | None, columns: Sequence[str]) -> None:
    """Raise OptionError where an option names a column that there is not."""
    if name and name not in columns:
        raise OptionError(
            f"{option} {name}: there is no such column.{did_you_mean(name, columns)} Columns found: {listed(columns)}."
        )


def weight_of(cell: str | None, row: int, name: str) -> float:
    """Return the weight in a cell. Raises DataError where it is no number above 0. row: from 1."""
    try:
        weight = float(cell or "")
    except ValueError:
        weight = math.nan
    if not (math.isfinite(weight) and weight > 0):
        raise DataError(
            f"The column {name!r} holds {brief(cell or '')} in row {row:,}, which is no weight: with --weight {name} "
            "each row needs a number above 0. Leave out rows that are not to count."
        )
    return weight


def unused_split(opened: Opened, options: RowOptions) -> str | None:
    """Return a sentence on a column that names the part of each row and is not used; None where there is none."""
    columns = opened.table.columns
    if options.test or "split" in options.model_fields_set or len(set(columns)) < len(columns):
        return None
    head = opened.table.head(SPLIT_ROWS)
    for place, name in enumerate(columns):
        values = {(row[place] or "").strip().casefold() for row in head}
        parts = {PART_NAMES.get(value) for value in values}
        if name not in (*opened.texts, opened.label, *opened.features) and len(values) > 1 and None not in parts:
            return (
                f"The column {name!r} names a part of the data in each row ({listed(sorted(values))}) and is not used: "
                f"to hold out its test rows, give --split-column {shlex.quote(name)}."
            )
    return None


def parts_as_named(corpus: Corpus, named_parts: list[str | None], options: RowOptions, seed: int) -> Parts:
    """Return the parts that the data name. `options.rows` limits the training part alone.

    Raises OptionError for a name that is none, or where nothing trains or is held out.
    """
    names = np.array([PART_NAMES.get((name or "").strip().casefold(), "?") for name in named_parts])
    if (names == "?").any():
        row = int(np.flatnonzero(names == "?")[0])
        raise OptionError(
            f"{f'--split-column {options.split_column}' if options.split_column else 'The splits'}: row "
            f"{corpus.sources[row]:,} holds "
            f"{str(named_parts[row] or '')[:40]!r}; accepted are {', '.join(sorted(PART_NAMES))}."
        )
    train, valid, test = (names == part for part in ("train", "valid", "test"))
    used = draw(np.flatnonzero(train), options.rows, seed)
    train[:] = False
    train[used] = True
    if not train.any() or not test.any():
        raise OptionError(
            f"There are {int(train.sum()):,} rows to train on and {int(test.sum()):,} held out; both are needed."
        )
    copied = leaked_rows(corpus.groups[train], corpus.groups[valid])  # no epoch is chosen by memorised texts
    valid[np.flatnonzero(valid)[copied]] = False
    repeats = leaked_rows(corpus.groups[train | valid], corpus.groups[test])
    leaked = int(repeats.sum())
    test[np.flatnonzero(test)[repeats]] = False
    how = "by the splits of the data set"
    if options.split_column or options.test:
        how = f"by the column {options.split_column!r}" if options.split_column else file_in_words(options.test or "")
    if copied.any():
        how += f"; {int(copied.sum()):,} validation row(s) that repeat a training text left out"
    if leaked:
        how += f"; {leaked:,} held-out rows that repeat a training text are not counted"
    return Parts(train, valid, test, how, leaked)
