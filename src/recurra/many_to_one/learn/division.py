"""Which rows train, validate and are held out, for every task that learns from rows of a table: as the data name them,
by a share of the rows, by whole groups of them, or by time."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from recurra.data.fold_split import fold_numbers
from recurra.errors import OptionError
from recurra.many_to_one.corpus import Corpus
from recurra.many_to_one.learn.by_time import RowTimes
from recurra.many_to_one.learn.defaults import valid_share
from recurra.many_to_one.learn.row_groups import RowGroups
from recurra.many_to_one.learn.rows import parts_as_named
from recurra.training.split import Fold, Mask, Parts, draw, share_in_words

Rows = NDArray[np.int64]
ALL_TRAIN = "no row held out: all train, apart from those that validate"
HoldOut = Callable[[Rows, float, int, bool], Mask]
"""From row numbers, a share, a seed, and whether it is to validate with, to which of these rows are held out."""


def divide(
    corpus: Corpus,
    named_parts: list[str | None],
    options: Any,
    hold_out: HoldOut,
    strata: NDArray[Any],
    by: str,
    fold: Fold | None = None,
) -> Parts:
    """Return the parts of the rows of a sealed corpus; with a share of 0 to hold out, none is.

    named_parts: [N], the part that the data name for each, where they do. options: those of `RowOptions` and of the
    model. hold_out: draws rows where there are no groups, texts whole on one side. strata: int [N] or bool [N, L], what
    parts of whole groups are to have the same share of; by: what that is, in words. fold: that is held
    out, of all rows.
    """
    groups, times = RowGroups.of(corpus, options.group), RowTimes.of(corpus, options.split_by_time)
    nothing = np.zeros(len(corpus), dtype=np.bool_)
    named = options.split_column or options.test or any(part is not None for part in named_parts)
    if fold is not None and named:
        raise OptionError(
            "--folds holds out every row once, and these data name their held-out rows. Leave --folds out, or give the "
            "rows in one file without such a column."
        )
    if fold is not None:
        rows = draw(np.arange(len(corpus)), options.rows, options.seed)
        parts = _fold(corpus, rows, fold, options.seed, groups, strata, by)
    elif times is not None:
        rows = draw(np.arange(len(corpus)), options.rows, options.seed)
        left = round((1 - options.split) * len(rows))
        parts = times.parts(corpus, rows, options.split, valid_share(options, left), groups)
    elif named:
        parts = parts_as_named(corpus, named_parts, options, options.seed)
        parts.how = "; ".join([parts.how, *(groups.overlap(parts) if groups else [])])
    else:
        rows = draw(np.arange(len(corpus)), options.rows, options.seed)
        train = nothing.copy()
        train[rows] = True
        parts = Parts(train, nothing.copy(), nothing.copy(), ALL_TRAIN, 0)
        if groups is not None:
            groups.check(rows)
        if options.split and groups is not None:
            parts.test[rows[groups.held_out(rows, strata, options.split, options.seed, 2)]] = True
            parts.how = groups.in_words(parts, options.split, by, options.seed)
        elif options.split:
            parts.test[rows[hold_out(rows, options.split, options.seed, False)]] = True
            parts.how = share_in_words(options.split, "rows", "repeats", options.seed, strata=by)
        parts.train &= ~parts.test
    if not parts.valid.any() and times is None:
        rows = np.flatnonzero(parts.train)
        share = valid_share(options, len(rows))
        if groups is None:
            held = hold_out(rows, share, options.seed + 1, True)
        else:
            held = groups.held_out(rows, strata, share, options.seed + 1, 1)
        parts.valid[rows[held]] = True
        parts.train[rows[held]] = False
    if groups is not None:
        parts.more["group"] = groups.facts(parts)
    return parts


def _fold(
    corpus: Corpus,
    rows: Rows,
    fold: Fold,
    seed: int,
    groups: RowGroups | None,
    strata: NDArray[Any],
    by: str,
) -> Parts:
    """Return the parts where one fold of some rows is held out, and the others train."""
    together = corpus.groups if groups is None else groups.together
    if (apart := len(np.unique(together[rows]))) <= fold.of:
        raise OptionError(
            f"--folds {fold.of}: the rows are of {apart:,} texts or groups that may lie on different sides, and there "
            "must be more of them than folds. Give fewer folds, or more rows."
        )

    test = np.zeros(len(corpus), dtype=np.bool_)
    if fold.holds_out:
        test[rows[fold_numbers(strata[rows], together[rows], fold.of, seed) == fold.number]] = True
    train = np.zeros(len(corpus), dtype=np.bool_)
    train[rows] = True
    how = fold.in_words(by, seed)
    if groups is not None:
        how = "; ".join(
            [how.replace("repeats", f"groups of {groups.column.name!r} and repeats"), *groups.oddities(train)]
        )
    return Parts(train & ~test, np.zeros(len(corpus), dtype=np.bool_), test, how, 0)
