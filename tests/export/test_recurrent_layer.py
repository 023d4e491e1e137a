"""The operators of ONNX against torch's modules: ragged rows, both directions, given and final states."""

from __future__ import annotations

from typing import get_args

import numpy as np
import pytest
import torch
from numpy.typing import NDArray
from onnx import TensorProto

from recurra.export.graph_builder import FLOATS, INTEGERS, FloatArray, GraphBuilder
from recurra.export.recurrent_layer import RecurrentLayer, joined, joined_last
from recurra.export.serialise import serialise
from recurra.inference.session import open_graph
from recurra.kernel.layout import DIRECTION_NAMES, Cell, Direction, weight_kinds
from support.torch_cells import MODULES

CELLS: tuple[Cell, ...] = get_args(Cell)
INPUTS, HIDDEN = 4, 5
LENGTHS = [7, 1, 4, 7, 2]


def module_of(cell: Cell, direction: Direction) -> torch.nn.Module:
    torch.manual_seed(3)
    module: torch.nn.Module = MODULES[cell](INPUTS, HIDDEN, bidirectional=direction == "both")
    with torch.no_grad():
        for weight in module.parameters():
            weight.uniform_(-1, 1)
    return module


def weights_of(module: torch.nn.Module, cell: Cell, direction: Direction) -> dict[str, FloatArray]:
    return {
        f"layer.{name}.{kind}": getattr(module, f"{kind}_l0{end}").detach().numpy()
        for name, end in zip(DIRECTION_NAMES[direction], ("", "_reverse"), strict=False)
        for kind in weight_kinds(cell)
    }


def ragged(seed: int = 1) -> NDArray[np.float32]:
    """Return x [T, B, INPUTS] with nonsense beyond the lengths."""
    x = np.random.default_rng(seed).normal(size=(max(LENGTHS), len(LENGTHS), INPUTS)).astype(np.float32)
    for row, length in enumerate(LENGTHS):
        x[length:, row] = 99
    return x


@pytest.mark.parametrize("cell", CELLS)
@pytest.mark.parametrize("direction", get_args(Direction))
def test_ragged_rows_are_read_as_torch_reads_each_alone(cell: Cell, direction: Direction) -> None:
    module, x = module_of(cell, direction), ragged()
    directions = len(DIRECTION_NAMES[direction])
    graph = GraphBuilder()
    graph.input("x", FLOATS, ["time", "batch", INPUTS])
    graph.input("lengths", INTEGERS, ["batch"])
    lengths = graph.node("Cast", ["lengths"], to=TensorProto.INT32)
    layer = RecurrentLayer(graph, weights_of(module, cell, direction), "layer", cell, direction)
    states, last = layer.append("x", lengths=lengths)
    graph.node("Identity", [joined(graph, states, directions, HIDDEN * directions)], "states")
    graph.node("Identity", [joined_last(graph, last, HIDDEN * directions)], "last")
    graph.output("states", FLOATS, ["time", "batch", HIDDEN * directions])
    graph.output("last", FLOATS, ["batch", HIDDEN * directions])
    answers, ends = open_graph(serialise(graph)).run(["states", "last"], {"x": x, "lengths": np.array(LENGTHS)})
    for row, length in enumerate(LENGTHS):
        with torch.inference_mode():
            expected, state = module(torch.from_numpy(x[:length, row : row + 1]))
        end = (state[0] if cell == "lstm" else state).transpose(0, 1).reshape(-1)
        np.testing.assert_allclose(answers[:length, row], expected[:, 0].numpy(), atol=1e-5)
        np.testing.assert_allclose(ends[row], end.numpy(), atol=1e-5)


@pytest.mark.parametrize("cell", CELLS)
def test_a_sequence_is_continued_from_its_state(cell: Cell) -> None:
    module, x = module_of(cell, "forward"), np.random.default_rng(2).normal(size=(6, 3, INPUTS)).astype(np.float32)
    kinds = ("h", "c") if cell == "lstm" else ("h",)
    graph = GraphBuilder()
    graph.input("x", FLOATS, ["time", "batch", INPUTS])
    for kind in kinds:
        graph.input(f"past.{kind}", FLOATS, [1, "batch", HIDDEN])
        graph.output(f"present.{kind}", FLOATS, [1, "batch", HIDDEN])
    layer = RecurrentLayer(graph, weights_of(module, cell, "forward"), "layer", cell)
    past, present = [f"past.{kind}" for kind in kinds], [f"present.{kind}" for kind in kinds]
    assert layer.append("x", initial=past, final=present, every_step=False) == ("", "present.h")
    session = open_graph(serialise(graph))
    state = [np.random.default_rng(4).normal(size=(1, 3, HIDDEN)).astype(np.float32) for _ in kinds]
    begun = tuple(map(torch.from_numpy, state))
    for piece in (x[:1], x[1:]):
        state = session.run(present, {"x": piece, **dict(zip(past, state, strict=True))})
    with torch.inference_mode():
        _, expected = module(torch.from_numpy(x), begun if cell == "lstm" else begun[0])
    for array, own in zip(state, expected if cell == "lstm" else (expected,), strict=True):
        np.testing.assert_allclose(array, own.numpy(), atol=1e-5)
