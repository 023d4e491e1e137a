"""From a table to training, validation and held-out rows: what `train` and `compare` do first."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from recurra.data.split import holdout, leaked_rows
from recurra.data.tables.rejects import report_rejected
from recurra.data.tables.table import listed
from recurra.errors import LabelError, OptionError, did_you_mean
from recurra.tasks.classify.corpus import Corpus
from recurra.tasks.classify.labels import class_order
from recurra.tasks.classify.options import ClassifyOptions
from recurra.tasks.classify.reading import Opened, open_data
from recurra.terminal.progress import Reporter
from recurra.training.split import Parts, draw, file_in_words, share_in_words, validation_share

PART_NAMES = {
    "train": "train", "training": "train",
    "valid": "valid", "validation": "valid", "val": "valid", "dev": "valid",
    "test": "test", "testing": "test", "heldout": "test", "held-out": "test",
}  # fmt: skip


def read_rows(
    corpus: Corpus, data: str, options: ClassifyOptions, reporter: Reporter, *, rejects: Path
) -> tuple[Opened, list[str | None]]:
    """Read every row into the corpus. Returns the table and, for each usable row, the part that the data name."""
    opened = open_data(data, options, reporter, rejects=rejects)
    column, columns = options.split_column, opened.table.columns
    if column and column not in columns:
        raise OptionError(
            f"--split-column {column}: there is no such column.{did_you_mean(column, columns)} "
            f"Columns found: {listed(columns)}."
        )
    named_parts: list[str | None] = []
    for text, label, *part in reporter.track(opened.rows([column] if column else []), "Reading"):
        if corpus.add(text, label):
            named_parts.append(part[0] if part else ("train" if options.test else None))
    if options.test:
        held_out = open_data(
            options.test,
            options.model_copy(update={"text": opened.text, "label": opened.label}),
            reporter,
            rejects=rejects.with_suffix(".test.rejects"),
        )
        corpus.next_file()
        for text, label in reporter.track(held_out.rows(), "Reading"):
            if corpus.add(text, label):
                named_parts.append("test")
        report_rejected(held_out.table, reporter)
    report_rejected(opened.table, reporter)
    return opened, named_parts


def divided(
    corpus: Corpus, named_parts: list[str | None], options: ClassifyOptions
) -> tuple[list[str], NDArray[np.int64], Parts]:
    """Return the labels in order, each row's target (-1 for a label that no training row has), and the parts."""
    if not len(corpus):
        raise LabelError("There is no row with both a text and a label. Check --text and --label.")
    if options.split_column or options.test:
        parts = _parts_as_named(corpus, named_parts, options)
    else:
        rows = draw(np.arange(len(corpus)), options.rows, options.seed)
        test = np.zeros(len(corpus), dtype=bool)
        test[rows[_held_out(corpus, rows, options.split, options.seed)]] = True
        how = share_in_words(options.split, "rows", "repeats", options.seed, strata="label")
        train = np.zeros(len(corpus), dtype=bool)
        train[rows] = True
        parts = Parts(train & ~test, np.zeros(len(corpus), dtype=bool), test, how, leaked=0)
    if not parts.valid.any():
        rows = np.flatnonzero(parts.train)
        share = validation_share(options.valid, len(rows))
        validation = rows[_held_out(corpus, rows, share, options.seed + 1)]
        parts.valid[validation] = True
        parts.train[validation] = False
    names = [corpus.label_names[i] for i in np.unique(corpus.labels[parts.train | parts.valid])]
    labels = class_order(names)
    if len(labels) < 2:
        raise LabelError(
            f"The training rows have {len(labels)} label{'s'[: len(labels) != 1]}"
            f"{' (' + listed(labels) + ')' if labels else ''}; learning needs at least two. Check --label."
        )
    if len(labels) > max(50, len(corpus) // 5):
        raise LabelError(
            f"The label column has {len(labels):,} different values in {len(corpus):,} rows; these do not look like "
            "classes. Check --label."
        )
    index = {label: i for i, label in enumerate(labels)}
    to_target = np.array([index.get(name, -1) for name in corpus.label_names], dtype=np.int64)
    targets = to_target[corpus.labels]
    unknown = parts.test & (targets < 0)
    if unknown.any():
        parts.test &= ~unknown
        parts.how += f"; {int(unknown.sum()):,} held-out rows left out, since no training row has their label"
    if not parts.test.any():
        why = f": {parts.leaked:,} held-out rows repeat a training text" if parts.leaked else ""
        raise LabelError(
            f"No row is left to evaluate the model on{why}. Give more rows"
            + (", or a larger --split." if not (options.split_column or options.test) else " to hold out.")
            + _together(corpus)
        )
    if not parts.valid.any():
        raise LabelError(
            f"No row is left to validate with: there are {int(parts.train.sum()):,} training rows. "
            f"Give more rows, or a larger --valid.{_together(corpus)}"
        )
    return labels, targets, parts


def _held_out(corpus: Corpus, rows: NDArray[np.int64], share: float, seed: int) -> NDArray[np.bool_]:
    """Return which of `rows` to hold out. It depends on these rows alone: not even on the order in which the labels
    of other rows appear."""
    here = np.unique(corpus.labels[rows])
    rank = np.zeros(len(corpus.label_names), dtype=np.int64)
    order = class_order(corpus.label_names[i] for i in here)
    for i in here:
        rank[i] = order.index(corpus.label_names[i])
    return holdout(rank[corpus.labels[rows]], corpus.groups[rows], share, seed)


def _together(corpus: Corpus) -> str:
    """Return a sentence on rows of the same text staying together, where that may be the reason."""
    texts = len(np.unique(corpus.groups))
    return (
        f" (Rows that repeat a text stay on one side, and there are only {texts:,} texts.)"
        if texts < len(corpus)
        else ""
    )


def _parts_as_named(corpus: Corpus, named_parts: list[str | None], options: ClassifyOptions) -> Parts:
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
    return Parts(train, valid, test, how, leaked)
