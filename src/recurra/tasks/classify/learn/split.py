"""From a table to training, validation and held-out rows: what `train` and `compare` do first."""

from __future__ import annotations

import shlex
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from recurra.data.label_order import class_order
from recurra.data.label_spelling import unknown_sentence
from recurra.data.split import holdout, leaked_rows
from recurra.data.tables.rejects import report_rejected
from recurra.data.tables.table import listed
from recurra.errors import ColumnError, LabelError, OptionError, did_you_mean
from recurra.many_to_one.corpus import Corpus
from recurra.many_to_one.learn.defaults import valid_share
from recurra.many_to_one.reading import Opened, open_data
from recurra.tasks.classify.label_findings import FEW_ROWS_A_CLASS, MANY_CLASSES, quantity
from recurra.tasks.classify.options import ClassifyOptions
from recurra.terminal.progress import Reporter
from recurra.training.split import Parts, draw, file_in_words, share_in_words

SPLIT_ROWS = 1_000
"""Rows in which a column that is not used is looked at."""

PART_NAMES = {
    "train": "train", "training": "train",
    "valid": "valid", "validation": "valid", "val": "valid", "dev": "valid",
    "test": "test", "testing": "test", "heldout": "test", "held-out": "test",
}  # fmt: skip


FEWEST_VALID = 5
"""Validation rows from which small classes give one each, where none has enough rows to give a share of them."""
NOT_IN_TRAINING = "no training row has their label:"


@dataclass
class LabelledParts(Parts):
    """The parts of N labelled rows. unknown: labels that no training row has, and how many rows with them were left out
    of validation and of what is held out."""

    unknown: dict[str, int] = field(default_factory=dict)

    def counts(self) -> dict[str, Any]:
        return super().counts() | ({"left_out_by_label": self.unknown} if self.unknown else {})


def read_rows(
    corpus: Corpus, data: str, options: ClassifyOptions, reporter: Reporter, *, rejects: Path
) -> tuple[Opened, list[str | None]]:
    """Read every row into the corpus. Returns the table and, for each usable row, the part that the data name."""
    opened = open_data(data, options, reporter, rejects=rejects, also=(options.test, options.unlabelled))
    column, columns = options.split_column, opened.table.columns
    if column and column not in columns:
        raise OptionError(
            f"--split-column {column}: there is no such column.{did_you_mean(column, columns)} "
            f"Columns found: {listed(columns)}."
        )
    if not column and (note := _unused_split(opened, options)):
        opened = replace(opened, notes=(*opened.notes, note))
    named_parts: list[str | None] = []
    for text, label, *part in reporter.track(opened.rows([column] if column else []), "Reading"):
        if corpus.add(text, label):
            named_parts.append(part[0] if part else ("train" if options.test else None))
    if options.test:
        try:
            held_out = open_data(
                options.test,
                options.model_copy(update={"text": opened.text, "label": opened.label}),
                reporter,
                rejects=rejects.with_suffix(".test.rejects"),
                also=(data, options.unlabelled),
            )
        except ColumnError as error:
            raise ColumnError(
                f"--test {options.test}: {error} It is read with the options of {data}: write both files with the same "
                "names of columns and the same delimiter."
            ) from None
        corpus.next_file()
        for text, label in reporter.track(held_out.rows(), "Reading"):
            if corpus.add(text, label):
                named_parts.append("test")
        report_rejected(held_out.table, reporter)
    report_rejected(opened.table, reporter)
    return opened, named_parts


def _unused_split(opened: Opened, options: ClassifyOptions) -> str | None:
    """Return a sentence on a column that names the part of each row and is not used; None where there is none."""
    columns = opened.table.columns
    if options.test or "split" in options.model_fields_set or len(set(columns)) < len(columns):
        return None
    head = opened.table.head(SPLIT_ROWS)
    for place, name in enumerate(columns):
        values = {(row[place] or "").strip().casefold() for row in head}
        parts = {PART_NAMES.get(value) for value in values}
        if name not in (opened.text, opened.label) and len(values) > 1 and None not in parts:
            return (
                f"The column {name!r} names a part of the data in each row ({listed(sorted(values))}) and is not used: "
                f"to hold out its test rows, give --split-column {shlex.quote(name)}."
            )
    return None


def divided(
    corpus: Corpus, named_parts: list[str | None], options: ClassifyOptions
) -> tuple[list[str], NDArray[np.int64], LabelledParts]:
    """Return the labels in order, each row's target (-1 for a label that no training row has), and the parts.

    With a share of 0 to hold out, no row is. Raises LabelError where the labels cannot be learned, or no row is left.
    """
    if not len(corpus):
        raise LabelError("There is no row with both a text and a label. Check --text and --label.")
    if options.split_column or options.test:
        parts = _parts_as_named(corpus, named_parts, options)
    else:
        rows = draw(np.arange(len(corpus)), options.rows, options.seed)
        test = np.zeros(len(corpus), dtype=bool)
        how = "no row held out: all train, apart from those that validate"
        if options.split:
            test[rows[_held_out(corpus, rows, options.split, options.seed, each_class=True)]] = True
            how = share_in_words(options.split, "rows", "repeats", options.seed, strata="label")
        train = np.zeros(len(corpus), dtype=bool)
        train[rows] = True
        parts = LabelledParts(train & ~test, np.zeros(len(corpus), dtype=bool), test, how, leaked=0)
    if not parts.valid.any():
        rows = np.flatnonzero(parts.train)
        share = valid_share(options, len(rows))
        held = _held_out(corpus, rows, share, options.seed + 1)
        if not held.any() and share * len(rows) >= FEWEST_VALID:  # each class is too small to give a share of its rows
            held = _held_out(corpus, rows, share, options.seed + 1, each_class=True)
        validation = rows[held]
        parts.valid[validation] = True
        parts.train[validation] = False
    names = [corpus.label_names[i] for i in np.unique(corpus.labels[parts.train])]
    labels = class_order(names)
    _check_labels(labels, corpus.labels[parts.train | parts.valid | parts.test], corpus)
    index = {label: i for i, label in enumerate(labels)}
    to_target = np.array([index.get(name, -1) for name in corpus.label_names], dtype=np.int64)
    targets = to_target[corpus.labels]
    unknown = (parts.test | parts.valid) & (targets < 0)
    if unknown.any():
        held_out = int((unknown & parts.test).sum())
        parts.test &= ~unknown
        parts.valid &= ~unknown
        counts = np.bincount(corpus.labels[unknown], minlength=len(corpus.label_names))
        parts.unknown = {corpus.label_names[i]: int(counts[i]) for i in np.argsort(-counts, kind="stable") if counts[i]}
        which = "held-out" if held_out == int(unknown.sum()) else "held-out or validation"
        parts.how += f"; {int(unknown.sum()):,} {which} rows left out, since no training row has their label"
    if not parts.test.any() and (options.split or options.split_column or options.test):
        why = f": {parts.leaked:,} held-out rows repeat a training text" if parts.leaked else ""
        raise LabelError(
            f"No row is left to evaluate the model on{why}. "
            + (unknown_sentence(parts.unknown, labels, NOT_IN_TRAINING) + " " if parts.unknown else "")
            + "Give more rows"
            + (", or a larger --split." if not (options.split_column or options.test) else " to hold out.")
            + _together(corpus)
        )
    if not parts.valid.any():
        raise LabelError(
            f"No row is left to validate with: there are {int(parts.train.sum()):,} training rows. "
            f"Give more rows, or a larger --valid.{_together(corpus)}"
        )
    return labels, targets, parts


def _check_labels(labels: list[str], of_rows: NDArray[np.int32], corpus: Corpus) -> None:
    """Raise LabelError where labels cannot be classes. labels: of the training rows; of_rows [N]: those of all rows."""
    different, rows = len(np.unique(of_rows)), len(of_rows)
    check = (
        quantity(dict.fromkeys(corpus.label_names, 1))
        or "Check --label: it names the column with one of a few labels for each text."
    )
    if different == rows > 2:
        raise LabelError(
            f"All {rows:,} rows have different labels, and a class needs several: these do not look like "
            f"classes. {check}"
        )
    if len(labels) < 2:
        raise LabelError(
            f"The training rows have {len(labels)} label{'s'[: len(labels) != 1]}"
            f"{' (' + listed(labels) + ')' if labels else ''}; learning needs at least two. Check --label."
        )
    if different > MANY_CLASSES and rows < FEW_ROWS_A_CLASS * different:
        raise LabelError(
            f"The label column has {different:,} different values in {rows:,} rows, hardly more than one row for each; "
            f"these do not look like classes. {check}"
        )


def _held_out(
    corpus: Corpus, rows: NDArray[np.int64], share: float, seed: int, *, each_class: bool = False
) -> NDArray[np.bool_]:
    """Return which of `rows` to hold out. It depends on these rows alone: not even on the order in which the labels
    of other rows appear."""
    here = np.unique(corpus.labels[rows])
    rank = np.zeros(len(corpus.label_names), dtype=np.int64)
    order = class_order(corpus.label_names[i] for i in here)
    for i in here:
        rank[i] = order.index(corpus.label_names[i])
    return holdout(rank[corpus.labels[rows]], corpus.groups[rows], share, seed, each_class=each_class)


def _together(corpus: Corpus) -> str:
    """Return a sentence on rows of the same text staying together, where that may be the reason."""
    texts = len(np.unique(corpus.groups))
    return (
        f" (Rows that repeat a text stay on one side, and there are only {texts:,} texts.)"
        if texts < len(corpus)
        else ""
    )


def _parts_as_named(corpus: Corpus, named_parts: list[str | None], options: ClassifyOptions) -> LabelledParts:
    """Return the parts that the data name. `options.rows` limits the training part alone."""
    names = np.array([PART_NAMES.get((name or "").strip().casefold(), "?") for name in named_parts])
    if (names == "?").any():
        row = int(np.flatnonzero(names == "?")[0])
        raise OptionError(
            f"--split-column {options.split_column}: row {corpus.sources[row]:,} holds "
            f"{str(named_parts[row] or '')[:40]!r}; accepted are {', '.join(sorted(PART_NAMES))}."
        )
    train, valid, test = (names == part for part in ("train", "valid", "test"))
    used = draw(np.flatnonzero(train), options.rows, options.seed)
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
    how = f"by the column {options.split_column!r}" if options.split_column else file_in_words(options.test or "")
    if copied.any():
        how += f"; {int(copied.sum()):,} validation row(s) that repeat a training text left out"
    if leaked:
        how += f"; {leaked:,} held-out rows that repeat a training text are not counted"
    return LabelledParts(train, valid, test, how, leaked)
