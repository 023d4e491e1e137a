"""The tutorial's network beside Keras: the same weights and the same batch give the same answers and gradients.

tests/fixtures/keras-tutorial.json was written by Keras on TensorFlow: Embedding(12, 4), Bidirectional(LSTM(3)) and
Dense(1, sigmoid) with random weights, on five sequences filled in front with 0. gradients: what one step of
SGD(learning_rate=1.0) took from each weight.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from recurra.many_to_one.learn.classification import Classification
from recurra.many_to_one.learn.examples import Targets
from recurra.many_to_one.learn.network import ManyToOneNetwork
from recurra.many_to_one.shape import ManyToOneShape
from recurra.nn.backends.choice import Backend, use_backend
from recurra.nn.batch import Batch

KERAS: dict[str, Any] = json.loads((Path(__file__).parents[2] / "fixtures" / "keras-tutorial.json").read_text())


def from_keras(arrays: list[Any], *, both_biases: bool) -> dict[str, torch.Tensor]:
    """Return Keras's arrays by our names: matrices transposed. Of our two biases the second is 0, or like the first."""
    plain = [torch.tensor(array, dtype=torch.float32) for array in arrays]
    named = {"embedding.weight": plain[0], "head.weight": plain[7].T, "head.bias": plain[8]}
    for place, direction in ((1, "left_to_right"), (4, "right_to_left")):
        layer = f"recurrent.layers.0.{direction}"
        named[f"{layer}.weight_ih"], named[f"{layer}.weight_hh"] = plain[place].T, plain[place + 1].T
        named[f"{layer}.bias_ih"] = plain[place + 2]
        named[f"{layer}.bias_hh"] = plain[place + 2] * float(both_biases)
    return named


def shape(vocabulary: int, embedding: int, hidden: int) -> ManyToOneShape:
    return ManyToOneShape(
        vocabulary=vocabulary, embedding=embedding, cell="lstm", hidden=hidden, layers=1, direction="both",
        pooling="last", outputs=1,
    )  # fmt: skip


@pytest.mark.parametrize("backend", ["fused", "reference", "kernel"])
def test_answers_and_gradients_are_those_of_keras(backend: Backend) -> None:
    if backend == "kernel":
        from recurra.kernel.library import library

        found = library()
        if found is None or found.variant("float32") is None:
            pytest.skip("the kernel is not built")
    network = ManyToOneNetwork(shape(12, 4, 3))
    network.load_state_dict(from_keras(KERAS["weights"], both_biases=False))
    with use_backend(backend):
        logits = network(Batch.of([np.array(row) for row in KERAS["ids"]]))
        Classification(2).loss(logits, Targets(torch.tensor(KERAS["labels"]))).backward()  # type: ignore[no-untyped-call]
    assert torch.sigmoid(logits[:, 0]).tolist() == pytest.approx(KERAS["probabilities"], abs=2e-6)
    expected = from_keras(KERAS["gradients"], both_biases=True)
    for name, weight in network.named_parameters():
        assert weight.grad is not None
        torch.testing.assert_close(weight.grad.to_dense(), expected[name], atol=2e-6, rtol=1e-4, msg=name)


def test_weights_start_as_in_keras() -> None:
    """Uniform word vectors, Glorot's limits, orthogonal recurrent weights, an open forget gate, no other bias."""
    torch.manual_seed(0)
    start = ManyToOneNetwork(shape(500, 32, 16)).state_dict()
    vectors = start["embedding.weight"]
    assert float(vectors.abs().max()) <= 0.05 and float(vectors.std()) == pytest.approx(0.05 / 3**0.5, rel=0.02)
    head = start["head.weight"]
    assert float(head.abs().max()) <= (6 / (32 + 1)) ** 0.5 and float(head.abs().max()) > 0.3
    assert float(start["head.bias"]) == 0
    for direction in ("left_to_right", "right_to_left"):
        layer = f"recurrent.layers.0.{direction}"
        limit, inputs = (6 / (32 + 4 * 16)) ** 0.5, start[f"{layer}.weight_ih"]
        assert 0.98 * limit < float(inputs.abs().max()) <= limit
        states = start[f"{layer}.weight_hh"]
        torch.testing.assert_close(states.T @ states, torch.eye(16), atol=1e-5, rtol=0)
        bias = (start[f"{layer}.bias_ih"] + start[f"{layer}.bias_hh"]).view(4, 16)
        assert bias.tolist() == [[0.0] * 16, [1.0] * 16, [0.0] * 16, [0.0] * 16]
