"""The equations of the paper in NumPy, one unit and one step at a time; and gates that round to zero."""

from __future__ import annotations

import math

import numpy as np
import torch

from recurra.nn.cells import CELLS
from recurra.nn.cells.cell import Weights
from recurra.nn.recurrent import Recurrent

D, H = 4, 3


def test_a_step_is_the_papers() -> None:
    rng = np.random.default_rng(0)
    w_i, w_f, w_n = rng.normal(size=(3, H, D))
    b_i, b_f, b_n = rng.normal(size=(3, H))
    given = (np.vstack([w_i, w_f, w_n]), np.empty((0, H)), np.r_[b_i, b_f, b_n], np.empty(0))
    weights = Weights(*map(torch.from_numpy, given))
    h, expected = torch.zeros(1, H, dtype=torch.float64), np.zeros(H)
    for x in rng.normal(size=(7, D)):
        (h,) = CELLS["minlstm"].step(torch.from_numpy(x[None]), (h,), weights)
        for unit in range(H):
            i = 1 / (1 + math.exp(-(w_i[unit] @ x + b_i[unit])))
            f = 1 / (1 + math.exp(-(w_f[unit] @ x + b_f[unit])))
            candidate = w_n[unit] @ x + b_n[unit]
            expected[unit] = f / (f + i) * expected[unit] + i / (f + i) * candidate
        np.testing.assert_allclose(h[0], expected, rtol=1e-12)


def test_gates_that_round_to_zero_still_share_one_whole() -> None:
    from_x = torch.tensor([[-200.0, -201.0, 3.0], [-201.0, -200.0, 3.0], [300.0, -300.0, 3.0]])
    (after,) = CELLS["minlstm"].forward(from_x, torch.empty(3, 0), (torch.full((3, 1), -1.0),))
    share = torch.tensor([[1.0], [-1.0], [300.0]]).sigmoid()
    torch.testing.assert_close(after, share * 3 - (1 - share))


def test_its_forget_gate_starts_open() -> None:
    direction = Recurrent("minlstm", D, H, both=False).layers[0].left_to_right
    assert direction.bias_ih.tolist() == [0.0] * H + [1.0] * H + [0.0] * H
    assert direction.weight_hh.numel() == direction.bias_hh.numel() == 0
