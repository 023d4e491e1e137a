"""Batches of ids or vectors: padding, reversal within each length, and grouping by length."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from recurra.inference.batching import batches_by_length
from recurra.kernel.library import library
from recurra.nn.backends.choice import use_backend
from recurra.nn.batch import Batch, length_grouped
from recurra.nn.cells import CELLS, ScannedCell
from recurra.nn.recurrent import Recurrent
from support.torch_cells import MODULES

LENGTHS = st.lists(st.integers(1, 9), min_size=1, max_size=7)


def sequences_of(lengths: list[int]) -> list[np.ndarray]:
    values = np.random.default_rng(5).permutation(1000).astype(np.int32)
    return [values[10 * i : 10 * i + n] for i, n in enumerate(lengths)]


@given(LENGTHS)
def test_a_batch_holds_each_sequence_and_its_length(lengths: list[int]) -> None:
    sequences = sequences_of(lengths)
    batch = Batch.of(sequences)
    assert batch.lengths.tolist() == lengths
    assert batch.values.shape == (len(lengths), max(lengths))
    for row, mask, sequence in zip(batch.values, batch.mask(), sequences, strict=True):
        assert row[mask].tolist() == sequence.tolist()


@given(LENGTHS)
def test_reversal_stays_within_each_length_and_undoes_itself(lengths: list[int]) -> None:
    batch = Batch.of(sequences_of(lengths))
    index = batch.reversed_index()
    turned = batch.values.gather(1, index)
    for row, back, n in zip(batch.values, turned, lengths, strict=True):
        assert back[:n].tolist() == row[:n].tolist()[::-1]
        assert back[n:].tolist() == row[n:].tolist()
    assert torch.equal(turned.gather(1, index), batch.values)


@pytest.mark.parametrize("sequences", [[], [np.zeros(0, dtype=np.int32)]])
def test_nothing_is_no_batch(sequences: list[np.ndarray]) -> None:
    with pytest.raises(ValueError, match="at least one"):
        Batch.of(sequences)


def vectors_of(lengths: list[int], width: int) -> list[np.ndarray]:
    rng = np.random.default_rng(7)
    return [rng.normal(size=(n, width)) for n in lengths]


@given(LENGTHS, st.integers(1, 4))
def test_a_batch_holds_vectors_as_it_holds_ids(lengths: list[int], width: int) -> None:
    sequences = vectors_of(lengths, width)
    batch = Batch.of(sequences)
    assert batch.values.shape == (len(lengths), max(lengths), width) and batch.values.dtype == torch.float32
    for row, mask, sequence in zip(batch.values, batch.mask(), sequences, strict=True):
        assert np.array_equal(row[mask].numpy(), sequence.astype(np.float32))
        assert not row[~mask].any()
    index = batch.reversed_index()
    assert torch.equal(index, Batch.of(sequences_of(lengths)).reversed_index())
    x, places = batch.rows()
    assert torch.equal(x[places.long()], batch.values)


@pytest.mark.parametrize("backend", ["reference", "fused", "kernel", "scan"])
@pytest.mark.parametrize("width", [1, 3])
@pytest.mark.parametrize("cell", MODULES)
@pytest.mark.parametrize(("layers", "both"), [(1, False), (2, True)])
def test_ragged_vectors_answer_as_each_row_alone(cell: str, width: int, layers: int, both: bool, backend: str) -> None:
    if backend == "kernel" and library() is None:
        pytest.skip("the kernel was not built")
    if backend == ("fused" if issubclass(CELLS[cell], ScannedCell) else "scan"):
        pytest.skip("that backend does not compute this cell")
    torch.manual_seed(3)
    recurrent = Recurrent(cell, width, 5, layers=layers, both=both).eval()
    sequences = vectors_of([4, 1, 7, 3, 7], width)
    with use_backend(backend), torch.no_grad():  # type: ignore[arg-type]
        batch = Batch.of(sequences)
        together = recurrent(*batch.rows(), batch)
        for row, sequence in zip(together, sequences, strict=True):
            alone = Batch.of([sequence])
            torch.testing.assert_close(row[: len(sequence)], recurrent(*alone.rows(), alone)[0], rtol=1e-5, atol=1e-6)


@pytest.mark.parametrize(
    "sequences",
    [
        [np.zeros(3)],
        [np.zeros((3, 2), dtype=np.int32)],
        [np.zeros((3, 2)), np.zeros((3, 1))],
        [np.zeros((3, 2)), np.zeros(3, dtype=np.int32)],
        [np.zeros((3, 2, 2))],
    ],
)
def test_what_is_neither_ids_nor_vectors_is_refused(sequences: list[np.ndarray]) -> None:
    with pytest.raises(ValueError, match=r"ids \[T\] of integers or vectors"):
        Batch.of(sequences)


@given(st.lists(st.integers(1, 40), max_size=400), st.integers(1, 9), st.integers(0, 3))
def test_every_row_is_in_exactly_one_batch(lengths: list[int], size: int, seed: int) -> None:
    given_lengths = np.array(lengths, dtype=np.int64)
    batches = length_grouped(given_lengths, size, np.random.default_rng(seed))
    assert sorted(row for batch in batches for row in batch.tolist()) == list(range(len(lengths)))
    assert all(1 <= len(batch) <= size for batch in batches)
    budgeted = list(batches_by_length(given_lengths, 10 * size))
    assert sorted(row for batch in budgeted for row in batch.tolist()) == list(range(len(lengths)))
    assert all(len(batch) == 1 or len(batch) * given_lengths[batch].max() <= 10 * size for batch in budgeted)


def test_grouping_pads_little_and_follows_its_seed() -> None:
    lengths = np.random.default_rng(0).integers(1, 300, 5000)
    batches = length_grouped(lengths, 32, np.random.default_rng(1))
    padded = sum(len(batch) * lengths[batch].max() for batch in batches)
    assert padded < 1.1 * lengths.sum()
    again = length_grouped(lengths, 32, np.random.default_rng(1))
    other = length_grouped(lengths, 32, np.random.default_rng(2))
    assert all(np.array_equal(one, two) for one, two in zip(batches, again, strict=True))
    assert not all(np.array_equal(one, two) for one, two in zip(batches, other, strict=True))
