"""The linear model of n-grams in a classifier's graph, and the spellings of unknown words: see `graph.py`.

A feature counts once, however often a row has it: the features of a row are sorted, and of equal neighbours all but one
become feature 0, whose weights are zero.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from recurra.export.graph_builder import FloatArray, GraphBuilder
from recurra.many_to_one.shape import SPELLING_SCALE, ManyToOneShape
from recurra.text.ngrams import PAIR, TRIPLE, HashedNgrams
from recurra.text.tokenizer import UNKNOWN

SPELLINGS, READ_NGRAMS, BESIDE = "spellings", "read_ngrams", "beside"


@dataclass(frozen=True)
class Spelt:
    """What is made of the spellings of N unknown words. embeddings: for each member by its prefix, the name of
    [1 + N, D], the first row zero; ngrams: the same of [1 + N, O]. None and "" where the spelling has no such part."""

    embeddings: Mapping[str, str] | None = None
    ngrams: str = ""


def spelt(graph: GraphBuilder, network: ManyToOneShape, weights: Mapping[str, FloatArray]) -> Spelt:
    """Declare the input `spellings` [N, G], which may be left out, and append what is made of it."""
    buckets = network.subwords
    graph.option(SPELLINGS, np.full((1, 1), buckets, dtype=np.int64), ["unknown", "grams"])
    real = graph.single(graph.node("Less", [SPELLINGS, graph.scalar(buckets)]))  # [N, G]
    count = graph.node("ReduceSum", [real, graph.ints([1])], keepdims=1)
    count = graph.node("Max", [count, graph.weight("one", np.ones(1, dtype=np.float32))])  # [N, 1]

    def table(name: str) -> FloatArray:
        """The rows of all buckets, and one of zeros for what is no n-gram."""
        return np.concatenate([weights[name], np.zeros_like(weights[name][:1])])

    def sums(found: str) -> str:
        return graph.node("ReduceSum", [found, graph.ints([1])], keepdims=0)  # [N, G, ..] -> [N, ..]

    def after_zeros(rows: str, width: int) -> str:
        zeros = graph.weight(f"zeros_{width}", np.zeros((1, width), dtype=np.float32))
        return graph.node("Concat", [zeros, rows], axis=0)

    means: dict[str, str] = {}
    for prefix in network.prefixes if network.subword_vectors else ():
        name = f"{prefix}subwords.embedding"
        vectors = graph.node("Gather", [graph.weight(name, table(name)), SPELLINGS])
        means[prefix] = after_zeros(graph.node("Div", [sums(vectors), count]), network.embedding)
    if not network.ngrams:
        return Spelt(means)
    scale = graph.weight("spelling_scale", np.full(1, SPELLING_SCALE, dtype=np.float32))
    found = _restored(graph, graph.weight("subwords.codes", table("subwords.codes")), SPELLINGS, weights, "subwords")
    scaled = graph.node("Mul", [sums(found), graph.node("Div", [scale, graph.node("Sqrt", [count])])])
    return Spelt(means, after_zeros(scaled, network.outputs))


def embedded(
    graph: GraphBuilder, network: ManyToOneShape, table: str, ids: str, unknown: Spelt | None, prefix: str = ""
) -> str:
    """Append the look-up of ids [T, B]: [T, B, D]. table: the name of the vectors [V, D]; prefix: of a member."""
    if unknown is None:
        return graph.node("Gather", [table, ids])
    known = graph.node("Less", [ids, graph.scalar(network.vocabulary)])
    own = graph.node("Gather", [table, graph.node("Where", [known, ids, graph.scalar(UNKNOWN)])])
    if not unknown.embeddings:
        return own
    number = graph.node("Sub", [ids, graph.scalar(network.vocabulary - 1)])
    spelling = graph.node("Where", [known, graph.scalar(0), number])
    return graph.node("Add", [own, graph.node("Gather", [unknown.embeddings[prefix], spelling])])


def ngram_logits(
    graph: GraphBuilder, network: ManyToOneShape, weights: Mapping[str, FloatArray], ids: str, unknown: Spelt | None
) -> str:
    """Append the linear model: [B, O]. ids: the name of [B, T], 0 beyond a row's length."""
    hashing = network.hashing
    assert hashing is not None  # for the type checker: the caller has n-grams
    none, last = graph.scalar(0), graph.scalar(hashing.features - 1)
    words = ids
    if unknown is not None:
        known = graph.node("Less", [ids, graph.scalar(network.vocabulary)])
        words = graph.node("Where", [known, ids, none])
    is_word = graph.node("Less", [graph.scalar(UNKNOWN), words])
    singles = graph.node("Where", [is_word, words, none])
    if unknown is not None:  # the feature of unknown word i is F + i
        after = graph.node("Add", [ids, graph.scalar(hashing.buckets)])
        singles = graph.node("Where", [known, singles, after])
    features = [singles]
    features += [_runs(graph, hashing, size, words, is_word) for size in range(2, hashing.order + 1)]
    found = graph.node("Concat", features, axis=1) if len(features) > 1 else singles  # [B, M]
    ordered, places = f"{found}_ordered", f"{found}_places"
    size = graph.node("Shape", [found], start=1, end=2)
    graph.nodes_of("TopK", [found, size], [ordered, places], {"axis": 1})
    axis, one, minus_one = graph.ints([1]), graph.ints([1]), graph.ints([-1])
    left = graph.node("Slice", [ordered, graph.ints([0]), minus_one, axis])
    right = graph.node("Slice", [ordered, one, size, axis])
    final = graph.node("Slice", [ordered, minus_one, size, axis])
    repeated = graph.node("Equal", [left, right])
    once = graph.node("Concat", [graph.node("Where", [repeated, none, left]), final], axis=1)
    table = graph.weight("ngrams.codes", weights["ngrams.codes"])
    if unknown is None:
        shares = _restored(graph, table, once, weights, "ngrams")  # [B, M, O]
    else:
        novel = graph.node("Less", [last, once])
        own = _restored(graph, table, graph.node("Where", [novel, none, once]), weights, "ngrams")
        number = graph.node("Where", [novel, graph.node("Sub", [once, last]), none])
        shares = graph.node("Add", [own, graph.node("Gather", [unknown.ngrams, number])])
    total = graph.node("ReduceSum", [shares, axis], keepdims=0)
    if network.direction == "both":
        return total
    read = graph.option(READ_NGRAMS, np.ones(1, dtype=np.float32), [1])
    beside = graph.option(BESIDE, np.zeros((1, network.outputs), dtype=np.float32), ["streams", network.outputs])
    return graph.node("Add", [graph.node("Mul", [total, read]), beside])


def _restored(graph: GraphBuilder, codes: str, rows: str, weights: Mapping[str, FloatArray], name: str) -> str:
    """Append the weights of some rows of a table of codes: see `text/rounded.py`."""
    found = graph.single(graph.node("Gather", [codes, rows]))
    squares = graph.node("Mul", [found, graph.node("Abs", [found])])
    return graph.node("Mul", [squares, graph.weight(f"{name}.scale", weights[f"{name}.scale"])])


def _runs(graph: GraphBuilder, hashing: HashedNgrams, size: int, words: str, is_word: str) -> str:
    """Append the features [B, T - size + 1] of pairs or triples; 0 where one of the ids is no word."""
    multipliers = PAIR if size == 2 else TRIPLE
    time = graph.node("Shape", [words], start=1, end=2)
    axis = graph.ints([1])

    def shifted(value: str, by: int) -> str:
        """Columns `by` to T - size + by; none where T < size."""
        end = graph.node("Sub", [time, graph.ints([size - 1 - by])]) if by < size - 1 else time
        end = graph.node("Max", [end, graph.ints([by])]) if by < size - 1 else end
        return graph.node("Slice", [value, graph.ints([by]), end, axis])

    parts = [
        graph.node("Mul", [shifted(words, by), graph.scalar(multiplier)]) for by, multiplier in enumerate(multipliers)
    ]
    total = parts[0]
    for part in parts[1:]:
        total = graph.node("Add", [total, part])
    feature = graph.node(
        "Add", [graph.node("Mod", [total, graph.scalar(hashing.buckets)]), graph.scalar(hashing.words)]
    )
    for by in range(size):
        feature = graph.node("Where", [shifted(is_word, by), feature, graph.scalar(0)])
    return feature
