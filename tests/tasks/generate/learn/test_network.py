"""The language model: hidden state across windows, windows of a ring of text, and gradients of torch's own modules."""

from __future__ import annotations

import math
from collections.abc import Iterator

import numpy as np
import pytest
import torch
from torch import Tensor
from torch.nn import functional

from recurra.errors import ExportError
from recurra.kernel.layout import RECURRENT_GATES, weight_kinds
from recurra.tasks.generate.learn.check import checked_graph
from recurra.tasks.generate.learn.graph import build
from recurra.tasks.generate.learn.network import LanguageNetwork, Window
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


@pytest.mark.parametrize("tied", [False, True])
@pytest.mark.parametrize("layers", [1, 2])
@pytest.mark.parametrize("cell", list(MODULES))
def test_windows_in_a_row_are_one_reading(cell: str, layers: int, tied: bool) -> None:
    torch.manual_seed(3)
    network = LanguageNetwork(shape_of(cell, layers, tied), lanes=3).eval()
    ids = torch.randint(0, 11, (12, 3))
    expected = by_torch(network, ids)
    whole, state = network.read(ids)
    torch.testing.assert_close(whole, expected)
    pieces = [network(Window(ids[start : start + 4], start == 0)) for start in (0, 4, 8)]
    torch.testing.assert_close(torch.cat(pieces).view(12, 3, 11), expected)
    torch.testing.assert_close(network.hidden, state)
    torch.testing.assert_close(network(Window(ids[:4], True)), pieces[0])  # a reset window starts from zeros
    alone, _ = network.read(ids[:, 1:2])
    torch.testing.assert_close(alone[:, 0], expected[:, 1])  # lanes do not touch each other


def test_gradients_end_at_the_window_and_are_those_of_torch() -> None:
    torch.manual_seed(4)
    network = LanguageNetwork(shape_of("lstm", 1), lanes=2)
    ids, targets = torch.randint(0, 11, (6, 2)), torch.randint(0, 11, (12,))
    network(Window(ids, True))
    objective = NextSymbol()
    objective.loss(network(Window(ids, False)), targets).backward()
    assert all(weight.grad is not None and bool(weight.grad.any()) for weight in network.parameters())
    network.zero_grad()
    objective.loss(network(Window(ids, True)), targets).backward()
    found = network.recurrent.layers[0].left_to_right.weight_hh.grad.clone()
    network.zero_grad()
    copy = network.recurrent.layers[0].left_to_right
    x = network.embedding(ids)
    h = c = torch.zeros(2, 7)
    outputs = []
    for step in x:  # the equations, one step at a time
        i, f, g, o = (
            functional.linear(step, copy.weight_ih, copy.bias_ih) + functional.linear(h, copy.weight_hh, copy.bias_hh)
        ).chunk(4, 1)
        c = f.sigmoid() * c + i.sigmoid() * g.tanh()
        h = o.sigmoid() * c.tanh()
        outputs.append(h)
    logits = functional.linear(torch.stack(outputs), network.head.weight, network.head.bias)
    objective.loss(logits.flatten(0, 1), targets).backward()
    torch.testing.assert_close(found, copy.weight_hh.grad)


def test_weights_are_those_that_the_shape_lists() -> None:
    for cell in MODULES:
        for tied in (False, True):
            shape = shape_of(cell, 3, tied)
            network = LanguageNetwork(shape, 0.5, lanes=4)
            assert {name: tuple(w.shape) for name, w in network.weights().items()} == shape.weight_shapes()
            assert sum(math.prod(size) for size in shape.weight_shapes().values()) == shape.parameters
            assert "hidden" in network.state_dict()
            assert set(shape.states) == {f"{i}.{k}" for i in range(3) for k in ("hc" if cell == "lstm" else "h")}


def test_a_small_text_is_overfitted() -> None:
    torch.manual_seed(6)
    ids = np.random.default_rng(1).integers(0, 11, 40).astype(np.int32)
    text = LongText(ids, 5)
    network = LanguageNetwork(shape_of("lstm", 1, hidden=48), lanes=text.lanes(3))
    optimizer = torch.optim.Adam(network.parameters(), lr=0.02)
    objective = NextSymbol()
    rng = np.random.default_rng(2)
    for _ in range(70):
        for rows in text.batches(3, rng):
            window, targets = text.batch(rows, CPU)
            loss = objective.loss(network(window), targets)
            optimizer.zero_grad()
            loss.backward()  # type: ignore[no-untyped-call]
            optimizer.step()
    for rows in text.batches(3, rng):
        window, targets = text.batch(rows, CPU)
        sums = objective.metrics(network(window), targets)
    assert objective.summarise(sums)["accuracy"] > 0.9  # in the last window, when enough was read to know the place


@pytest.mark.parametrize("tied", [False, True])
@pytest.mark.parametrize("cell", list(MODULES))
def test_the_graph_answers_as_the_network(cell: str, tied: bool) -> None:
    torch.manual_seed(7)
    network = LanguageNetwork(shape_of(cell, 2, tied), 0.3, lanes=2)
    graph, weights = checked_graph(network)  # compares them
    assert build(network.shape, weights) == graph


def test_weights_that_do_not_fit_are_refused() -> None:
    shape = shape_of()
    weights = {name: np.zeros(size, dtype=np.float32) for name, size in shape.weight_shapes().items()}
    with pytest.raises(ExportError, match=r"missing \['head\.bias'\]"):
        build(shape, {name: w for name, w in weights.items() if name != "head.bias"})
    with pytest.raises(ExportError, match="has shape"):
        build(shape, weights | {"head.bias": np.zeros(3)})
    with pytest.raises(ExportError, match="not finite"):
        build(shape, weights | {"head.bias": np.full(11, np.nan)})


@pytest.mark.parametrize("cell", [cell for cell in MODULES if RECURRENT_GATES[cell]])
def test_weights_are_dropped_in_training_alone(cell: str) -> None:
    torch.manual_seed(8)
    network = LanguageNetwork(shape_of(cell, 2), 0.0, 0.5, lanes=2)
    window = Window(torch.randint(0, 11, (6, 2)), True)
    kept = {name: weight.clone() for name, weight in network.weights().items()}
    first, second = network(window), network(window)
    torch.testing.assert_close(first[:2], second[:2])  # before the first state is used, nothing differs ...
    assert not torch.allclose(first[2:], second[2:])  # ... afterwards it does
    network.eval()
    torch.testing.assert_close(network(window).view(6, 2, 11), by_torch(network, window.ids))
    for name, weight in network.weights().items():
        torch.testing.assert_close(weight, kept[name])
