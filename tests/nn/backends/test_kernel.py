"""The compiled kernel gives what the readable steps give, for any shape, and its gradients are autograd's of those."""

from __future__ import annotations

import copy
from collections.abc import Callable

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import Tensor

from recurra.kernel.library import VARIANTS, Library, library
from recurra.nn.backends.choice import forced
from recurra.nn.batch import Batch
from recurra.nn.cells import CELLS
from recurra.nn.recurrent import Recurrent
from recurra.nn.reduce import picked

pytestmark = pytest.mark.skipif(library() is None, reason="the kernel is not built here; PyTorch does its work")

Oracle = Callable[[Recurrent, Tensor, Tensor, list[int]], Tensor]
FEATURES = 7
LENGTHS = [5, 1, 9, 2, 9, 4, 1, 3]
BF16 = "avx512_bf16"


def inputs_of(lengths: list[int], seed: int = 0) -> tuple[Tensor, Tensor, Batch]:
    """Return x [U, D] of random distinct values, index [B, T] with repeats, and the batch that has these lengths."""
    rng = np.random.default_rng(seed)
    x = torch.from_numpy(rng.normal(size=(20, FEATURES)).astype(np.float32))
    index = torch.from_numpy(rng.integers(0, 20, (len(lengths), max(lengths))).astype(np.int32))
    return x, index, Batch(index.long(), torch.tensor(lengths))


def results(
    recurrent: Recurrent, path: str, lengths: list[int], pick: str = "all", oracle: Oracle | None = None
) -> list[Tensor]:
    """Return the outputs and the gradients by x and by every weight."""
    x, index, batch = inputs_of(lengths)
    recurrent = copy.deepcopy(recurrent)
    if oracle:
        recurrent, x = recurrent.double(), x.double()
    x.requires_grad_()
    if oracle:
        states = oracle(recurrent, x, index, lengths)
        answer = picked(states, batch.lengths, pick, recurrent.both)  # type: ignore[arg-type]
    else:
        with forced(path):  # type: ignore[arg-type]
            answer = recurrent(x, index, batch, pick)
    if pick == "all":
        answer = answer * batch.mask()[:, :, None]
    wanted = torch.linspace(-1, 1, answer.numel(), dtype=torch.float64).reshape(answer.shape).to(answer.dtype)
    (answer * wanted).sum().backward()
    return [answer.detach(), x.grad, *(weight.grad for weight in recurrent.parameters())]  # type: ignore[list-item]


def only(monkeypatch: pytest.MonkeyPatch, variant: str) -> None:
    """Leave the kernel that variant alone. Skips where this processor cannot run it."""
    found = library()
    assert isinstance(found, Library)
    if variant not in found.variants:
        pytest.skip(f"this processor does not run {variant}")
    monkeypatch.setattr(found, "variants", {variant: found.variants[variant]})


@pytest.mark.parametrize("variant", [name for name in VARIANTS if name != BF16])
@pytest.mark.parametrize("hidden", [1, 5, 16, 40, 64, 100])
@pytest.mark.parametrize("cell", CELLS)
def test_it_equals_the_readable_steps(
    cell: str, hidden: int, variant: str, by_hand: Oracle, monkeypatch: pytest.MonkeyPatch
) -> None:
    only(monkeypatch, variant)
    torch.manual_seed(hidden)
    for layers, both in ((1, True), (2, True), (1, False)):
        recurrent = Recurrent(cell, FEATURES, hidden, layers=layers, both=both)
        found = results(recurrent, "kernel", LENGTHS)
        for one, expected in zip(found, results(recurrent, "", LENGTHS, oracle=by_hand), strict=True):
            scale = max(1.0, float(expected.abs().max()))
            torch.testing.assert_close(one.double() / scale, expected / scale, rtol=0, atol=1e-5)


@pytest.mark.parametrize("pick", ["largest", "last", "sum", "largest_and_sum"])
@pytest.mark.parametrize("cell", CELLS)
def test_what_is_picked_equals_what_pooling_takes_from_all(cell: str, pick: str, by_hand: Oracle) -> None:
    torch.manual_seed(1)
    for hidden, both in ((16, True), (5, False)):
        recurrent = Recurrent(cell, FEATURES, hidden, both=both)
        found = results(recurrent, "kernel", LENGTHS, pick)
        for one, expected in zip(found, results(recurrent, "", LENGTHS, pick, by_hand), strict=True):
            torch.testing.assert_close(one.double(), expected, rtol=0, atol=2e-5)


@pytest.mark.parametrize("hidden", [5, 64])
@pytest.mark.parametrize("cell", CELLS)
def test_bfloat16_stays_within_two_hundredths(
    cell: str, hidden: int, by_hand: Oracle, monkeypatch: pytest.MonkeyPatch
) -> None:
    only(monkeypatch, BF16)
    torch.manual_seed(2)
    recurrent = Recurrent(cell, FEATURES, hidden)
    with torch.autocast("cpu", torch.bfloat16):
        found = results(recurrent, "kernel", LENGTHS)
    expected = results(recurrent, "", LENGTHS, oracle=by_hand)
    torch.testing.assert_close(found[0].double(), expected[0], rtol=0, atol=0.02)
    for one, right in zip(found[1:], expected[1:], strict=True):
        assert float((one - right).norm() / right.norm()) < 0.02


@settings(max_examples=10, deadline=None)
@given(
    lengths=st.lists(st.integers(1, 12), min_size=1, max_size=20),
    cell=st.sampled_from(list(CELLS)),
    hidden=st.integers(1, 70),
)
def test_any_lengths_give_what_the_other_path_gives(lengths: list[int], cell: str, hidden: int) -> None:
    torch.manual_seed(3)
    recurrent = Recurrent(cell, FEATURES, hidden)
    found, expected = (results(recurrent, path, lengths) for path in ("kernel", "torch"))
    for one, right in zip(found, expected, strict=True):
        torch.testing.assert_close(one, right, rtol=1e-4, atol=2e-5)


@pytest.mark.parametrize("cell", CELLS)
def test_without_gradients_the_answer_is_the_same(cell: str) -> None:
    torch.manual_seed(4)
    recurrent = Recurrent(cell, FEATURES, 20)
    x, index, batch = inputs_of(LENGTHS * 4)
    with forced("kernel"):
        recorded = recurrent(x, index, batch)
        with torch.inference_mode():
            plain = recurrent(x, index, batch)
    assert torch.equal(recorded.detach(), plain)


@pytest.mark.parametrize("cell", CELLS)
def test_nan_is_passed_on_and_huge_inputs_saturate(cell: str) -> None:
    torch.manual_seed(5)
    recurrent = Recurrent(cell, FEATURES, 16, both=False)
    x, index, batch = inputs_of([6, 3])
    index[0], index[1] = torch.arange(6), torch.arange(6, 12)
    for value in (3e38, -3e38, torch.inf, -torch.inf):
        huge = x.clone()
        huge[2] = value
        with forced("kernel"), torch.no_grad():
            weights = recurrent.layers[0].left_to_right
            weights.weight_ih.abs_()  # no infinity meets one of the other sign
            states = recurrent(huge, index, batch)
        assert torch.isfinite(states).all()
        assert states.abs().max() <= 1
    bad = x.clone()
    bad[2, 3] = torch.nan
    for pick in ("all", "largest", "last"):
        with forced("kernel"):
            states = recurrent(bad, index, batch, pick)
        assert states[0].isnan().any() and torch.isfinite(states[1]).all()


@pytest.mark.parametrize("cell", CELLS)
def test_nothing_is_read_before_it_is_written(cell: str) -> None:
    """Arrays have room that no step uses: in PyTorch's deterministic mode what is unwritten is not a number."""
    recurrent = Recurrent(cell, FEATURES, 16, layers=2)
    before = torch.utils.deterministic.fill_uninitialized_memory
    plain = results(recurrent, "kernel", LENGTHS)
    torch.use_deterministic_algorithms(True)
    torch.utils.deterministic.fill_uninitialized_memory = True
    try:
        filled = results(recurrent, "kernel", LENGTHS)
    finally:
        torch.use_deterministic_algorithms(False)
        torch.utils.deterministic.fill_uninitialized_memory = before
    for one, other in zip(plain, filled, strict=True):
        assert not one.isnan().any()
        torch.testing.assert_close(other, one, rtol=0, atol=0)
