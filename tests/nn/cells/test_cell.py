"""What every cell keeps: its sizes, and a gradient by hand that is autograd's."""

from __future__ import annotations

import pytest
import torch

from recurra.kernel.layout import GATES, RECURRENT_GATES
from recurra.nn.cells import CELLS
from recurra.nn.cells.cell import Weights

B, D, H = 5, 4, 3


@pytest.fixture(params=CELLS)
def cell(request: pytest.FixtureRequest) -> str:
    return str(request.param)


def random(*sizes: int) -> torch.Tensor:
    return torch.randn(*sizes, dtype=torch.float64, requires_grad=True)


def test_the_gradient_by_hand_is_autograds(cell: str) -> None:
    torch.manual_seed(1)
    kind = CELLS[cell]
    from_x, from_h = random(B, kind.gates * H), random(B, kind.recurrent_gates * H)
    state = tuple(random(B, H) for _ in range(kind.states))
    after = kind.forward(from_x, from_h, state)
    grad_after = tuple(torch.randn_like(part) for part in after)
    expected = torch.autograd.grad(after, (from_x, from_h, *state), grad_after, allow_unused=True)
    with torch.no_grad():
        grad_x, grad_h, grad_state = kind.backward(from_x, from_h, state, after, grad_after)
    for by_hand, by_torch, given in zip((grad_x, grad_h, *grad_state), expected, (from_x, from_h, *state), strict=True):
        torch.testing.assert_close(by_hand, torch.zeros_like(given) if by_torch is None else by_torch)


def test_a_step_multiplies_input_and_state_by_their_weights(cell: str) -> None:
    torch.manual_seed(2)
    kind = CELLS[cell]
    rows, recurrent = kind.gates * H, kind.recurrent_gates * H
    weights = Weights(random(rows, D), random(recurrent, H), random(rows), random(recurrent))
    assert weights.hidden_size == H
    x, state = random(B, D), tuple(random(B, H) for _ in range(kind.states))
    from_x = x @ weights.weight_ih.T + weights.bias_ih
    from_h = state[0] @ weights.weight_hh.T + weights.bias_hh
    torch.testing.assert_close(kind.step(x, state, weights), kind.forward(from_x, from_h, state))
    assert kind.forget_gate is None or 0 <= kind.forget_gate < kind.gates
    assert (kind.gates, kind.recurrent_gates) == (GATES[cell], RECURRENT_GATES[cell])
