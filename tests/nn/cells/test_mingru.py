"""The equations of the paper in NumPy, one unit and one step at a time."""

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
    w_z, w_n = rng.normal(size=(2, H, D))
    b_z, b_n = rng.normal(size=(2, H))
    weights = Weights(*map(torch.from_numpy, (np.vstack([w_z, w_n]), np.empty((0, H)), np.r_[b_z, b_n], np.empty(0))))
    h, expected = torch.zeros(1, H, dtype=torch.float64), np.zeros(H)
    for x in rng.normal(size=(7, D)):
        (h,) = CELLS["mingru"].step(torch.from_numpy(x[None]), (h,), weights)
        for unit in range(H):
            z = 1 / (1 + math.exp(-(w_z[unit] @ x + b_z[unit])))
            expected[unit] = (1 - z) * expected[unit] + z * (w_n[unit] @ x + b_n[unit])
        np.testing.assert_allclose(h[0], expected, rtol=1e-12)


def test_it_has_no_recurrent_weights() -> None:
    names = [name for name, _ in Recurrent("mingru", D, H).named_parameters()]
    assert names == [f"layers.0.{side}.{kind}" for side in ("left_to_right", "right_to_left")
                     for kind in ("weight_ih", "bias_ih")]  # fmt: skip
    assert set(Recurrent("mingru", D, H).state_dict()) == set(names)
