"""The network as an ONNX graph of standard operators (LSTM, GRU, RNN with `sequence_lens`); needs `onnx`, not torch.

    inputs    ids [B, T] int64, right-padded with anything;  lengths [B] int64, 1 <= length <= T
              spellings [N, G] int64, only where the vocabulary is open, and may be left out: the buckets of the
              character n-grams of unknown words (`text/subwords.py`), right-padded with their number S; the id V + i
              stands for the word of row i, in one row of ids alone
              features [B, F] float32, only of a model that reads columns beside the text: what the encoder in
              tokenizer.json ("features") makes of their cells (`data/feature_encoder.py`)
    outputs   logits [B, outputs] float32, already divided by the temperature
              probabilities [B, K] float32; K = 2 for one output: [1 - p, p] with p = sigmoid(logit), else softmax.
              Of labels that do not exclude each other, the sigmoid of each; of classes in an order, the differences of
              the sigmoids of K - 1 logits. Of a number: values [B, 1] instead, which are the logits

A network that reads forward has more, so that the same file reads a stream piece by piece (`stream.py`): for each
array of its state an input `past.NAME`, which defaults to the state of an empty stream, and an output `present.NAME`,
the state after each row's last step.

    past.LAYER.h, past.LAYER.c   [1, B, H] float32: the states of a layer, c for the LSTM alone
    past.sum, past.count         [1, B, H] float64, [B] int64: pooling by the mean
    past.largest                 [1, B, H] float32: pooling by the largest
    past.top, past.mass, past.weighted   [B, 1] float32, [B, 1] and [B, H] float64: attention, the largest score so far,
                                 the sum of exp(score - top), and that of exp(score - top) h

Of an ensemble, the names of the state of each further member begin with those of its weights: `past.members.1.0.h`.

Sums are kept in double precision: a million single-precision additions would lose what a late word adds.

Padding never changes an answer: ids beyond a row's length are replaced before the embedding, masked before the pooling,
and never read by the recurrence. Inside, time comes first: [T, B, ...], the layout of the operators.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

import numpy as np
from onnx import TensorProto

from recurra.errors import ExportError
from recurra.export.check import fitting
from recurra.export.graph_builder import FLOATS, INTEGERS, FloatArray, GraphBuilder, Weights
from recurra.export.recurrent_layer import RecurrentLayer, joined
from recurra.export.serialise import serialise
from recurra.many_to_one.learn.graph_ngrams import Spelt, embedded, ngram_logits, spelt
from recurra.many_to_one.learn.graph_pooling import pooled
from recurra.many_to_one.shape import LinkName, ManyToOneShape
from recurra.storage.shape import state_names


def build(network: ManyToOneShape, weights: Weights, temperature: float = 1.0) -> bytes:
    """Return the ONNX file of a network.

    weights: every name of `network.weight_shapes()`, in torch's layout and gate order, and no other.
    temperature: positive; the logits are divided by it.
    Raises ExportError for weights that do not fit the network, that are not finite, or that exceed 2 GiB.
    """
    checked = fitting(weights, network.weight_shapes())
    if not (np.isfinite(temperature) and temperature > 0):
        raise ExportError(f"The temperature must be a positive number; it is {temperature!r}.")
    graph = GraphBuilder()
    graph.input("ids", INTEGERS, ["batch", "time"])
    graph.input("lengths", INTEGERS, ["batch"])
    if network.feature_inputs:
        graph.input("features", FLOATS, ["batch", network.feature_inputs])
    graph.output("logits", FLOATS, ["batch", network.logits])
    graph.output(network.answer.output, FLOATS, ["batch", network.classes])
    ids = graph.node("Transpose", ["ids"], perm=[1, 0])  # [T, B]
    steps = graph.node("Unsqueeze", [graph.steps("ids"), graph.ints([1])])  # [T, 1]
    real = graph.node("Less", [steps, graph.node("Unsqueeze", ["lengths", graph.ints([0])])])  # [T, B]
    ids = graph.node("Where", [real, ids, graph.scalar(0)])
    unknown = spelt(graph, network, checked) if network.subwords else None
    lengths = graph.node("Cast", ["lengths"], to=TensorProto.INT32)
    members = [_pooled(graph, network, checked, prefix, ids, lengths, real, unknown) for prefix in network.prefixes]
    summary = members[0] if len(members) == 1 else graph.node("Concat", members, axis=1)  # [B, M P]
    beside = ""
    if network.ngrams:
        beside = ngram_logits(graph, network, checked, graph.node("Transpose", [ids], perm=[1, 0]), unknown)
    if network.feature_inputs:
        added = _feature_scores(graph, checked)
        beside = graph.node("Add", [added, beside]) if beside else added
    _head(graph, network, checked, summary, beside, float(temperature))
    return serialise(graph)


def _feature_scores(graph: GraphBuilder, weights: Mapping[str, FloatArray]) -> str:
    """Append what the input `features` [B, F] adds to the scores [B, outputs]."""
    names = ("hidden.weight", "hidden.bias", "output.weight", "linear.weight")
    parts = [graph.weight(f"features.{name}", weights[f"features.{name}"]) for name in names]
    zero = np.zeros(1, dtype=np.float32)
    hidden = graph.node("Max", [graph.node("Gemm", ["features", *parts[:2]], transB=1), graph.weight("zero", zero)])
    output = graph.node("Gemm", [hidden, parts[2]], transB=1)
    return graph.node("Add", [output, graph.node("Gemm", ["features", parts[3]], transB=1)])


def _pooled(
    graph: GraphBuilder,
    network: ManyToOneShape,
    weights: Mapping[str, FloatArray],
    prefix: str,
    ids: str,
    lengths: str,
    real: str,
    unknown: Spelt | None,
) -> str:
    """Append a network from ids [T, B] to its pooled features [B, P]. prefix: of the names of its weights."""
    table = graph.weight(f"{prefix}embedding.weight", weights[f"{prefix}embedding.weight"])
    values = embedded(graph, network, table, ids, unknown, prefix)  # [T, B, D]
    states, last = values, ""
    for layer in range(network.layers):
        states, last = _recurrent(graph, network, weights, prefix, layer, values, lengths)
        if layer + 1 < network.layers:
            values = joined(graph, states, network.directions, network.features)
    return pooled(graph, network, weights, prefix, states, last, real)


def _recurrent(
    graph: GraphBuilder,
    network: ManyToOneShape,
    weights: Mapping[str, FloatArray],
    prefix: str,
    depth: int,
    values: str,
    lengths: str,
) -> tuple[str, str]:
    """Append one layer over values [T, B, in]; return its states [T, directions, B, H] and last [directions, B, H]."""
    layer = RecurrentLayer(graph, weights, f"{prefix}recurrent.layers.{depth}", network.cell, network.direction)
    if network.direction == "both":
        return layer.append(values, lengths=lengths)
    names = state_names(network.cell, [f"{prefix}{depth}"])
    initial = [_initial(graph, network, name) for name in names]
    return layer.append(values, lengths=lengths, initial=initial, final=[f"present.{name}" for name in names])


def _initial(graph: GraphBuilder, network: ManyToOneShape, name: str) -> str:
    """The state [1, B, H] that a layer starts from: the caller's, or zero for every row."""
    past = graph.optional_state(name, np.zeros((1, 1, network.hidden), dtype=np.float32), rows=1)
    rows = graph.node("Shape", ["lengths"])
    return graph.node("Expand", [past, graph.node("Concat", [graph.ints([1]), rows, graph.ints([1])], axis=0)])


def _head(
    graph: GraphBuilder,
    network: ManyToOneShape,
    weights: Mapping[str, FloatArray],
    pooled: str,
    beside: str,
    temperature: float,
) -> None:
    """Append the linear head, the temperature and the answers: [B, M P] -> [B, O], [B, K].

    beside: the logits of the n-grams and of what stands beside the text [B, outputs], "" for none.
    """
    weight = graph.weight("head.weight", weights["head.weight"])
    raw = graph.node("Gemm", [pooled, weight, graph.weight("head.bias", weights["head.bias"])], transB=1)
    raw = graph.node("Add", [raw, beside]) if beside else raw
    if network.levels:
        raw = graph.node("Sub", [raw, graph.weight("thresholds", weights["thresholds"])])  # [B, K - 1]
    graph.node("Div", [raw, graph.weight("temperature", np.array(temperature, dtype=np.float32))], "logits")
    _ANSWERS[network.link](graph, network)


def _softmax(graph: GraphBuilder, network: ManyToOneShape) -> None:
    # softmax([0, x]) is [1 - sigmoid(x), sigmoid(x)] without the cancellation of 1 - p
    scores = graph.node("Pad", ["logits", graph.ints([0, 1, 0, 0])]) if network.outputs == 1 else "logits"
    graph.node("Softmax", [scores], "probabilities", axis=1)


def _sigmoid(graph: GraphBuilder, network: ManyToOneShape) -> None:
    graph.node("Sigmoid", ["logits"], "probabilities")


def _cumulative(graph: GraphBuilder, network: ManyToOneShape) -> None:
    above = graph.node("Sigmoid", ["logits"])  # [B, K - 1]
    one = graph.weight("one_above", np.ones(1, dtype=np.float32))
    upper = graph.node("Pad", [above, graph.ints([0, 1, 0, 0]), one])
    lower = graph.node("Pad", [above, graph.ints([0, 0, 0, 1])])
    graph.node("Sub", [upper, lower], "probabilities")


def _identity(graph: GraphBuilder, network: ManyToOneShape) -> None:
    graph.node("Identity", ["logits"], "values")


_ANSWERS: dict[LinkName, Callable[[GraphBuilder, ManyToOneShape], None]] = {
    "softmax": _softmax,
    "sigmoid": _sigmoid,
    "cumulative": _cumulative,
    "identity": _identity,
}
"""Appends the answers of each link to the logits."""
