"""Which series train, validate and are held out: whole groups where there are some, and a share of each label."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from recurra.data.split import holdout, leaked_rows
from recurra.errors import LabelError, brief
from recurra.tasks.series.options import SeriesOptions
from recurra.training.split import (
    Parts,
    file_in_words,
    numbered,
    share_in_words,
    validation_share,
    whole_groups,
)

Integers = NDArray[np.int64]


def divide(
    strata: Integers, digests: Sequence[bytes], groups: Sequence[object] | None, first: int, options: SeriesOptions
) -> Parts:
    """Return the division of N series.

    strata: [N], the label of each, or equal numbers where there are none. digests: of each, equal for equal series,
    none of which are on both sides. groups: what each is of, None where none were named. first: how many are of DATA;
    those after them are of --test. Raises LabelError where a part would be empty.
    """
    of_value = numbered(digests)
    of_group = of_value if groups is None else numbered(groups)
    here = np.arange(len(strata)) < first
    if options.test:
        test = ~here
        how = file_in_words(options.test)
        if groups is not None and (shared := set(of_group[here].tolist()) & set(of_group[test].tolist())):
            how += f"; {len(shared):,} of its groups are in training too"
    else:
        test = holdout(strata, of_group, options.split, options.seed, each_class=True)
        if groups is not None and not test.any():
            test = whole_groups(of_group, options.split, options.seed)
        by = "label" if len(np.unique(strata)) > 1 else ""
        if groups is None:
            how = share_in_words(options.split, "series", "equal series", options.seed, strata=by)
        else:
            count, every = len(set(of_group[test].tolist())), len(set(of_group.tolist()))
            how = f"{count:,} of {every:,} groups held out, {test.mean():.0%} of the series, seed {options.seed}"
    repeats = test & leaked_rows(of_value[~test], of_value)
    test &= ~repeats
    if repeats.any():
        how += f"; {repeats.sum():,} more left out, which are in training too"
    learnt = np.flatnonzero(here & ~test & ~repeats)
    if not test.any() and repeats.any():
        raise LabelError(
            f"All {repeats.sum():,} series to evaluate on are in training too. Hold out series that are not, with "
            "another file for --test, or with --split in its place."
        )
    if not test.any() and groups is not None and len(set(of_group.tolist())) == 1:
        raise LabelError(
            f"All series are of one group, {brief(groups[0])}: none can be held out. Check --group, or give series of "
            "other groups with --test."
        )
    if not test.any():
        raise LabelError(
            "There is no series to evaluate on. Give more series (of several groups, where they have some), a larger "
            "--split, or another file with --test."
        )
    valid = np.zeros(len(strata), dtype=bool)
    share = validation_share(options.valid, len(learnt))
    for each_class in (False, True):
        for chosen in (of_group, of_value):
            if len(learnt) > 1 and not valid.any():
                held = holdout(strata[learnt], chosen[learnt], share, options.seed + 1, each_class=each_class)
                valid[learnt[held]] = True
    if len(learnt) > 1 and not valid.any():
        valid[_spare(strata, learnt)] = True
    train = np.isin(np.arange(len(strata)), learnt) & ~valid
    if not train.any():
        raise LabelError("There is no series left to learn from. Give more series, or a smaller --split.")
    return Parts(train, valid, test, how, int(repeats.sum()))


def _spare(strata: Integers, learnt: Integers) -> int:
    """Return the row to validate with of a few: the last one of the commonest label."""
    values, counts = np.unique(strata[learnt], return_counts=True)
    return int(learnt[strata[learnt] == values[counts.argmax()]][-1])
