"""What is done with missing values: a mask beside them, the last known value, or nothing is accepted."""

from __future__ import annotations

from collections.abc import Sequence
from typing import get_args

import numpy as np
from numpy.typing import NDArray

from recurra.data.series.series_set import channel_names
from recurra.errors import DataError, OptionError, brief
from recurra.options.series import Missing


def fill(
    values: NDArray[np.float32],
    how: Missing,
    fill: NDArray[np.float32],
    *,
    series: str | None = None,
    channels: Sequence[str] | None = None,
) -> NDArray[np.float32]:
    """Return a series without NaN: [T, C]; the given array is left as it is.

    values: [T, C], NaN where missing. fill: [C], what a missing value is under `mask`, such as the mean in training.
    Under `forward-fill` it is the last known value of its channel, before the first the first, and `fill` where the
    channel has none. series, channels: their names, for a message. Raises DataError for a missing value under `refuse`,
    OptionError for another `how`.
    """
    if how not in get_args(Missing):
        raise OptionError(f"Missing values cannot be handled by {how!r}: it is one of {', '.join(get_args(Missing))}.")
    missing = np.isnan(values)
    if not missing.any():
        return values
    if how == "refuse":
        counts = missing.sum(axis=0)
        channel = int(np.flatnonzero(counts)[0])
        name = (channels or channel_names(values.shape[1]))[channel]
        whose = "A series" if series is None else f"Series {brief(series)}"
        count = "1 missing value" if counts[channel] == 1 else f"{counts[channel]:,} missing values"
        raise DataError(
            f"{whose} has {count} of {len(values):,} in channel {brief(name)}; choose --missing mask or --missing "
            "forward-fill, or fill them in the data."
        )
    filled = np.broadcast_to(fill.astype(np.float32), values.shape)
    if how == "mask":
        return np.where(missing, filled, values)
    steps = np.where(missing, -1, np.arange(len(values))[:, None])
    last = np.maximum.accumulate(steps, axis=0)
    first = np.argmin(missing, axis=0)
    source = np.where(last < 0, first, last)
    known = np.take_along_axis(values, source, axis=0)
    return np.where(missing.all(axis=0), filled, known)


def masks(values: NDArray[np.float32], channels: Sequence[int]) -> NDArray[np.float32]:
    """Return 1 where a value is missing, else 0: [T, M]. values: [T, C]; channels: the M of the C to be masked."""
    return np.isnan(values[:, list(channels)]).astype(np.float32)
