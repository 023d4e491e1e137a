"""A network that begins as a trained model, with more words and labels."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from recurra.evaluation.calibration import class_logits, softmax
from recurra.many_to_one.engines.onnx import GraphSession
from recurra.many_to_one.learn.graph import build
from recurra.many_to_one.learn.growth import begin_at, further_words, grown_shape, with_outputs
from recurra.many_to_one.learn.network import ManyToOneNetwork
from recurra.many_to_one.shape import ManyToOneShape
from recurra.nn.batch import Batch
from recurra.text.tokenizer import FIRST_WORD, Encoding
from recurra.text.word_tokenizer import WordTokenizer

WORDS = ["the", "film", "was", "fine", "dull", "plot", "again", "odd"]
KNOWN = ["the film was fine", "dull", "zesty grim the film grim"]
TEXTS = [*KNOWN, "a plot, a zesty plot was odd again again"]


def random_network(shape: ManyToOneShape, words: list[str], seed: int = 0) -> ManyToOneNetwork:
    torch.manual_seed(seed)
    network = ManyToOneNetwork(shape, words=words)
    with torch.no_grad():
        for name, weight in network.named_parameters():
            if not name.startswith("thresholds"):
                weight.add_(0.3 * torch.randn_like(weight))
        if network.ngrams is not None:
            network.ngrams.table.weight[:FIRST_WORD] = 0.0  # no n-gram has these ids
    return network.eval()


def shape_of(**more: Any) -> ManyToOneShape:
    sizes: dict[str, Any] = {
        "vocabulary": len(WORDS) + 2, "embedding": 5, "cell": "gru", "hidden": 4, "layers": 2, "direction": "both",
        "pooling": "attention", "outputs": 1,
    }  # fmt: skip
    return ManyToOneShape.model_validate({**sizes, **more})


def logits_of(
    shape: ManyToOneShape, weights: dict[str, Any], texts: list[Encoding], temperature: float = 1.0
) -> np.ndarray:
    session = GraphSession(
        build(shape, weights, temperature), ids=shape.vocabulary, subwords=shape.subwords, link=shape.answer
    )
    return session.run(texts)[0]


@pytest.mark.parametrize(
    ("more", "outputs"),
    [
        ({}, 1),
        ({"outputs": 3}, 3),
        ({"ngrams": 1, "pooling": "max-mean"}, 1),
        ({"ngrams": 1, "subwords": 101, "cell": "lstm"}, 1),
        ({"ngrams": 1, "subwords": 101, "outputs": 3}, 3),
        ({"ngrams": 1, "subwords": 101, "subword_vectors": True}, 1),
        ({"link": "cumulative", "levels": 4}, 1),
        ({"link": "sigmoid", "outputs": 3}, 3),
    ],
)
def test_a_grown_network_answers_as_the_model_does(more: dict[str, Any], outputs: int) -> None:
    """Also texts with words that the model lacks and the grown network knows; the oracle is the model's own graph."""
    shape, temperature = shape_of(**more), 1.7
    old = WordTokenizer(WORDS, max_tokens=9, subwords=shape.subwords)
    weights = random_network(shape, WORDS).exported()
    session = GraphSession(
        build(shape, weights, temperature), ids=shape.vocabulary, subwords=shape.subwords, link=shape.answer
    )
    expected = session.run([old.encode(text) for text in TEXTS])[0]
    new = old.with_words([*WORDS, "zesty", "grim"])
    larger = grown_shape(shape, new.size, outputs)
    network = ManyToOneNetwork(larger, words=new.words).eval()
    begin_at(network, shape, weights, temperature)
    found = GraphSession(
        build(larger, network.exported()), ids=larger.vocabulary, subwords=larger.subwords, link=larger.answer
    ).run([new.encode(text) for text in TEXTS])[0]
    # weights of n-grams are rounded again when they are saved again
    assert np.allclose(found, expected, atol=0.05 if shape.ngrams else 1e-5)
    batch = Batch.of([new.with_subwords(0).encode(text).ids for text in KNOWN])
    with torch.inference_mode():
        assert np.allclose(network(batch).numpy(), found[: len(KNOWN)], atol=0.05 if shape.ngrams else 1e-5)


@pytest.mark.parametrize(("before", "after"), [(1, 3), (1, 4), (3, 5)])
def test_further_labels_leave_the_odds_of_the_others(before: int, after: int) -> None:
    shape = shape_of(outputs=before, ngrams=2, ngram_buckets=101)
    own = random_network(shape, WORDS)
    weights = own.exported()
    network = ManyToOneNetwork(grown_shape(shape, shape.vocabulary, after), words=WORDS).eval()
    begin_at(network, shape, weights, 1.0)
    batch = Batch.of([np.array([2, 3, 4, 5], dtype=np.int32), np.array([9, 2], dtype=np.int32)])
    with torch.inference_mode():
        old, new = class_logits(own(batch).numpy()), network(batch).numpy()
    known = old.shape[1]
    assert np.allclose(softmax(new[:, :known]), softmax(old), atol=0.01)
    assert np.array_equal(new[:, known:], np.zeros((2, after - known))), "nothing speaks for or against a new label"


@given(st.integers(1, 4), st.integers(0, 3), st.integers(0, 2**16))
def test_more_outputs_are_the_old_ones_and_nothing(own: int, more: int, seed: int) -> None:
    weights = np.random.default_rng(seed).normal(size=(6, own)).astype(np.float32)
    outputs = max(own, 3) + more
    found = with_outputs(weights, outputs).numpy()
    assert found.shape == (6, outputs)
    if own == 1:
        assert np.allclose(found[:, 1] - found[:, 0], weights[:, 0]) and not found[:, 2:].any()
    else:
        assert np.array_equal(found[:, :own], weights) and not found[:, own:].any()


@given(
    st.dictionaries(st.text("abcd", min_size=1, max_size=3), st.integers(1, 5)), st.integers(1, 4), st.integers(0, 6)
)
def test_further_words_are_frequent_and_new_and_bounded(counts: dict[str, int], least: int, most: int) -> None:
    known = ["a", "bc", "d"]
    found = further_words(counts, known, least, most)
    assert len(found) == len(set(found)) <= max(0, most)
    assert all(word not in known and counts[word] >= least for word in found)
    left = [counts[word] for word in counts if word not in found and word not in known and counts[word] >= least]
    assert not left or (len(found) == max(0, most) and (not found or max(left) <= min(counts[w] for w in found)))
    assert [counts[word] for word in found] == sorted((counts[word] for word in found), reverse=True)
