"""From a table to training, validation and held-out rows with their numbers."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from recurra.data.number_cells import NumberColumn
from recurra.data.split import holdout
from recurra.errors import DataError
from recurra.evaluation.metric import Floats
from recurra.many_to_one.columns import TARGET
from recurra.many_to_one.corpus import Corpus
from recurra.many_to_one.learn.division import divide
from recurra.many_to_one.learn.rows import read_rows
from recurra.many_to_one.reading import Opened
from recurra.tasks.regress.options import RegressOptions
from recurra.terminal.progress import Reporter
from recurra.training.split import Fold, Parts

STRATA = 10
"""Parts of equal size, from the least to the largest number, of each of which the same share is held out."""


def read_numbers(
    corpus: Corpus, data: str, options: RegressOptions, reporter: Reporter, *, rejects: Path
) -> tuple[Opened, list[str | None], NumberColumn]:
    """Read every row into the corpus, its number as text.

    Returns the table, for each usable row the part that the data name, and the counts of the column. Raises DataError
    for a cell that holds no number.
    """
    columns: list[NumberColumn] = []

    def number(cell: str | None, row: int, name: str) -> str | None:
        if not columns:
            columns.append(NumberColumn(name))
        value = columns[0].read(cell, row)
        return None if value is None else repr(value)

    opened, named = read_rows(corpus, data, options, reporter, rejects=rejects, answer=TARGET, read=number)
    return opened, named, columns[0] if columns else NumberColumn(opened.label or "")


def numbers_of(corpus: Corpus) -> Floats:
    """Return the number of each row [N] of a sealed corpus."""
    return np.array([float(name) for name in corpus.label_names], dtype=np.float64)[corpus.labels]


def divided(
    corpus: Corpus, targets: Floats, named: list[str | None], options: RegressOptions, fold: Fold | None = None
) -> Parts:
    """Return the parts. targets: [N]; named: the part that the data name for each row.

    Raises DataError where there is nothing to learn or no row is left, OptionError for a part that is none.
    """
    if not len(corpus):
        raise DataError("There is no row with both a text and a finite number. Check --text and --target.")

    def hold_out(rows: NDArray[np.int64], share: float, seed: int, to_validate: bool) -> NDArray[np.bool_]:
        return held_out(targets[rows], corpus.groups[rows], share, seed)

    parts = divide(corpus, named, options, hold_out, strata_of(targets, STRATA), "number", fold)
    learnt = targets[parts.train]
    if not len(learnt) or learnt.min() == learnt.max():
        only = f"all of them have the number {learnt[0]:g}" if len(learnt) else "there is none"
        raise DataError(
            f"Nothing can be learnt from the {len(learnt):,} training rows: {only}. Check --target, or give more rows."
        )
    for part, name, option in (
        (parts.test, "evaluate the model on", "--split"),
        (parts.valid, "validate with", "--valid"),
    ):
        if not part.any() and not (part is parts.test and fold is not None):
            raise DataError(
                f"No row is left to {name}: there are {len(learnt):,} training rows with "
                f"{len(np.unique(corpus.groups)):,} texts, and rows of one text stay together. Give more rows, or a "
                f"larger {option}."
            )
    return parts


def held_out(targets: Floats, groups: NDArray[np.int64], share: float, seed: int) -> NDArray[np.bool_]:
    """Return which of N rows are held out: the same share of small, middling and large numbers, repeats together."""
    return holdout(strata_of(targets, max(1, min(STRATA, int(share * len(targets))))), groups, share, seed)


def strata_of(targets: Floats, count: int) -> NDArray[np.int64]:
    """Return which of `count` parts of about equal size each number [N] is in, from the least on."""
    edges = np.unique(np.quantile(targets, np.arange(1, count) / count, method="lower"))
    return np.searchsorted(edges, targets, side="left").astype(np.int64)
