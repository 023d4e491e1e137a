"""The graph against torch's own layers, run row by row and without padding, in float64."""

from __future__ import annotations

import itertools
from typing import get_args

import numpy as np
import onnx
import onnxruntime as ort
import pytest
from numpy.typing import NDArray

from recurra.errors import ExportError
from recurra.kernel.layout import Cell, weight_kinds
from recurra.many_to_one.learn.graph import build
from recurra.many_to_one.shape import ManyToOneShape
from support.torch_cells import MODULES

torch = pytest.importorskip("torch")

VOCABULARY, EMBEDDING, HIDDEN = 29, 5, 4
LENGTHS = np.array([7, 1, 12, 3, 1, 5], dtype=np.int64)
TEMPERATURE = 1.7
CELLS = get_args(Cell)
POOLINGS = ("last", "mean", "max", "max-mean", "attention")
GRID = list(itertools.product(CELLS, ("both", "forward"), (1, 2), POOLINGS, (1, 3)))


def shape_of(cell: str, direction: str, layers: int, pooling: str, outputs: int) -> ManyToOneShape:
    return ManyToOneShape.model_validate(
        {
            "vocabulary": VOCABULARY,
            "embedding": EMBEDDING,
            "cell": cell,
            "hidden": HIDDEN,
            "layers": layers,
            "direction": direction,
            "pooling": pooling,
            "outputs": outputs,
        }
    )


def random_weights(network: ManyToOneShape, seed: int = 0) -> dict[str, NDArray[np.float64]]:
    rng = np.random.default_rng(seed)
    return {name: rng.normal(scale=0.7, size=shape) for name, shape in network.weight_shapes().items()}


def oracle(
    network: ManyToOneShape, weights: dict[str, NDArray[np.float64]], ids: NDArray[np.int64]
) -> NDArray[np.float64]:
    """The logits [outputs] of one row [T] before the temperature: torch's layer, then textbook pooling."""
    layer = MODULES[network.cell](EMBEDDING, HIDDEN, network.layers, bidirectional=network.direction == "both").double()
    named = {}
    for number, direction in itertools.product(range(network.layers), network.direction_names):
        suffix = "_reverse" if direction == "right_to_left" else ""
        for part in weight_kinds(network.cell):
            named[f"{part}_l{number}{suffix}"] = torch.from_numpy(
                weights[f"recurrent.layers.{number}.{direction}.{part}"]
            )
    layer.load_state_dict(named)
    with torch.no_grad():
        states, final = layer(torch.from_numpy(weights["embedding.weight"][ids]))
    final = final[0] if network.cell == "lstm" else final
    states = states.numpy()
    if network.pooling == "last":
        pooled = final[-network.directions :].numpy().ravel()
    elif network.pooling == "mean":
        pooled = states.sum(axis=0) / len(ids)
    elif network.pooling == "max":
        pooled = states.max(axis=0)
    elif network.pooling == "max-mean":
        pooled = np.concatenate([states.max(axis=0), states.sum(axis=0) / len(ids)])
    else:
        hidden = np.tanh(states @ weights["pooling.projection.weight"].T + weights["pooling.projection.bias"])
        scores = hidden @ weights["pooling.score.weight"][0]
        shares = np.exp(scores - scores.max())
        pooled = (shares / shares.sum()) @ states
    answer: NDArray[np.float64] = weights["head.weight"] @ pooled + weights["head.bias"]
    return answer


def probabilities_of(logits: NDArray[np.float64]) -> NDArray[np.float64]:
    if logits.shape[1] == 1:
        p = 1 / (1 + np.exp(-logits))
        return np.concatenate([1 - p, p], axis=1)
    e = np.exp(logits - logits.max(axis=1, keepdims=True))
    normal: NDArray[np.float64] = e / e.sum(axis=1, keepdims=True)
    return normal


def padded(
    rows: list[NDArray[np.int64]], length: int, rng: np.random.Generator, low: int, high: int
) -> NDArray[np.int64]:
    """Rows [B, length], filled after their ends with random ids from [low, high)."""
    ids = rng.integers(low, high, size=(len(rows), length))
    for place, row in enumerate(rows):
        ids[place, : len(row)] = row
    return ids


def session_of(graph: bytes) -> ort.InferenceSession:
    options = ort.SessionOptions()
    options.intra_op_num_threads = 1
    return ort.InferenceSession(graph, options, providers=["CPUExecutionProvider"])


@pytest.mark.parametrize(("cell", "direction", "layers", "pooling", "outputs"), GRID)
def test_equals_torch_row_by_row_for_any_padding(
    cell: str, direction: str, layers: int, pooling: str, outputs: int
) -> None:
    network = shape_of(cell, direction, layers, pooling, outputs)
    weights = random_weights(network)
    rng = np.random.default_rng(1)
    rows = [rng.integers(0, VOCABULARY, size=length) for length in LENGTHS]
    logits = np.stack([oracle(network, weights, row) for row in rows]) / TEMPERATURE
    probabilities = probabilities_of(logits)
    session = session_of(build(network, weights, TEMPERATURE))
    longest = int(LENGTHS.max())
    for extra, low, high in ((0, 0, 1), (0, 0, VOCABULARY), (1, 0, VOCABULARY), (9, -(10**12), 10**12)):
        ids = padded(rows, longest + extra, rng, low, high)
        got = session.run(["logits", "probabilities"], {"ids": ids, "lengths": LENGTHS})
        assert got[0].dtype == got[1].dtype == np.float32
        np.testing.assert_allclose(got[0], logits, atol=1e-5, rtol=1e-5)
        np.testing.assert_allclose(got[1], probabilities, atol=1e-5)
    for row, expected in zip(rows, logits, strict=True):
        alone = session.run(["logits"], {"ids": row[None], "lengths": np.array([len(row)])})[0]
        np.testing.assert_allclose(alone[0], expected, atol=1e-5, rtol=1e-5)


@pytest.mark.parametrize("cell", CELLS)
def test_three_layers_and_a_longer_sequence(cell: str) -> None:
    network = shape_of(cell, "both", 3, "mean", 1)
    weights = random_weights(network, seed=3)
    ids = np.random.default_rng(2).integers(0, VOCABULARY, size=90)
    got = session_of(build(network, weights)).run(["logits"], {"ids": ids[None], "lengths": np.array([90])})[0]
    np.testing.assert_allclose(got[0], oracle(network, weights, ids), atol=1e-5, rtol=1e-5)


def test_probabilities_keep_small_values_and_sum_to_one() -> None:
    network = shape_of("rnn", "forward", 1, "last", 1)
    weights = random_weights(network)
    weights["head.weight"][:] = 0
    weights["head.bias"][:] = 30
    got = session_of(build(network, weights)).run(
        ["probabilities"], {"ids": np.ones((1, 2), int), "lengths": np.array([2])}
    )[0]
    np.testing.assert_allclose(got[0], [np.exp(-30), 1], rtol=1e-4)


def test_the_file_is_reproducible_self_contained_and_standard() -> None:
    network = shape_of("lstm", "both", 2, "attention", 3)
    weights = random_weights(network)
    graph = build(network, weights, 2.0)
    assert graph == build(network, dict(reversed(weights.items())), 2.0)
    model = onnx.load_from_string(graph)
    assert {node.domain for node in model.graph.node} == {""}
    assert all(tensor.data_location == onnx.TensorProto.DEFAULT for tensor in model.graph.initializer)
    assert [value.name for value in model.graph.input] == ["ids", "lengths"]
    assert [value.name for value in model.graph.output] == ["logits", "probabilities"]


def test_weights_that_do_not_fit_are_refused_by_name() -> None:
    network = shape_of("gru", "forward", 1, "max", 1)
    weights = random_weights(network)
    with pytest.raises(ExportError, match=r"head\.bias"):
        build(network, {name: value for name, value in weights.items() if name != "head.bias"})
    with pytest.raises(ExportError, match="stray"):
        build(network, {**weights, "stray": np.zeros(1)})
    with pytest.raises(ExportError, match=r"head\.weight has shape \(2, 4\).*\(1, 4\)"):
        build(network, {**weights, "head.weight": np.zeros((2, 4))})
    for bad in (np.nan, np.inf, 1e300):
        with pytest.raises(ExportError, match=r"head\.bias.*finite"):
            build(network, {**weights, "head.bias": np.array([bad])})
    for temperature in (0.0, -1.0, float("nan"), float("inf")):
        with pytest.raises(ExportError, match="temperature"):
            build(network, weights, temperature)


@pytest.mark.parametrize(("cell", "direction", "layers", "pooling", "outputs"), GRID)
def test_parameters_counts_the_weights(cell: str, direction: str, layers: int, pooling: str, outputs: int) -> None:
    network = shape_of(cell, direction, layers, pooling, outputs)
    assert network.parameters == sum(int(np.prod(shape)) for shape in network.weight_shapes().values())
    assert network.classes == max(2, outputs)


@pytest.mark.parametrize(
    "wrong",
    [{"cell": "LSTM"}, {"hidden": 0}, {"hidden": True}, {"layers": 10**9}, {"vocabulary": 2**30}, {"dropout": 1}],
)
def test_shapes_that_cannot_be_are_refused(wrong: dict[str, object]) -> None:
    plain = shape_of("lstm", "both", 1, "max", 1).model_dump()
    with pytest.raises(ValueError):
        ManyToOneShape.model_validate({**plain, **wrong})
