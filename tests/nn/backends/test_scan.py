"""Both scans are a loop in NumPy, their gradients autograd's of one, and a layer is that of the readable steps."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import Tensor

from recurra.nn.backends.choice import use_backend
from recurra.nn.backends.scan import scan, scanned_by_doubling, scanned_in_turn
from recurra.nn.batch import Batch
from recurra.nn.cells import CELLS, ScannedCell
from recurra.nn.recurrent import Recurrent
from support.recurrence import Oracle

SCANNED = [name for name, cell in CELLS.items() if issubclass(cell, ScannedCell)]


def drawn(steps: int, seed: int) -> list[Tensor]:
    """Return keep [T, 2, 3] of 0 to 1, some of them exactly 0 or 1, write [T, 2, 3] and start [2, 3]."""
    rng = np.random.default_rng(seed)
    keep = np.clip(rng.uniform(-0.2, 1.2, (steps, 2, 3)), 0, 1)
    return [torch.from_numpy(array) for array in (keep, rng.normal(size=(steps, 2, 3)), rng.normal(size=(2, 3)))]


def in_a_loop(keep: Tensor, write: Tensor, start: Tensor) -> Tensor:
    states = [start]
    for kept, written in zip(keep, write, strict=True):
        states.append(kept * states[-1] + written)
    return torch.stack(states[1:])


@settings(max_examples=40, deadline=None)
@given(steps=st.integers(1, 70), seed=st.integers(0, 2**32 - 1))
def test_both_scans_are_a_loop(steps: int, seed: int) -> None:
    given_ = drawn(steps, seed)
    expected = in_a_loop(*given_)
    torch.testing.assert_close(scanned_in_turn(*given_), expected)
    torch.testing.assert_close(scanned_by_doubling(*given_), expected)


def test_products_of_many_small_gates_underflow_to_nothing() -> None:
    keep, write, start = torch.full((3000, 1), 1e-3), torch.ones(3000, 1), torch.full((1,), 1e30)
    for run in (scanned_in_turn, scanned_by_doubling):
        states = run(keep, write, start)
        assert torch.isfinite(states).all()
        torch.testing.assert_close(states[-1], torch.full((1,), 1 / (1 - 1e-3)))


@pytest.mark.parametrize("steps", [1, 2, 9])
def test_the_gradient_is_autograds_of_the_loop(steps: int) -> None:
    given_ = [tensor.requires_grad_() for tensor in drawn(steps, steps)]
    weighting = torch.randn(steps, 2, 3, dtype=torch.float64, generator=torch.Generator().manual_seed(1))
    expected = torch.autograd.grad((in_a_loop(*given_) * weighting).sum(), given_)
    for found, right in zip(torch.autograd.grad((scan(*given_) * weighting).sum(), given_), expected, strict=True):
        torch.testing.assert_close(found, right)


def results(recurrent: Recurrent, lengths: list[int], oracle: Oracle | None = None) -> list[Tensor]:
    """Return the states of random rows of these lengths, and the gradients with respect to inputs and weights."""
    rng = torch.Generator().manual_seed(len(lengths))
    x = torch.randn(20, 7, dtype=torch.float64, generator=rng, requires_grad=True)
    index = torch.randint(0, 20, (len(lengths), max(lengths)), dtype=torch.int32, generator=rng)
    batch = Batch(index.long(), torch.tensor(lengths))
    states = oracle(recurrent, x, index, lengths) if oracle else recurrent(x, index, batch)
    states = states * batch.mask()[:, :, None]
    weighting = torch.randn(states.shape, dtype=torch.float64, generator=rng)
    return [states, *torch.autograd.grad((states * weighting).sum(), [x, *recurrent.parameters()])]


@pytest.mark.parametrize("cell", SCANNED)
@pytest.mark.parametrize("both", [True, False])
@pytest.mark.parametrize("layers", [1, 2])
def test_a_layer_is_that_of_the_readable_steps(cell: str, both: bool, layers: int, by_hand: Oracle) -> None:
    torch.manual_seed(layers)
    recurrent = Recurrent(cell, 7, 5, layers=layers, both=both).double()
    with use_backend("scan"):
        found = results(recurrent, [5, 1, 9, 2, 9])
    for one, right in zip(found, results(recurrent, [5, 1, 9, 2, 9], by_hand), strict=True):
        torch.testing.assert_close(one, right)


@settings(max_examples=20, deadline=None)
@given(
    cell=st.sampled_from(SCANNED),
    lengths=st.lists(st.integers(1, 12), min_size=1, max_size=9),
    layers=st.integers(1, 2),
    both=st.booleans(),
)
def test_any_lengths_give_what_the_reference_gives(cell: str, lengths: list[int], layers: int, both: bool) -> None:
    torch.manual_seed(3)
    recurrent = Recurrent(cell, 7, 5, layers=layers, both=both).double()
    with use_backend("scan"):
        found = results(recurrent, lengths)
    with use_backend("reference"):
        expected = results(recurrent, lengths)
    for one, right in zip(found, expected, strict=True):
        torch.testing.assert_close(one, right)
