"""A recurrent layer computed by hand, one row and one readable step at a time."""

from __future__ import annotations

from collections.abc import Callable

import pytest
import torch
from torch import Tensor

from recurra.nn.cells import CELLS
from recurra.nn.recurrent import Recurrent

Oracle = Callable[[Recurrent, Tensor, Tensor, list[int]], Tensor]


def _by_hand(recurrent: Recurrent, x: Tensor, index: Tensor, lengths: list[int]) -> Tensor:
    rows = []
    for row, length in zip(index, lengths, strict=True):
        values = x[row[:length].long()]
        for layer in recurrent.layers:
            kind, sides = CELLS[layer.cell], []
            for backward, weights in enumerate(layer.weights()):
                state = tuple(x.new_zeros(1, weights.hidden_size) for _ in range(kind.states))
                outputs = []
                for value in values.flip(0) if backward else values:
                    state = kind.step(value[None], state, weights)
                    outputs.append(state[0][0])
                sides.append(torch.stack(outputs[::-1] if backward else outputs))
            values = torch.cat(sides, -1)
        rows.append(torch.nn.functional.pad(values, (0, 0, 0, index.shape[1] - length)))
    return torch.stack(rows)


@pytest.fixture
def by_hand() -> Oracle:
    """Return f(recurrent, x [U, D], index [B, T], lengths) -> [B, T, F], zeros in the padding."""
    return _by_hand
