"""Reductions over time against a loop over rows without padding."""

from __future__ import annotations

from typing import get_args

import pytest
import torch

from recurra.kernel.layout import Reduction
from recurra.nn.reduce import reduce_over_time

LENGTHS = [5, 1, 3, 7]
F = 6


def reduced(row: torch.Tensor, reduction: str, both: bool) -> torch.Tensor:
    """The reduction of one sequence [T, F]."""
    if reduction == "last":
        return torch.cat([row[-1, : F // 2], row[0, F // 2 :]]) if both else row[-1]
    parts = {"max": row.max(0).values, "sum": row.sum(0)}
    return torch.cat([parts[name] for name in reduction.split("_and_")])


@pytest.mark.parametrize("both", [False, True])
@pytest.mark.parametrize("reduction", get_args(Reduction))
def test_each_row_is_reduced_over_its_own_steps(reduction: Reduction, both: bool) -> None:
    torch.manual_seed(0)
    states = torch.randn(len(LENGTHS), max(LENGTHS), F) - 2  # maxima below 0, which zeros in the padding would beat
    for row, length in zip(states, LENGTHS, strict=True):
        row[length:] = torch.nan
    result = reduce_over_time(states, torch.tensor(LENGTHS), reduction, both)
    if reduction == "all":
        assert result is states
        return
    expected = [reduced(row[:length], reduction, both) for row, length in zip(states, LENGTHS, strict=True)]
    torch.testing.assert_close(result, torch.stack(expected))
