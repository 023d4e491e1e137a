"""The compiled kernel equals the cells' readable steps for any shape, and its gradients equal autograd's of them."""

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
from recurra.nn.backends.choice import use_backend
from recurra.nn.backends.kernel import kernel_layer
from recurra.nn.backends.reference import reference_layer
from recurra.nn.batch import Batch
from recurra.nn.cells import CELLS, ScannedCell
from recurra.nn.recurrent import Recurrent
from recurra.nn.reduce import reduce_over_time

pytestmark = pytest.mark.skipif(library() is None, reason="the kernel is not built here; PyTorch computes in its place")

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
    recurrent: Recurrent, backend: str, lengths: list[int], reduction: str = "all", oracle: Oracle | None = None
) -> list[Tensor]:
    """Return the outputs, and the gradients with respect to x and to every weight."""
    x, index, batch = inputs_of(lengths)
    recurrent = copy.deepcopy(recurrent)
    if oracle:
        recurrent, x = recurrent.double(), x.double()
    x.requires_grad_()
    if oracle:
        states = oracle(recurrent, x, index, lengths)
        answer = reduce_over_time(states, batch.lengths, reduction, recurrent.both)  # type: ignore[arg-type]
    else:
        with use_backend(backend):  # type: ignore[arg-type]
            answer = recurrent(x, index, batch, reduction)
    if reduction == "all":
        answer = answer * batch.mask()[:, :, None]
    weighting = torch.linspace(-1, 1, answer.numel(), dtype=torch.float64).reshape(answer.shape).to(answer.dtype)
    (answer * weighting).sum().backward()
    return [answer.detach(), x.grad, *(weight.grad for weight in recurrent.parameters())]  # type: ignore[list-item]


def only(monkeypatch: pytest.MonkeyPatch, variant: str) -> None:
    """Restrict the kernel to one variant. Skips where this processor cannot run it."""
    kernel = library()
    assert isinstance(kernel, Library)
    if variant not in kernel.variants:
        pytest.skip(f"this processor does not run {variant}")
    monkeypatch.setattr(kernel, "variants", {variant: kernel.variants[variant]})


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
        actual = results(recurrent, "kernel", LENGTHS)
        for one, expected in zip(actual, results(recurrent, "", LENGTHS, oracle=by_hand), strict=True):
            scale = max(1.0, float(expected.abs().max()))
            torch.testing.assert_close(one.double() / scale, expected / scale, rtol=0, atol=1e-5)


@pytest.mark.parametrize("reduction", ["max", "last", "sum", "max_and_sum"])
@pytest.mark.parametrize("cell", CELLS)
def test_a_reduction_equals_that_of_all_states(cell: str, reduction: str, by_hand: Oracle) -> None:
    torch.manual_seed(1)
    for hidden, both in ((16, True), (5, False)):
        recurrent = Recurrent(cell, FEATURES, hidden, both=both)
        actual = results(recurrent, "kernel", LENGTHS, reduction)
        for one, expected in zip(actual, results(recurrent, "", LENGTHS, reduction, by_hand), strict=True):
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
        actual = results(recurrent, "kernel", LENGTHS)
    expected = results(recurrent, "", LENGTHS, oracle=by_hand)
    torch.testing.assert_close(actual[0].double(), expected[0], rtol=0, atol=0.02)
    for one, right in zip(actual[1:], expected[1:], strict=True):
        assert float((one - right).norm() / right.norm()) < 0.02


@settings(max_examples=10, deadline=None)
@given(
    lengths=st.lists(st.integers(1, 12), min_size=1, max_size=20),
    cell=st.sampled_from(list(CELLS)),
    hidden=st.integers(1, 70),
)
def test_any_lengths_give_what_the_reference_gives(lengths: list[int], cell: str, hidden: int) -> None:
    torch.manual_seed(3)
    recurrent = Recurrent(cell, FEATURES, hidden)
    actual, expected = (results(recurrent, backend, lengths) for backend in ("kernel", "reference"))
    for one, right in zip(actual, expected, strict=True):
        torch.testing.assert_close(one, right, rtol=1e-4, atol=2e-5)


@pytest.mark.parametrize("cell", CELLS)
def test_without_gradients_the_answer_is_the_same(cell: str) -> None:
    torch.manual_seed(4)
    recurrent = Recurrent(cell, FEATURES, 20)
    x, index, batch = inputs_of(LENGTHS * 4)
    with use_backend("kernel"):
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
    for value in () if issubclass(CELLS[cell], ScannedCell) else (3e38, -3e38, torch.inf, -torch.inf):
        huge = x.clone()
        huge[2] = value
        with use_backend("kernel"), torch.no_grad():
            weights = recurrent.layers[0].left_to_right
            weights.weight_ih.abs_()  # no infinity meets one of the other sign
            states = recurrent(huge, index, batch)
        assert torch.isfinite(states).all()
        assert states.abs().max() <= 1
    bad = x.clone()
    bad[2, 3] = torch.nan
    for reduction in ("all", "max", "last"):
        with use_backend("kernel"):
            states = recurrent(bad, index, batch, reduction)
        assert states[0].isnan().any() and torch.isfinite(states[1]).all()


@pytest.mark.parametrize("cell", [name for name, kind in CELLS.items() if issubclass(kind, ScannedCell)])
def test_huge_gates_of_a_scanned_cell_saturate(cell: str) -> None:
    """Its candidate has no bounds, and its states have those of the candidates."""
    gates, values = CELLS[cell].gates, (3e38, -3e38, 90, -90, torch.inf, -torch.inf, 0.5, 1000)
    projected = torch.zeros(len(values), 1, gates, 16)
    projected[:, 0, 0] = 0.5
    projected[:, 0, -2] = torch.tensor(values)[:, None]
    projected[:, 0, -1] = torch.linspace(-1, 1, 16)
    index, lengths = torch.arange(len(values), dtype=torch.int32)[None], torch.tensor([len(values)])
    weights = [(torch.empty(0, 16), torch.empty(0))]
    states = kernel_layer(cell, projected, index, lengths, weights)
    expected = reference_layer(CELLS[cell], projected, index, lengths, weights)
    assert torch.isfinite(states).all() and states.abs().max() <= 1
    torch.testing.assert_close(states, expected, rtol=0, atol=1e-6)


@pytest.mark.parametrize("cell", CELLS)
def test_nothing_is_read_before_it_is_written(cell: str) -> None:
    """Arrays have rows that no step uses: in PyTorch's deterministic mode unwritten memory is not a number."""
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
