"""Classifiers of random weights with n-grams beside the network, and what n-grams add in plain Python.

model = classifier(shape(order=3, subwords=211), engine="graph")
by_hand(model.tokenizer, shape, weights, "w1 zork w2")    # of one text, [outputs]
"""

from __future__ import annotations

import itertools
from collections.abc import Mapping, Sequence
from typing import Any, Literal
from zlib import crc32

import numpy as np
import pytest
import torch
from numpy.typing import NDArray

from recurra.kernel.layout import Direction
from recurra.many_to_one.engines.kernel import KernelEngine, available
from recurra.many_to_one.learn.examples import Examples
from recurra.many_to_one.learn.graph import build
from recurra.many_to_one.learn.network import ManyToOneNetwork
from recurra.many_to_one.shape import ManyToOneShape
from recurra.tasks.classify.model import Classifier
from recurra.text.ngrams import PAIR, TRIPLE
from recurra.text.word_tokenizer import WordTokenizer

WORDS = [f"w{i}" for i in range(14)]
UNHEARD = ["zork", "blah", "w99"]
BUCKETS = {0: 0, 1: 0, 2: 101, 3: 211}
TEMPERATURE = 1.3
KINDS = [
    {"order": 1},
    {"order": 2},
    {"order": 3, "outputs": 3},
    {"order": 1, "subwords": 53, "outputs": 3},
    {"order": 2, "subwords": 97, "vectors": True},
    {"order": 3, "subwords": 97, "vectors": True, "outputs": 4},
    {"order": 0, "subwords": 53, "vectors": True},
]
"""Arguments of `shape` that cover what there can be beside a network."""


def shape(
    order: int = 2, *, outputs: int = 1, subwords: int = 0, vectors: bool = False, direction: Direction = "both"
) -> ManyToOneShape:
    return ManyToOneShape(
        vocabulary=len(WORDS) + 2,
        embedding=4,
        cell="gru",
        hidden=3,
        layers=1,
        direction=direction,
        pooling="max-mean",
        outputs=outputs,
        ngrams=order,
        ngram_buckets=BUCKETS[order],
        subwords=subwords,
        subword_vectors=vectors,
    )


def network(shape: ManyToOneShape, seed: int = 0) -> ManyToOneNetwork:
    """Return a network whose weights are all random, but those of what is no n-gram."""
    made = ManyToOneNetwork(shape, words=WORDS if shape.subwords else ()).eval()
    generator = torch.Generator().manual_seed(seed)
    with torch.no_grad():
        for parameter in made.parameters():
            parameter.copy_(0.4 * torch.randn(parameter.shape, generator=generator))
        if made.ngrams is not None:
            made.ngrams.table.weight[:2] = 0
    return made


def classifier(
    shape: ManyToOneShape, seed: int = 0, *, engine: Literal["kernel", "graph"] = "graph", **tokenizer: Any
) -> Classifier:
    """Return a model of random weights. Where the kernel is asked for and there is none, the test is skipped."""
    return model_of(network(shape, seed), engine=engine, **tokenizer)


def model_of(
    network: ManyToOneNetwork, *, engine: Literal["kernel", "graph"] = "graph", **tokenizer: Any
) -> Classifier:
    """Return the model of a network, as `classifier` does."""
    if engine == "kernel" and not available():
        pytest.skip("no kernel was built here")
    shape, weights = network.shape, network.exported()
    graph = build(shape, weights, TEMPERATURE)
    words = WordTokenizer(WORDS, **{"max_tokens": None, **tokenizer}, subwords=shape.subwords)
    kernel = KernelEngine(shape, weights, TEMPERATURE, threads=1) if engine == "kernel" else None
    labels: list[Any] = ["no", "yes"] if shape.outputs == 1 else [f"class {n}" for n in range(shape.outputs)]
    return Classifier(words, graph, labels, threads=1, engine=kernel, network=shape)


def text_of(tokens: int, rng: np.random.Generator) -> str:
    """Return words of the vocabulary, and unheard ones among them."""
    return " ".join(rng.choice([*WORDS[:6], *UNHEARD], tokens))


def table_of(weights: Mapping[str, NDArray[Any]], name: str) -> NDArray[np.float64]:
    """Return the weights that codes stand for, by the formula."""
    codes = weights[f"{name}.codes"].astype(np.float64)
    return codes * np.abs(codes) * float(weights[f"{name}.scale"][0])


def features_by_hand(ids: Sequence[int], vocabulary: int, order: int) -> set[int]:
    """Return the distinct features of ids; those from V on are unknown words, and have none."""
    known = [word if word < vocabulary else 1 for word in ids]
    found = {word for word in known if word >= 2}
    for size in range(2, order + 1):
        for begin in range(len(known) - size + 1):
            run = known[begin : begin + size]
            if min(run) >= 2:
                total = sum(word * factor for word, factor in zip(run, {2: PAIR, 3: TRIPLE}[size], strict=True))
                found.add(vocabulary + total % BUCKETS[order])
    return found


def grams_by_hand(word: str) -> list[str]:
    marked = f"<{word[:40]}>"
    return [
        marked[a:b] for a, b in itertools.combinations(range(len(marked) + 1), 2) if 2 <= b - a <= 5
    ]  # fmt: skip


def by_hand(shape: ManyToOneShape, weights: Mapping[str, NDArray[Any]], text: str) -> NDArray[np.float64]:
    """Return what the n-grams add to the logits [outputs] of a text of words, in the order of its words."""
    total = np.zeros(shape.outputs)
    if not shape.ngrams:
        return total
    words = text.split()
    ids = [WORDS.index(word) + 2 if word in WORDS else 1 for word in words]
    for feature in features_by_hand(ids, shape.vocabulary, shape.ngrams):
        total += table_of(weights, "ngrams")[feature]
    if shape.subwords:
        for word in {word for word in words if word not in WORDS}:
            grams = [crc32(gram.encode()) % shape.subwords for gram in grams_by_hand(word)]
            total += 0.6 * table_of(weights, "subwords")[grams].sum(axis=0) / np.sqrt(len(grams))
    return total


def examples_of(rows: Sequence[Sequence[int]], targets: Sequence[int], words: Sequence[str] = WORDS) -> Examples:
    """Return rows of ids, as a classifier is trained on them."""
    counts = np.array([len(row) for row in rows], dtype=np.int64)
    return Examples(
        np.array([word for row in rows for word in row], dtype=np.int32),
        np.cumsum(counts) - counts,
        counts,
        np.arange(len(words) + 2, dtype=np.int32),
        WordTokenizer(words, max_tokens=None),
        np.array(targets, dtype=np.int64),
    )
