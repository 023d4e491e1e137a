"""Windows over a text, and the loss on the text to validate with."""

from __future__ import annotations

import itertools
from collections.abc import Iterator

import numpy as np
import pytest
import torch
from torch import Tensor
from torch.nn import functional

from recurra.kernel.layout import weight_kinds
from recurra.tasks.generate.learn.network import LanguageNetwork
from recurra.tasks.generate.learn.objective import LongText, NextSymbol
from recurra.tasks.generate.shape import LanguageShape
from support.torch_cells import MODULES

CPU = torch.device("cpu")


@pytest.fixture(autouse=True)
def one_thread() -> Iterator[None]:
    """Networks of a few units gain nothing from threads, which lose much where processors are busy."""
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)


def shape_of(cell: str = "lstm", layers: int = 2, tied: bool = False, **more: int) -> LanguageShape:
    sizes = {"vocabulary": 11, "embedding": 5, "hidden": 7} | more
    return LanguageShape(level="char", cell=cell, layers=layers, tied=tied, **sizes)  # type: ignore[arg-type]


def by_torch(network: LanguageNetwork, ids: Tensor) -> Tensor:
    """The logits [T, B, V] of torch's own module with the same weights."""
    shape = network.shape
    module = MODULES[shape.cell](shape.embedding, shape.hidden, shape.layers)
    weights = network.weights()
    named = {
        f"{kind}_l{layer}": weights[f"recurrent.layers.{layer}.left_to_right.{kind}"]
        for layer in range(shape.layers)
        for kind in weight_kinds(shape.cell)
    }
    module.load_state_dict(named)
    x, _ = module(functional.embedding(ids, weights["embedding.weight"]))
    if shape.tied:
        x = functional.linear(x, weights["projection.weight"], weights["projection.bias"])
        return functional.linear(x, weights["embedding.weight"], weights["head.bias"])
    return functional.linear(x, weights["head.weight"], weights["head.bias"])


@pytest.mark.parametrize("length", [2, 9, 50, 101])
@pytest.mark.parametrize("size", [1, 3, 64])
def test_an_epoch_reads_every_symbol_and_its_successor(length: int, size: int) -> None:
    ids = np.random.default_rng(length).permutation(length).astype(np.int32)  # each once
    text = LongText(ids, min(4, length - 1))
    batches = text.batches(size, np.random.default_rng(7))
    assert len(batches) == text.windows(text.lanes(size))
    after = {int(a): int(b) for a, b in itertools.pairwise(ids)}
    read: list[int] = []
    lines: list[list[int]] = [[] for _ in range(text.lanes(size))]
    for number, rows in enumerate(batches):
        window, targets = text.batch(rows, CPU)
        assert window.reset == (number == 0)
        assert window.ids.shape == (text.bptt, text.lanes(size))
        for a, b in zip(window.ids.flatten().tolist(), targets.tolist(), strict=True):
            assert after[a] == b
        read += window.ids.flatten().tolist()
        for line, symbols in zip(lines, window.ids.t().tolist(), strict=True):
            line += symbols
    assert set(read) == set(after)
    place = {int(symbol): number for number, symbol in enumerate(ids)}
    for line in lines:  # windows follow each other along the ring
        steps = [(place[b] - place[a]) % len(text) for a, b in itertools.pairwise(line)]
        assert set(steps) <= {1 % len(text)}


def test_an_epoch_depends_on_the_random_numbers_alone() -> None:
    text = LongText(np.arange(500, dtype=np.int32), 8)
    first, again, other = (text.batches(5, np.random.default_rng(seed)) for seed in (1, 1, 2))
    assert all(np.array_equal(a, b) for a, b in zip(first, again, strict=True))
    assert len(first) == len(other)
    assert not np.array_equal(first[1], other[1])


def test_validation_is_the_mean_loss_of_the_whole_text() -> None:
    torch.manual_seed(5)
    network = LanguageNetwork(shape_of("gru", 1), 0.5, lanes=2)
    before = network.hidden.clone()
    ids = np.random.default_rng(0).integers(0, 11, 300).astype(np.int32)
    found = NextSymbol().validate(network, LongText(ids, 8), CPU)
    logits = by_torch(network, torch.from_numpy(ids[:-1, None].astype(np.int64)))[:, 0]
    expected = functional.cross_entropy(logits, torch.from_numpy(ids[1:].astype(np.int64)))
    assert found.metrics["loss"] == found.monitor.value == pytest.approx(expected.item(), abs=1e-5)
    assert found.metrics["accuracy"] == pytest.approx(float((logits.argmax(1).numpy() == ids[1:]).mean()))
    torch.testing.assert_close(network.hidden, before)
