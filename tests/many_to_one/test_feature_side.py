"""What the columns beside a text add: NumPy, PyTorch, the kernel and ONNX Runtime say the same."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import torch
from torch.nn import functional

from recurra.errors import OptionError
from recurra.many_to_one.engines.kernel import KernelEngine, available
from recurra.many_to_one.engines.onnx import GraphSession
from recurra.many_to_one.feature_side import FeatureSide, features_of
from recurra.many_to_one.learn.ensemble import Ensemble
from recurra.many_to_one.learn.graph import build
from recurra.many_to_one.learn.network import ManyToOneNetwork
from recurra.many_to_one.learn.quantise import quantised
from recurra.many_to_one.shape import ManyToOneShape
from recurra.nn.batch import Batch
from recurra.text.tokenizer import Encoding

SHAPE: dict[str, Any] = {
    "vocabulary": 30, "embedding": 5, "hidden": 4, "layers": 1, "pooling": "max-mean", "outputs": 3,
    "feature_inputs": 7, "feature_hidden": 6,
}  # fmt: skip


def network_of(seed: int, **more: Any) -> ManyToOneNetwork:
    torch.manual_seed(seed)
    network = ManyToOneNetwork(ManyToOneShape(**{**SHAPE, "cell": "lstm", "direction": "both", **more}))
    with torch.no_grad():
        for parameter in network.parameters():
            parameter.add_(torch.randn_like(parameter) * 0.5)
    return network.eval()


def rows_of(rng: np.random.Generator, rows: int = 9) -> list[Encoding]:
    return [
        Encoding(rng.integers(2, 30, n).astype(np.int32), n, 0, features=rng.normal(size=7).astype(np.float32))
        for n in rng.integers(1, 12, rows).tolist()
    ]


def logits_of(network: ManyToOneNetwork, rows: list[Encoding]) -> np.ndarray[Any, Any]:
    batch = Batch.of([row.ids for row in rows])
    batch = Batch(batch.values, batch.lengths, torch.from_numpy(features_of(rows, 7)))
    with torch.inference_mode():
        return network(batch).numpy()


@pytest.mark.parametrize("direction", ["both", "forward"])
@pytest.mark.parametrize("ngrams", [0, 2])
@pytest.mark.parametrize("outputs", [1, 3])
def test_every_engine_adds_the_same(direction: str, ngrams: int, outputs: int) -> None:
    more = {"ngrams": ngrams, "ngram_buckets": 31} if ngrams else {}
    network = network_of(outputs, direction=direction, outputs=outputs, **more)
    rows = rows_of(np.random.default_rng(1))
    weights = network.exported()
    if ngrams:
        weights["ngrams.codes"][:2] = 0  # of what is no word, as training leaves them
    graph = GraphSession(build(network.shape, weights, 1.5), ids=30, features=7, link=network.shape.answer)
    found = graph.run(rows)[0]
    if not ngrams:  # whose weights are rounded
        np.testing.assert_allclose(found, logits_of(network, rows) / 1.5, atol=1e-5)
    if available():
        engine = KernelEngine(network.shape, weights, 1.5)
        np.testing.assert_allclose(engine.run(rows)[0], found, atol=1e-5)
        alone = np.concatenate([engine.run([row])[0] for row in rows])
        np.testing.assert_array_equal(engine.run(rows)[0], alone)
    without = [Encoding(row.ids, row.tokens, 0) for row in rows]
    for engine_ in (graph, *([engine] if available() else [])):
        with pytest.raises(OptionError, match="7 numbers beside each text"):
            engine_.run(without)


def test_a_rounded_graph_reads_them_row_by_row() -> None:
    network, rows = network_of(4), rows_of(np.random.default_rng(4))
    graph = build(network.shape, network.exported(), 1.0)
    small = quantised(graph)
    assert small is not None
    session = GraphSession(small, ids=30, features=7)
    found = session.run(rows)[0]
    np.testing.assert_allclose(found, GraphSession(graph, ids=30, features=7).run(rows)[0], atol=0.2)
    np.testing.assert_array_equal(np.concatenate([session.run([row])[0] for row in rows]), found)


def test_an_ensemble_is_the_mean_of_its_members() -> None:
    networks = [network_of(seed) for seed in range(3)]
    whole, rows = Ensemble(networks).eval(), rows_of(np.random.default_rng(2))
    wanted = np.mean([logits_of(network, rows) for network in networks], axis=0)
    np.testing.assert_allclose(logits_of(whole, rows), wanted, atol=1e-5)
    assert whole.shape.member == networks[0].shape and set(whole.exported()) == set(whole.shape.weight_shapes())
    graph = GraphSession(build(whole.shape, whole.exported()), ids=30, features=7, members=3)
    np.testing.assert_allclose(graph.run(rows)[0], wanted, atol=1e-5)


def test_numpy_is_pytorch() -> None:
    rng = np.random.default_rng(3)
    parts = {
        "features.hidden.weight": rng.normal(size=(6, 7)), "features.hidden.bias": rng.normal(size=6),
        "features.output.weight": rng.normal(size=(2, 6)), "features.linear.weight": rng.normal(size=(2, 7)),
    }  # fmt: skip
    side = FeatureSide.of({name: part.astype(np.float32) for name, part in parts.items()})
    x = rng.normal(size=(5, 7)).astype(np.float32)
    assert side is not None and FeatureSide.of({}) is None
    hidden, bias, output, linear = (torch.from_numpy(part).float() for part in parts.values())
    wanted = functional.linear(functional.relu(functional.linear(torch.from_numpy(x), hidden, bias)), output)
    wanted += functional.linear(torch.from_numpy(x), linear)
    np.testing.assert_allclose(side.scores(x), wanted.numpy(), atol=1e-5)


def test_a_shape_without_features_is_written_as_before() -> None:
    plain = ManyToOneShape(**{**SHAPE, "cell": "gru", "direction": "both", "feature_inputs": 0, "feature_hidden": 0})
    assert not {"feature_inputs", "feature_hidden"} & plain.model_dump().keys()
    assert ManyToOneShape.model_validate(plain.model_dump()) == plain
    with pytest.raises(ValueError, match="layer of their own"):
        ManyToOneShape(**{**SHAPE, "cell": "gru", "direction": "both", "feature_hidden": 0})
    network = network_of(0)
    assert network.shape.parameters == sum(parameter.numel() for parameter in network.parameters())
