"""From a table to training, validation and held-out rows with their sets of labels."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from recurra.data.label_order import class_order
from recurra.data.label_sets import from_key
from recurra.data.label_split import holdout_labels
from recurra.data.tables.rejects import report_rejected
from recurra.data.tables.table import listed
from recurra.errors import ColumnError, LabelError, OptionError
from recurra.many_to_one.corpus import Corpus
from recurra.many_to_one.learn.division import divide
from recurra.many_to_one.learn.rows import (
    add_beside,
    beside_in_test,
    check_column,
    open_beside,
    read_columns,
    unused_split,
    weight_of,
    with_test,
)
from recurra.tasks.multilabel.label_rows import LabelRows, open_labels
from recurra.tasks.multilabel.options import MultilabelOptions
from recurra.terminal.progress import Reporter
from recurra.training.split import Fold, Parts

Members = NDArray[np.bool_]

MANY_LABELS = 100
"""From so many labels on, there must be more rows than labels."""
MOST_CELLS = 2_000_000_000
"""Rows times labels, at most: each takes a byte."""


@dataclass
class LabelledParts(Parts):
    """The parts of N labelled rows. unknown: labels that no training row has, and how many of the other rows do."""

    unknown: dict[str, int] = field(default_factory=dict)

    def counts(self) -> dict[str, Any]:
        return super().counts() | ({"labels_not_in_training": self.unknown} if self.unknown else {})


@dataclass(frozen=True)
class Read:
    """What was read of a table. named: for each usable row, the part that the data name; told: sentences on the labels
    as they were read."""

    table: LabelRows
    named: list[str | None]
    told: list[str]


def read_label_rows(
    corpus: Corpus, data: str, options: MultilabelOptions, reporter: Reporter, *, rejects: Path
) -> Read:
    """Read every row into the corpus, its labels as `to_key` writes them."""
    table = open_labels(data, options, reporter, rejects=rejects, also=(options.test,))
    column, columns = options.split_column, table.opened.table.columns
    weight = getattr(options, "weight", None)  # cells are compared without
    for option, name in (("--split-column", column), ("--weight", weight)):
        check_column(option, name, columns)
    if not column and not options.test and not options.split_by_time and "split" not in options.model_fields_set:
        column = table.opened.table.split_column
    if not column and (note := unused_split(table.opened, options)):
        table.opened = replace(table.opened, notes=(*table.opened.notes, note))
    read_columns(corpus, table.opened)
    features = table.opened.features
    if column in features:
        raise OptionError(f"--split-column {column}: the column is one of --features. Leave it out of one of them.")
    named: list[str | None] = []
    taken = (*table.opened.texts, table.opened.label, *table.columns)
    beside = open_beside(corpus, options, columns, taken)
    if weight is not None and weight in (*taken, *features):
        raise OptionError(f"--weight {weight}: it holds the texts, their answers or a feature. Name another column.")
    wanted = [*features, *filter(None, (column, weight)), *beside]
    for row, (text, key, *more) in enumerate(reporter.track(table.rows(wanted), "Reading"), 1):
        cells, more = more[: len(features)], more[len(features) :]
        others = [more.pop() for _ in beside][::-1]
        counts = None if weight is None else weight_of(more.pop(), row, weight)
        if corpus.add(text, key, counts, cells):
            add_beside(corpus, others)
            named.append(more[0] if column else ("train" if options.test else None))
    told = table.sentences()
    if options.test:
        told += _read_held_out(corpus, table, options, named, reporter, data=data, rejects=rejects)
    report_rejected(table.opened.table, reporter)
    if column and not options.split_column:
        named = with_test(named, reporter)
    return Read(table, named, told)


def _read_held_out(
    corpus: Corpus,
    table: LabelRows,
    options: MultilabelOptions,
    named: list[str | None],
    reporter: Reporter,
    *,
    data: str,
    rejects: Path,
) -> list[str]:
    """Read the file of held-out rows as the other one was, and return the sentences on its labels."""
    assert options.test is not None  # for the type checker
    seen = {"text": table.opened.text} | (
        {} if table.columns else {"label": table.opened.label, "separator": table.separator}
    )
    try:
        held_out = open_labels(
            options.test,
            options.model_copy(update=seen),
            reporter,
            rejects=rejects.with_suffix(".test.rejects"),
            also=(data,),
        )
    except ColumnError as error:
        raise ColumnError(
            f"--test {options.test}: {error} It is read with the options of {data}: write both files with the same "
            "names of columns and the same delimiter."
        ) from None
    corpus.next_file()
    there = beside_in_test(corpus, options, held_out.opened.table.columns)
    features = table.opened.features
    for text, key, *cells in reporter.track(held_out.rows([*features, *there]), "Reading"):
        beside, cells = cells[: len(features)], cells[len(features) :]
        counts = None if getattr(options, "weight", None) is None else 1.0  # held-out rows are not learnt from
        if corpus.add(text, key, counts, beside):
            add_beside(corpus, [cells[there.index(name)] if name in there else None for name in corpus.beside])
            named.append("test")
    report_rejected(held_out.opened.table, reporter)
    return [f"{options.test}: {sentence}" for sentence in held_out.sentences()]


def divided(
    corpus: Corpus,
    named: list[str | None],
    options: MultilabelOptions,
    known: Sequence[str] = (),
    fold: Fold | None = None,
) -> tuple[list[str], Members, LabelledParts]:
    """Return the labels in order, which of them each row has [N, L], and the parts.

    A label that no training row has is none of the model's; rows count without it. known: labels of a model that
    training goes on with, which come first and stay. With a share of 0 to hold out, no row is. Raises LabelError where
    the labels cannot be learned, or no row is left.
    """
    if not len(corpus):
        raise LabelError("There is no row with a text and something said of its labels. Check --text and --label.")
    found = {label for key in corpus.label_names for label in from_key(key)}
    names = [*known, *class_order(found.difference(known))]
    _check_number(names, corpus)
    members = members_of(corpus, names)

    def hold_out(rows: NDArray[np.int64], share: float, seed: int, to_validate: bool) -> Members:
        return holdout_labels(members[rows], corpus.groups[rows], share, seed)

    parts = LabelledParts(**vars(divide(corpus, named, options, hold_out, members, "label", fold)))
    used = parts.train if fold is None else parts.train | parts.valid | parts.test  # all folds have the same labels
    learnt = members[used].any(axis=0) | (np.arange(len(names)) < len(known))
    others = members[parts.test | parts.valid].sum(axis=0)
    parts.unknown = {names[k]: int(others[k]) for k in np.flatnonzero(~learnt & (others > 0))}
    labels = [names[k] for k in np.flatnonzero(learnt)]
    members = np.ascontiguousarray(members[:, learnt])
    _check_learnable(labels, members[parts.train])
    if not parts.test.any() and fold is None and (options.split or options.split_column or options.test):
        why = f": {parts.leaked:,} held-out rows repeat a training text" if parts.leaked else ""
        step = " to hold out." if options.split_column or options.test else ", or a larger --split."
        raise LabelError(f"No row is left to evaluate the model on{why}. Give more rows{step}")
    if not parts.valid.any():
        raise LabelError(
            f"No row is left to validate with: there are {int(parts.train.sum()):,} training rows. "
            "Give more rows, or a larger --valid."
        )
    return labels, members, parts


def members_of(corpus: Corpus, names: list[str]) -> Members:
    """Return which of the labels each row has [N, L]."""
    index = {name: k for k, name in enumerate(names)}
    of_sets = np.zeros((len(corpus.label_names), len(names)), dtype=np.bool_)
    for row, key in enumerate(corpus.label_names):
        of_sets[row, [index[label] for label in from_key(key)]] = True
    return of_sets[corpus.labels]


def _check_number(names: list[str], corpus: Corpus) -> None:
    rows = len(corpus)
    check = "Check --label: it names the column with the labels of each text; --separator says what parts them."
    if not names:
        raise LabelError(f"No row has any label. {check}")
    if len(names) > MANY_LABELS and len(names) > rows:
        raise LabelError(
            f"There are {len(names):,} different labels in {rows:,} rows, more than one new label a row; these do not "
            f"look like labels. {check}"
        )
    if rows * len(names) > MOST_CELLS:
        raise LabelError(
            f"{len(names):,} labels of {rows:,} rows are too many: {MOST_CELLS:,} at most, rows times labels. Leave "
            "out rare labels, or use fewer rows with --rows."
        )


def _check_learnable(labels: list[str], members: Members) -> None:
    """Raise LabelError where there is nothing to tell apart. members: of the training rows."""
    if not labels or members.all():
        which = f" (all have {listed(labels)})" if labels else ""
        raise LabelError(
            f"The training rows all have the same labels{which}, so there is nothing to learn. A label is learnt from "
            "rows with it and rows without it; an empty cell is a text without labels."
        )
