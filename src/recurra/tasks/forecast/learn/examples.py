"""Windows of series as the network takes them, and the errors of the anchor that are to be learnt."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from recurra.tasks.forecast.anchor import Anchor
from recurra.tasks.forecast.history import History
from recurra.tasks.forecast.inputs import ForecastInputs
from recurra.tasks.forecast.learn.network import Windows
from recurra.tasks.forecast.shape import ForecastShape
from recurra.tasks.forecast.windows import window

FARTHEST = 6.0
"""Errors of the anchor that are larger, in units of its spread, are learnt as if they were so large."""

Floats = NDArray[np.float32]


class Examples:
    """N windows. frames: [N, K, ..]; known: [N, J, ..]: see `windows.Window`; targets: [N, H], the error of the anchor
    in units of its spread, NaN where it is not known; series: [N], the number of each one's series; ages: [N], the
    steps from it to the end of what may be seen of its series."""

    def __init__(
        self,
        shape: ForecastShape,
        frames: Floats,
        known: Floats,
        targets: Floats,
        series: NDArray[np.int64],
        ages: NDArray[np.int64],
    ) -> None:
        self.shape, self.frames, self.known, self.targets = shape, frames, known, targets
        self.series, self.ages = series, ages

    def __len__(self) -> int:
        return len(self.frames)

    def batches(self, size: int, rng: np.random.Generator) -> list[NDArray[np.int64]]:
        """Return the batches of one epoch, as many as hold all windows once.

        They are drawn: a series of four times as many windows is drawn twice as often. Without covariates half of
        them are upside down, and have negative numbers: see `batch`.
        """
        share = 1 / np.sqrt(np.bincount(self.series)[self.series])
        rows = rng.choice(len(self), len(self), p=share / share.sum())
        if not (self.shape.past or self.shape.future or self.shape.static):
            rows = np.where(rng.random(len(rows)) < 0.5, rows, ~rows)
        return [rows[start : start + size] for start in range(0, len(rows), size)]

    def batch(self, rows: NDArray[np.int64], device: torch.device | str = "cpu") -> tuple[Windows, Tensor]:
        """Return (windows, targets [B, H]) to learn from: no target is larger than FARTHEST. A window whose number is
        ~row is upside down, and its target as well."""
        places = np.where(rows < 0, ~rows, rows)
        sign = np.where(rows < 0, -1, 1).astype(np.float32)
        frames, known, shape = self.frames[places], self.known[places], self.shape
        by_step = frames.reshape(
            len(rows), shape.segments, shape.segment, shape.channels
        )  # of copies, which indexing made
        by_step[..., :2] *= sign[:, None, None, None]
        known[:, :, : shape.segment * (1 + shape.future) : 1 + shape.future] *= sign[:, None, None]
        windows = Windows(torch.from_numpy(frames).to(device), torch.from_numpy(known).to(device))
        targets = np.clip(self.targets[places] * sign[:, None], -FARTHEST, FARTHEST)
        return windows, torch.from_numpy(targets).to(device)

    def only(self, rows: NDArray[np.bool_]) -> Examples:
        """Return some of them. rows: [N], which."""
        return Examples(
            self.shape,
            self.frames[rows],
            self.known[rows],
            self.targets[rows],
            self.series[rows],
            self.ages[rows],
        )

    def windows(self, rows: slice, device: torch.device | str = "cpu") -> Windows:
        """Return some windows as they are."""
        return Windows(torch.from_numpy(self.frames[rows]).to(device), torch.from_numpy(self.known[rows]).to(device))


def some_steps(steps: Sequence[range], most: int, seed: int) -> list[Sequence[int]]:
    """Return at most so many of the steps of all series, drawn at random where there are more, in their order."""
    ends = np.cumsum([len(one) for one in steps], dtype=np.int64)
    if not len(ends) or ends[-1] <= most:
        return list(steps)
    chosen = np.sort(np.random.default_rng(seed).choice(int(ends[-1]), most, replace=False))
    parts = np.split(chosen, np.searchsorted(chosen, ends[:-1]))
    starts = ends - [len(one) for one in steps]
    return [(part - start + one.start).tolist() for part, start, one in zip(parts, starts, steps, strict=True)]


def examples(
    anchors: Sequence[Anchor],
    histories: Sequence[History],
    steps: Sequence[Sequence[int]],
    ends: Sequence[int],
    inputs: ForecastInputs,
    shape: ForecastShape,
) -> Examples:
    """Return the windows after the given steps of each series whose horizon has a known value before its end.

    ends: the step from which on nothing of a series may be seen.
    """
    frames, known, targets, series, ages = [], [], [], [], []
    for number, (anchor, history, chosen, end) in enumerate(zip(anchors, histories, steps, ends, strict=True)):
        for step in chosen:
            target = np.full(shape.horizon, np.nan)
            seen = anchor.values[step + 1 : min(end, step + 1 + shape.horizon)]
            target[: len(seen)] = seen
            if not np.isfinite(target).any():
                continue
            error = (target - anchor.middle[step]) / anchor.spread[step]
            read = window(anchor, history, step, inputs, shape)
            frames.append(read.frames)
            known.append(read.known)
            targets.append(error)
            series.append(number)
            ages.append(end - 1 - step)
    count = len(frames)
    return Examples(
        shape,
        np.array(frames, dtype=np.float32).reshape(count, shape.segments, shape.inputs),
        np.array(known, dtype=np.float32).reshape(count, shape.ahead, shape.known),
        np.array(targets, dtype=np.float32).reshape(count, shape.horizon),
        np.array(series, dtype=np.int64),
        np.array(ages, dtype=np.int64),
    )
