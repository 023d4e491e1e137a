"""Poolings against a loop over rows without padding."""

from __future__ import annotations

import pytest
import torch

from recurra.many_to_one.learn.pooling import POOLINGS, AttentionPooling, Pooling
from recurra.many_to_one.shape import REDUCTIONS
from recurra.nn.reduce import reduce_over_time

LENGTHS = torch.tensor([4, 1, 6])
F = 4


def pooled(pooling: Pooling, name: str, row: torch.Tensor) -> torch.Tensor:
    """The pooling of one sequence [T, F], read forward."""
    if isinstance(pooling, AttentionPooling):
        scores = torch.tanh(row @ pooling.projection.weight.T + pooling.projection.bias) @ pooling.score.weight[0]
        return (scores.exp() / scores.exp().sum()) @ row
    parts = {"last": row[-1], "mean": row.mean(0), "max": row.max(0).values}
    return torch.cat([parts[part] for part in name.split("-")])


@pytest.mark.parametrize("name", POOLINGS)
def test_a_row_is_pooled_over_its_own_steps(name: str) -> None:
    torch.manual_seed(0)
    pooling = POOLINGS[name](F)
    states = torch.randn(len(LENGTHS), int(LENGTHS.max()), F) - 2
    mask = torch.arange(states.shape[1]) < LENGTHS[:, None]
    states[~mask] = torch.nan
    result = pooling(reduce_over_time(states, LENGTHS, REDUCTIONS[name], False), LENGTHS, mask)
    expected = [pooled(pooling, name, row[:length]) for row, length in zip(states, LENGTHS, strict=True)]
    torch.testing.assert_close(result, torch.stack(expected))
