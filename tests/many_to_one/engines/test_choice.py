"""Which engine answers a model directory: the kernel where it can, the graph elsewhere, and what the switch says."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from safetensors.numpy import save

from recurra.errors import ArtefactError, OptionError
from recurra.many_to_one.engines import choice
from recurra.many_to_one.engines.choice import VARIABLE, answering
from recurra.many_to_one.engines.kernel import available
from recurra.many_to_one.learn.graph import build
from recurra.many_to_one.shape import ManyToOneShape
from recurra.storage import model_directory
from recurra.tasks.registry import load

needs_kernel = pytest.mark.skipif(not available(), reason="the kernel is not built here; ONNX Runtime answers")
SHAPE = ManyToOneShape(
    vocabulary=42, embedding=6, cell="lstm", hidden=5, layers=1, direction="both", pooling="max", outputs=1
)
TEXTS = ["w1 w2 w3", "w5", "w7 w8 w1 w30 unheard", ""]


@pytest.fixture
def directory(tmp_path: Path, tokenizer_json: bytes) -> Path:
    return written(tmp_path / "model", tokenizer_json)


def written(path: Path, tokenizer_json: bytes, *, precision: str = "fp32", content: bytes | None = None) -> Path:
    rng = np.random.default_rng(5)
    weights = {name: rng.normal(size=size).astype(np.float32) for name, size in SHAPE.weight_shapes().items()}
    model_directory.write(
        path,
        {
            model_directory.MODEL: build(SHAPE, weights, 1.3),
            model_directory.TOKENIZER: tokenizer_json,
            model_directory.WEIGHTS: save(weights) if content is None else content,
        },
        labels=["neg", "pos"],
        network=SHAPE.model_dump(),
        task="classify",
        config={},
        metrics={"export": {"precision": precision}, "temperature": 1.3},
        data={},
    )
    return path


@needs_kernel
def test_the_kernel_answers_as_the_graph_does(directory: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    by_kernel = load(directory)
    assert by_kernel.engine.name == "kernel"
    assert answering(model_directory.read(directory).manifest) == "kernel"
    monkeypatch.setenv(VARIABLE, "onnxruntime")
    by_graph = load(directory)
    assert by_graph.engine.name == "onnxruntime"
    assert answering(model_directory.read(directory).manifest) == "onnxruntime"
    np.testing.assert_allclose(by_kernel.predict_proba(TEXTS), by_graph.predict_proba(TEXTS), atol=1e-5)


def test_without_a_kernel_the_graph_answers(directory: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(choice, "available", lambda: False)
    assert load(directory).engine.name == "onnxruntime"
    monkeypatch.setenv(VARIABLE, "kernel")
    with pytest.raises(OptionError, match="this installation has no kernel"):
        load(directory)


@needs_kernel
def test_a_model_in_int8_or_without_weights_is_answered_by_its_graph(
    directory: Path, tmp_path: Path, tokenizer_json: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    small = written(tmp_path / "small", tokenizer_json, precision="int8")
    (directory / model_directory.WEIGHTS).unlink()
    for path in (small, directory):
        assert load(path).engine.name == "onnxruntime"
    monkeypatch.setenv(VARIABLE, "kernel")
    for path in (small, directory):
        with pytest.raises(OptionError, match="its graph has to answer"):
            load(path)


@needs_kernel
def test_weights_that_are_none_are_refused(tmp_path: Path, tokenizer_json: bytes) -> None:
    for number, content in enumerate((b"nonsense", save({"head.bias": np.zeros(1, dtype=np.float32)}))):
        with pytest.raises(ArtefactError, match=r"weights\.safetensors"):
            load(written(tmp_path / f"broken{number}", tokenizer_json, content=content))


def test_an_unknown_engine_is_refused(directory: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(VARIABLE, "onxruntime")
    with pytest.raises(OptionError, match="accepted are auto, kernel, onnxruntime"):
        load(directory)
