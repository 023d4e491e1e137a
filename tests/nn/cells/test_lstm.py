"""One step is that of `torch.nn.LSTMCell`; its gradient is tested with those of all cells in `test_cell.py`."""

from __future__ import annotations

import torch

from recurra.nn.cells.cell import Weights
from recurra.nn.cells.lstm import LSTMCell


def test_a_step_is_torchs() -> None:
    torch.manual_seed(0)
    module = torch.nn.LSTMCell(4, 3, dtype=torch.float64)
    weights = Weights(module.weight_ih, module.weight_hh, module.bias_ih, module.bias_hh)
    x = torch.randn(5, 4, dtype=torch.float64)
    state = tuple(torch.randn(5, 3, dtype=torch.float64) for _ in range(LSTMCell.states))
    torch.testing.assert_close(LSTMCell.step(x, state, weights), module(x, state))
