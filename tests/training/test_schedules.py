"""The one-cycle schedule is torch's."""

from __future__ import annotations

import pytest
import torch

from recurra.training.schedules import constant, one_cycle


@pytest.mark.parametrize("steps", [20, 1000])
def test_one_cycle_is_that_of_torch(steps: int) -> None:
    optimizer = torch.optim.SGD([torch.nn.Parameter(torch.zeros(1))], lr=0.1)
    schedule = torch.optim.lr_scheduler.OneCycleLR(
        optimizer, 0.004, total_steps=steps, pct_start=0.25, cycle_momentum=False, final_div_factor=1e4
    )
    for step in range(steps):
        lr = optimizer.param_groups[0]["lr"]
        # torch's rise ends one step earlier; over a whole run the two differ by less than a step's change
        assert one_cycle(step, steps, 0.004) == pytest.approx(lr, abs=0.004 * 8 / steps)
        optimizer.step()
        schedule.step()


def test_constant_is_constant() -> None:
    assert {constant(step, 10, 0.3) for step in range(10)} == {0.3}
