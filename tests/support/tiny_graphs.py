"""A small model directory with random weights, for the tests of the reading side."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from recurra.many_to_one.learn.graph import build
from recurra.many_to_one.shape import ManyToOneShape
from recurra.storage.model_directory import write
from recurra.text.word_tokenizer import WordTokenizer

WORDS = [f"w{number}" for number in range(40)]


def shape(outputs: int = 1) -> ManyToOneShape:
    return ManyToOneShape(
        vocabulary=len(WORDS) + 2,
        embedding=6,
        cell="lstm",
        hidden=5,
        layers=1,
        direction="both",
        pooling="max",
        outputs=outputs,
    )


def graph(network: ManyToOneShape) -> bytes:
    rng = np.random.default_rng(5)
    return build(network, {name: rng.normal(size=size) for name, size in network.weight_shapes().items()}, 1.3)


@pytest.fixture(scope="session")
def binary_graph() -> bytes:
    return graph(shape())


@pytest.fixture(scope="session")
def ternary_graph() -> bytes:
    return graph(shape(3))


@pytest.fixture(scope="session")
def tokenizer_json() -> bytes:
    return WordTokenizer(WORDS, max_tokens=12).to_json().encode()


@pytest.fixture(scope="session")
def model_directory(tmp_path_factory: pytest.TempPathFactory, binary_graph: bytes, tokenizer_json: bytes) -> Path:
    directory = tmp_path_factory.mktemp("models") / "binary"
    write(
        directory,
        {"model.onnx": binary_graph, "tokenizer.json": tokenizer_json},
        labels=["neg", "pos"],
        network=shape().model_dump(),
        task="classify",
        config={},
        metrics={},
        data={},
    )
    return directory
