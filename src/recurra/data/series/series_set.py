"""What every reader of series returns: named channels, and one matrix of frames for each series."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from recurra.errors import DataError, ReadError, brief

CHANNEL = "channel"
"""What channels without names are called, with their number from 0: as columns without a header are."""


@dataclass(frozen=True)
class SeriesSet:
    """Series of numbers that have the same channels.

    channels: their names, C of them. ids: the name of each series, N of them, each once.
    values: [T_n, C] for each series, float32, NaN where a value is missing; T_n >= 1.
    columns: constants of the series by name, N of each. notes: what was found in the file, a sentence each.
    """

    channels: tuple[str, ...]
    ids: list[str]
    values: list[NDArray[np.float32]]
    columns: dict[str, list[Any]]
    notes: list[str]

    @property
    def known(self) -> NDArray[np.bool_]:
        """[N]: whether a series has a value at all; where it has none, all of them are missing."""
        return np.array([not np.isnan(values).all() for values in self.values])


def collected(
    path: Path,
    channels: Sequence[str],
    ids: Sequence[str],
    values: Sequence[NDArray[np.float64]],
    columns: Mapping[str, list[Any]],
    notes: Sequence[str] = (),
) -> SeriesSet:
    """Return series as a SeriesSet, missing values counted in its notes. values: [T_n, C] for each, NaN where missing.

    Raises DataError for an infinite value or one too large for 32 bits, ReadError for a file without series or frames.
    """
    if not values:
        raise ReadError(f"{path} has no series.")
    lengths = np.array([len(one) for one in values])
    if not lengths.all():
        raise ReadError(f"{path}: series {brief(ids[int(lengths.argmin())])} has no frames; each needs at least one.")
    frames = np.concatenate(values)
    with np.errstate(over="ignore"):
        narrow = frames.astype(np.float32)
    if np.isinf(narrow).any():
        row, channel = np.argwhere(np.isinf(narrow))[0]
        series = int(np.searchsorted(lengths.cumsum(), row, side="right"))
        step = int(row - lengths[:series].sum())
        raise DataError(
            f"{path}: series {brief(ids[series])}, frame {step + 1:,}, channel {brief(channels[channel])}: "
            f"{frames[row, channel]:g} is not a finite 32-bit number; leave the value empty if it is missing."
        )
    missing = np.isnan(narrow).sum(axis=0)
    said = [
        f"Channel {brief(name)}: {count:,} of {len(narrow):,} values are missing."
        for name, count in zip(channels, missing.tolist(), strict=True)
        if count
    ]
    return SeriesSet(
        tuple(channels), list(ids), np.split(narrow, lengths.cumsum()[:-1]), dict(columns), [*notes, *said]
    )


def channel_names(count: int) -> tuple[str, ...]:
    """Return the names of channels that have none: channel0, channel1 ..."""
    return tuple(f"{CHANNEL}{number}" for number in range(count))
