"""Which pairs train, steer and judge, for the tasks that write an answer to a text."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from recurra.data.split import holdout, leaked_rows
from recurra.errors import DataError
from recurra.options.everything import MAX_VALID_ROWS, PairOptions


@dataclass
class PairParts:
    """The numbers of the pairs that train, steer and judge, each in order; `how` says it in words.

    leaked: held-out pairs that were left out since training has their group.
    """

    train: NDArray[np.int64]
    valid: NDArray[np.int64]
    test: NDArray[np.int64]
    how: str
    leaked: int = 0

    def counts(self) -> dict[str, object]:
        """Return what metrics.json says of the division."""
        return {
            "how": self.how,
            "train": len(self.train),
            "valid": len(self.valid),
            "test": len(self.test),
            "left_out_of_test_as_repeats": self.leaked,
        }

    def digest_bytes(self) -> bytes:
        """Return bytes that tell one division from another."""
        return b"|".join(np.ascontiguousarray(part).tobytes() for part in (self.train, self.valid, self.test))


def divide(groups: NDArray[np.int64], held_out: int, options: PairOptions, what: str) -> PairParts:
    """Return the parts of N pairs, of which the last `held_out` come from --test.

    groups: [N]; pairs of one group stay on one side. what: what a group is, in words: "repeats", "dialogues".
    Raises DataError where a part is left without a pair.
    """
    rows = np.arange(len(groups))
    if options.test is not None:
        train, test = rows[: len(rows) - held_out], rows[len(rows) - held_out :]
        how = f"held out: {options.test}"
    else:
        chosen = holdout(np.zeros(len(rows), dtype=np.int64), groups, options.split, options.seed)
        train, test = rows[~chosen], rows[chosen]
        how = f"{options.split * 100:.3g}% of the pairs held out, {what} kept on one side, seed {options.seed}"
    if options.rows is not None and options.rows < len(train):
        train = np.sort(np.random.default_rng(options.seed).choice(train, options.rows, replace=False))
    repeated = leaked_rows(groups[train], groups[test])
    leaked = int(repeated.sum())
    test = test[~repeated]
    if leaked:
        how += f"; {leaked:,} held-out pairs that training has seen are not counted"
    share = min(options.valid, MAX_VALID_ROWS / max(1, len(train)))
    steering = holdout(np.zeros(len(train), dtype=np.int64), groups[train], share, options.seed + 1)
    parts = PairParts(train[~steering], train[steering], test, how, leaked)
    for part, name, option in (
        (parts.train, "train on", ""),
        (parts.valid, "steer training by", ", or a larger --valid"),
        (parts.test, "judge the model on", ", or a larger --split" if options.test is None else " in --test"),
    ):
        if not len(part):
            why = f" {leaked:,} held-out pairs repeat one in training." if leaked and name.startswith("judge") else ""
            raise DataError(
                f"No pair is left to {name}: there are {len(groups):,} in all.{why} Give more pairs{option}."
            )
    return parts


def short_enough(rows: NDArray[np.int64], lengths: Iterable[NDArray[np.int64]], most: int) -> NDArray[np.int64]:
    """Return those of `rows` of which no side is longer than `most` pieces. lengths: [N] of each side."""
    fits = np.ones(len(rows), dtype=bool)
    for side in lengths:
        fits &= side[rows] <= most
    return rows[fits]
