"""The order in which a recurrence reads a ragged batch: longest rows first, so that no step meets padding.

Sorted by length, the rows that have a step t are the first `active[t]`; the kernel computes these and no others, and
stores its states step after step without gaps ("packed", as in torch's PackedSequence): N real steps in all.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True)
class Part:
    """Some rows of a batch, longest first.

    row: [R] int32, their numbers in the batch; length: [R] int32; active: [T'] int32, rows that have each step;
    offset: [T' + 1] int64, where each step begins among this part's packed steps; begin: where the part begins among
    all packed steps.
    """

    row: NDArray[np.int32]
    length: NDArray[np.int32]
    active: NDArray[np.int32]
    offset: NDArray[np.int64]
    begin: int


@dataclass(frozen=True)
class Ragged:
    """The rows of a batch [B, T], dealt out to parts that can be computed in parallel.

    batch: B; time: T; total: N.
    """

    batch: int
    time: int
    total: int
    parts: tuple[Part, ...]

    @classmethod
    def of(cls, lengths: NDArray[np.integer], time: int, parts: int = 1) -> Ragged:
        """Deal the rows, sorted by length, out to the parts in turn. lengths: [B], 1 <= lengths <= time."""
        counts = lengths.astype(np.int32)
        if len(counts) == 1:  # the same, without the sorting
            offset = np.arange(time + 1, dtype=np.int64)[: counts[0] + 1]
            part = Part(np.zeros(1, dtype=np.int32), counts, np.ones(counts[0], dtype=np.int32), offset, 0)
            return cls(1, time, int(counts[0]), (part,))
        order = np.argsort(-counts, kind="stable").astype(np.int32)
        dealt, begin = [], 0
        for first in range(parts):
            row = order[first::parts].copy()
            length = counts[row]
            active = (len(row) - np.cumsum(np.bincount(length))[:-1]).astype(np.int32)
            offset = np.concatenate([[0], np.cumsum(active, dtype=np.int64)])
            dealt.append(Part(row, length, active, offset, begin))
            begin += int(offset[-1])
        return cls(len(counts), time, begin, tuple(dealt))

    def positions(self, backward: bool) -> NDArray[np.int64]:
        """Return [N]: b * T + t of each packed step; `backward` reads each row from its end."""
        positions = []
        for part in self.parts:
            step = np.repeat(np.arange(len(part.active)), part.active)
            k = np.arange(len(step)) - part.offset[:-1][step]
            t = part.length[k] - 1 - step if backward else step
            positions.append(part.row[k].astype(np.int64) * self.time + t)
        return np.concatenate(positions)
