"""N-grams in the graph: ONNX Runtime, the kernel, the network and plain Python give the same answers."""

from __future__ import annotations

from functools import cache
from typing import Any, Literal

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from recurra.many_to_one.engines.kernel import KernelEngine, available
from recurra.many_to_one.engines.onnx import GraphSession
from recurra.many_to_one.learn.check import checked_graph
from recurra.many_to_one.learn.graph import build
from recurra.many_to_one.shape import ManyToOneShape
from recurra.nn.batch import Batch
from recurra.tasks.classify.model import Classifier
from support.ngram_models import KINDS, TEMPERATURE, UNHEARD, WORDS, by_hand, classifier, network, shape, text_of

TEXTS = st.lists(
    st.lists(st.sampled_from([*WORDS[:5], *UNHEARD]), min_size=1, max_size=12).map(" ".join), min_size=1, max_size=6
)
BOTH_WAYS = [{**kind, "direction": direction} for kind in KINDS for direction in ("both", "forward")]


@cache
def model_of(number: int, engine: Literal["graph", "kernel"]) -> Classifier:
    return classifier(shape(**BOTH_WAYS[number]), engine=engine)


@pytest.mark.parametrize("number", range(len(BOTH_WAYS)), ids=lambda number: str(BOTH_WAYS[number]))
@settings(max_examples=25, deadline=None)
@given(texts=TEXTS)
def test_the_graph_and_the_kernel_agree_on_ragged_texts_together_and_alone(number: int, texts: list[str]) -> None:
    graph, kernel = model_of(number, "graph"), model_of(number, "kernel")
    encodings = graph.encode(texts)
    together, by_kernel = graph.engine.run(encodings)[0], kernel.engine.run(encodings)[0]
    np.testing.assert_allclose(by_kernel, together, atol=1e-5)
    alone = np.concatenate([graph.engine.run([encoding])[0] for encoding in encodings])
    np.testing.assert_allclose(alone, together, atol=1e-5)
    alone = np.concatenate([kernel.engine.run([encoding])[0] for encoding in encodings])
    np.testing.assert_allclose(alone, together, atol=1e-5)


@pytest.mark.parametrize("kind", BOTH_WAYS, ids=str)
def test_both_add_what_the_n_grams_of_plain_python_do(kind: dict[str, Any]) -> None:
    """Against the same network without n-grams: what is over is theirs."""
    engines = [graph_of, *([kernel_of] if available() else [])]
    made, rng = network(shape(**kind)), np.random.default_rng(2)
    weights = made.exported()
    texts = [text_of(length, rng) for length in (1, 2, 3, 5, 17, 40)]
    expected = [by_hand(made.shape, weights, text) / TEMPERATURE for text in texts]
    silent = weights | {f"{name}.codes": np.zeros_like(weights[f"{name}.codes"]) for name in _coded(weights)}
    encodings = classifier(made.shape).encode(texts)
    for engine in engines:
        added = engine(made.shape, weights).run(encodings)[0] - engine(made.shape, silent).run(encodings)[0]
        np.testing.assert_allclose(added, expected, atol=2e-5)


@pytest.mark.parametrize("kind", BOTH_WAYS, ids=str)
def test_the_graph_answers_as_the_network_that_was_trained(kind: dict[str, Any]) -> None:
    """But for the rounding of the n-grams' weights to 8 bits, which is taken out here by rounding them before."""
    made = network(shape(**kind))
    with torch.no_grad():
        if made.ngrams is not None:
            made.ngrams.table.weight.copy_(torch.where(made.ngrams.table.weight > 0, 1.0, -1.0))
            made.ngrams.table.weight[:2] = 0
        if made.spellings is not None and made.spellings.ngrams is not None:
            made.spellings.ngrams.weight.zero_()
    graph, weights = checked_graph(made, TEMPERATURE)
    rng = np.random.default_rng(4)
    rows = [rng.integers(0, 16, length).astype(np.int32) for length in (1, 2, 3, 9, 30, 30)]
    with torch.inference_mode():
        expected = made(Batch.of(rows)).numpy() / TEMPERATURE
    session = GraphSession(graph, ids=16, subwords=made.shape.subwords)
    np.testing.assert_allclose(session.run(rows)[0], expected, atol=1e-5)
    if available():
        np.testing.assert_allclose(kernel_of(made.shape, weights).run(rows)[0], expected, atol=1e-5)


@pytest.mark.parametrize("kind", BOTH_WAYS, ids=str)
def test_what_stands_beyond_a_row_is_not_read(kind: dict[str, Any]) -> None:
    session = GraphSession(build(shape(**kind), network(shape(**kind)).exported(), TEMPERATURE), ids=16)
    rows = np.array([[2, 3, 4], [5, 2, 3]], dtype=np.int64)
    lengths = np.array([1, 3], dtype=np.int64)
    answers = []
    for filler in (0, 1, 7, 15):
        ids = np.full((2, 6), filler, dtype=np.int64)
        ids[:, :3] = rows
        ids[0, 1:] = filler
        answers.append(session._session.run(["logits"], {"ids": ids, "lengths": lengths})[0])
    for answer in answers[1:]:
        np.testing.assert_array_equal(answer, answers[0])


@pytest.mark.parametrize("engine", ["graph", "kernel"])
def test_unknown_words_of_one_row_are_not_those_of_another(engine: Literal["graph", "kernel"]) -> None:
    model = classifier(shape(2, subwords=97, vectors=True), engine=engine)
    texts = ["zork w1", "blah w1", "w1 blah zork blah", "w1", "w99 w98 w97"]
    alone = np.concatenate([model.predict_proba([text]) for text in texts])
    np.testing.assert_allclose(model.predict_proba(texts), alone, atol=1e-6)
    assert len(np.unique(alone[:, 0].round(6))) == len(texts)


def graph_of(shape: ManyToOneShape, weights: dict[str, Any]) -> GraphSession:
    return GraphSession(build(shape, weights, TEMPERATURE), ids=shape.vocabulary, subwords=shape.subwords)


def kernel_of(shape: ManyToOneShape, weights: dict[str, Any]) -> KernelEngine:
    return KernelEngine(shape, weights, TEMPERATURE, threads=1)


def _coded(weights: dict[str, Any]) -> list[str]:
    return [name.removesuffix(".codes") for name in weights if name.endswith(".codes")]
