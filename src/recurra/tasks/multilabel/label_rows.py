"""Open a table of texts with several labels each, and read its rows as texts and sets of labels."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from recurra.data.label_sets import SEPARATORS, guessed_separator, labels_of, to_key, yes_or_no
from recurra.data.tables.table import listed, shortened
from recurra.errors import ColumnError, OptionError, ReadError, brief, did_you_mean
from recurra.many_to_one.reading import Opened, open_data
from recurra.options.columns import column_names
from recurra.storage.model_directory import Manifest
from recurra.tasks.multilabel.options import LabelSetOptions
from recurra.terminal.progress import Reporter

LOOKED_AT = 1_000
"""Rows by which the separator is guessed."""

OWN_COLUMNS = " Where each label has a column of 0 and 1, name these columns: `--labels ONE,TWO`."

Row = tuple[str | None, ...]


@dataclass
class LabelRows:
    """A table whose rows are a text and a set of labels each.

    columns: those of yes and no, one a label; none where all labels are in the column `opened.label`. separator:
    between the labels of a cell. skip: whether a row whose labels cannot be read counts as one without labels, instead
    of being an error. After a pass: repeated, rows that have a label twice; unread, rows whose labels cannot be read.
    """

    opened: Opened
    columns: tuple[str, ...] = ()
    separator: str | None = None
    skip: bool = False
    repeated: int = field(default=0, init=False)
    unread: int = field(default=0, init=False)

    def rows(self, more: Sequence[str] = ()) -> Iterator[Row]:
        """Yield (text, the set of labels as `to_key` writes it, *more) of each row in file order.

        The set is None where nothing is said of the labels: the cell is null, or no column of a label holds anything.
        Raises ReadError, with row and column, where the labels cannot be read.
        """
        self.repeated = self.unread = 0
        for number, (text, *values) in enumerate(self.opened.rows([*self.columns, *more]), 1):
            try:
                key, rest = self._key(values), values[len(self.columns) or 1 :]
            except ValueError as error:
                if not self.skip:
                    raise ReadError(
                        f"{self.opened.table.path}, row {number:,}: {error}. `--bad-rows skip` leaves such rows out."
                    ) from None
                self.unread += 1
                key, rest = None, values[len(self.columns) or 1 :]
            yield (text, key, *rest)

    def _key(self, values: Sequence[str | None]) -> str | None:
        if self.columns:
            return self._of_columns(values[: len(self.columns)])
        cell = values[0]
        if cell is None:
            return None
        try:
            labels, again = labels_of(cell, self.separator)
        except ValueError as error:
            raise ValueError(
                f"the column {brief(self.opened.label or '')} holds {shortened(cell, 60)}: {error}"
            ) from None
        self.repeated += bool(again)
        return to_key(labels)

    def _of_columns(self, values: Sequence[str | None]) -> str | None:
        if not any((value or "").strip() for value in values):
            return None
        labels = []
        for column, value in zip(self.columns, values, strict=True):
            has = yes_or_no(value or "")
            if has is None:
                held = "nothing" if not (value or "").strip() else shortened(value or "", 60)
                raise ValueError(
                    f"the column {brief(column)} holds {held}; a column of a label holds 1 or 0, true or false, or yes "
                    "or no"
                )
            if has:
                labels.append(column.strip())
        return to_key(labels)

    def sentences(self) -> list[str]:
        """Return what is to be told of the labels as they were read, after a pass."""
        found = []
        if self.repeated:
            rows = f"{self.repeated:,} row{'s have' if self.repeated > 1 else ' has'}"
            found.append(f"{rows} a label twice; it counts once.")
        if self.unread:
            rows = f"{self.unread:,} row{'s are' if self.unread > 1 else ' is'}"
            found.append(f"{rows} left out, since the labels cannot be read.")
        return found

    def facts(self) -> dict[str, Any]:
        """Return what a manifest states of where the labels are: label, labels and separator."""
        return {"label": self.opened.label, "labels": list(self.columns), "separator": self.separator}


def open_labels(
    data: str,
    options: LabelSetOptions,
    reporter: Reporter,
    *,
    rejects: Path | None = None,
    manifest: Manifest | None = None,
    also: Sequence[str | None] = (),
) -> LabelRows:
    """Return the table for a path or a catalog name; see `open_data`, whose errors it raises.

    manifest: that of the model which is judged; where the options say nothing, the labels are where its training had
    them. A separator that is not given is that of training, or guessed; OptionError where that is not obvious.
    """
    known = {} if manifest is None else manifest.data
    columns = column_names(options.labels) if options.labels is not None else _known_columns(options, known)
    if options.labels is not None:
        _check_names(columns, options.labels)
    try:
        opened = open_data(
            data,
            options,
            reporter,
            label_needed=not columns,
            rejects=rejects,
            manifest=manifest,
            also=also,
            usual_text="text" if columns else None,
        )
    except ColumnError as error:
        hint = OWN_COLUMNS if not columns and options.label is None else ""
        raise ColumnError(f"{error}{hint}") from None
    if columns:
        _check_columns(columns, opened)
        return LabelRows(opened, tuple(columns), skip=options.bad_rows == "skip")
    assert opened.label is not None  # for the type checker: it was needed
    opened.table.lists_as_json = frozenset((opened.label,))
    separator = options.separator or known.get("separator") or _guessed(opened, data, reporter)
    return LabelRows(opened, separator=separator, skip=options.bad_rows == "skip")


def _known_columns(options: LabelSetOptions, known: Mapping[str, Any]) -> list[str]:
    """Return the columns of labels of a training, unless the options name another place."""
    columns = known.get("labels")
    return [str(name) for name in columns] if options.label is None and isinstance(columns, list) else []


def _check_names(columns: Sequence[str], given: str) -> None:
    if not columns:
        raise OptionError(f"--labels {given!r} names no column. Give their names with commas between them.")
    for name in columns:
        if columns.count(name) > 1:
            raise OptionError(f"--labels names the column {brief(name)} twice.")


def _check_columns(columns: Sequence[str], opened: Opened) -> None:
    found = opened.table.columns
    for name in columns:
        if name not in found:
            raise ColumnError(
                f"There is no column {brief(name)} (--labels).{did_you_mean(name, found)} "
                f"Columns found: {listed(found)}."
            )
        if name in opened.texts:
            raise ColumnError(f"--labels names {brief(name)}, which is a column with the texts.")


def _guessed(opened: Opened, data: str, reporter: Reporter) -> str | None:
    """Return the separator that the first rows have; None where each cell is one label or a list."""
    assert opened.label is not None  # for the type checker
    cells = [cell for (cell,) in opened.table.head(LOOKED_AT, [opened.label])]
    found, clear = guessed_separator(cells)
    if not clear:
        marks = ", ".join(repr(mark) for mark in SEPARATORS if any(mark in (cell or "") for cell in cells))
        raise OptionError(
            f"{data}: the cells of {opened.label!r} have {marks}, and it is not obvious which of them parts labels. "
            "Say it with `--separator ';'`."
        )
    if found is None:
        return SEPARATORS[0]
    reporter.info(f"Labels are parted by {found!r} (guessed; --separator says otherwise).")
    return found
