"""Which pairs train, validate and test, for the tasks that write an answer to a text."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
from numpy.typing import NDArray

from recurra.data.split import holdout, leaked_rows
from recurra.errors import DataError
from recurra.seq2seq.options import Seq2SeqOptions
from recurra.training.split import Parts, draw, file_in_words, share_in_words, validation_share


def divide(
    groups: NDArray[np.int64], held_out: int, options: Seq2SeqOptions, what: str, *, holds_out: bool = True
) -> Parts:
    """Return the parts of N pairs, of which the last `held_out` come from --test.

    groups: [N]; pairs of one group stay on one side. what: what a group is, in words: "repeats", "dialogues".
    holds_out: False where none is to be held out.
    Raises DataError where a part is left without a pair.
    """
    rows = np.arange(len(groups))
    alike = np.zeros(len(groups), dtype=np.int64)
    if options.test is not None:
        train, test = rows[: len(rows) - held_out], rows[len(rows) - held_out :]
        how = file_in_words(options.test)
    elif not holds_out:
        train, test, how = rows, rows[:0], "no pair is held out"
    else:
        chosen = holdout(alike, groups, options.split, options.seed)
        train, test = rows[~chosen], rows[chosen]
        how = share_in_words(options.split, "pairs", what, options.seed)
    train = draw(train, options.rows, options.seed)
    repeated = leaked_rows(groups[train], groups[test])
    leaked = int(repeated.sum())
    test = test[~repeated]
    if leaked:
        how += f"; {leaked:,} held-out pairs that training has seen are not counted"
    validation = holdout(alike[train], groups[train], validation_share(options.valid, len(train)), options.seed + 1)
    parts = (train[~validation], train[validation], test)
    for part, purpose, option in zip(
        parts,
        ("train on", "validate with", "evaluate the model on"),
        ("", ", or a larger --valid", ", or a larger --split" if options.test is None else " in --test"),
        strict=True,
    ):
        if not len(part) and (holds_out or part is not test):
            why = f" {leaked:,} held-out pairs repeat one in training." if leaked and part is test else ""
            raise DataError(
                f"No pair is left to {purpose}: there are {len(groups):,} in all.{why} Give more pairs{option}."
            )
    train_mask, valid_mask, test_mask = (np.isin(rows, part) for part in parts)
    return Parts(train_mask, valid_mask, test_mask, how, leaked)


def short_enough(rows: NDArray[np.int64], lengths: Iterable[NDArray[np.int64]], most: int) -> NDArray[np.int64]:
    """Return those of `rows` of which no side is longer than `most` pieces. lengths: [N] of each side."""
    fits = np.ones(len(rows), dtype=bool)
    for side in lengths:
        fits &= side[rows] <= most
    return rows[fits]
