"""From a table to training, validation and held-out rows: what `train` and `compare` do first."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from recurra.data.label_order import class_order, stated_order
from recurra.data.label_spelling import unknown_sentence
from recurra.data.split import holdout
from recurra.data.tables.table import listed
from recurra.errors import LabelError
from recurra.many_to_one.corpus import Corpus
from recurra.many_to_one.learn import rows as shared_rows
from recurra.many_to_one.learn.division import divide
from recurra.many_to_one.reading import Opened
from recurra.tasks.classify.label_findings import FEW_ROWS_A_CLASS, MANY_CLASSES, quantity
from recurra.tasks.classify.options import ClassifyOptions
from recurra.terminal.progress import Reporter
from recurra.training.split import Fold, Parts

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
    return shared_rows.read_rows(corpus, data, options, reporter, rejects=rejects, also=options.unlabelled)


def divided(
    corpus: Corpus,
    named_parts: list[str | None],
    options: ClassifyOptions,
    known: Sequence[str] = (),
    fold: Fold | None = None,
) -> tuple[list[str], NDArray[np.int64], LabelledParts]:
    """Return the labels in order, each row's target (-1 for a label that no training row has), and the parts.

    known: labels of a model that training goes on with, which come first. With a share of 0 to hold out, no row is.
    Raises LabelError where the labels cannot be learned, or no row is left.
    """
    if not len(corpus):
        raise LabelError("There is no row with both a text and a label. Check --text and --label.")
    hold_out = partial(_held_out, corpus)
    parts = LabelledParts(**vars(divide(corpus, named_parts, options, hold_out, corpus.labels, "label", fold)))
    if fold is not None and not known:  # all folds have the labels of the model of all rows
        used = np.unique(corpus.labels[parts.train | parts.valid | parts.test])
        every = [corpus.label_names[i] for i in used]
        known = stated_order(every, options.order) if getattr(options, "ordered", False) else class_order(every)
    names = [corpus.label_names[i] for i in np.unique(corpus.labels[parts.train])]
    ordered = getattr(options, "ordered", False)  # cells are compared without
    further = [name for name in names if name not in known]
    if known and ordered and further:
        raise LabelError(
            f"The new rows have labels that the model to go on with lacks ({listed(further)}), and of classes in an "
            "order none can be added: where it belongs among them is learnt with them. Train a new model on all rows."
        )
    if known:
        labels = [*known, *class_order(further)]
    else:
        labels = stated_order(names, options.order) if ordered else class_order(names)
    if known and len(names) < 2:
        raise LabelError(
            f"The new training rows have {'the label ' + repr(names[0]) + ' alone' if names else 'no label'}, and a "
            "model would learn from them to answer nothing else. Give rows of two labels at least."
        )
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
    if not parts.test.any() and fold is None and (options.split or options.split_column or options.test):
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


def _held_out(corpus: Corpus, rows: NDArray[np.int64], share: float, seed: int, to_validate: bool) -> NDArray[np.bool_]:
    """Return which of `rows` to hold out. It depends on these rows alone: not even on the order in which the labels
    of other rows appear. Where there are enough, each class gives one to evaluate on; to validate with, where each is
    too small to give a share of its rows."""
    here = np.unique(corpus.labels[rows])
    rank = np.zeros(len(corpus.label_names), dtype=np.int64)
    order = class_order(corpus.label_names[i] for i in here)
    for i in here:
        rank[i] = order.index(corpus.label_names[i])
    strata, groups = rank[corpus.labels[rows]], corpus.groups[rows]
    held = holdout(strata, groups, share, seed, each_class=not to_validate)
    if to_validate and not held.any() and share * len(rows) >= FEWEST_VALID:
        held = holdout(strata, groups, share, seed, each_class=True)
    return held


def _together(corpus: Corpus) -> str:
    """Return a sentence on rows of the same text staying together, where that may be the reason."""
    texts = len(np.unique(corpus.groups))
    return (
        f" (Rows that repeat a text stay on one side, and there are only {texts:,} texts.)"
        if texts < len(corpus)
        else ""
    )
