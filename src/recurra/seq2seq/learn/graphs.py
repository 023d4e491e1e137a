"""An encoder-decoder as two ONNX graphs of standard operators: one reads the sources, one writes a piece more.

    model.onnx   inputs   ids [B, S] int64, right-padded with anything;  lengths [B] int64, 1 <= length <= S
                 outputs  memory [B, S, F] float32, zeros in the padding;  start [B, D] float32
    step.onnx    inputs   pieces [B, K] int64, the last piece of K candidates for each source, BEGIN before the first;
                          lengths, memory, start as above;  past.NAME [B, K, F] float32 for each of `shape.states`,
                          zeros before the first piece;  most [1] int64, how many choices to name
                 outputs  logits [B, K, V];  scores [B, K, most], the largest log-probabilities;  choices [B, K, most]
                          int64, their pieces;  attention [B, K, S];  present.NAME [B, K, F]

The candidates of a source share its memory. Padding never changes an answer: it is never read by the recurrence, and
the attention gives it no weight.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import numpy.typing as npt
import onnx
from onnx import TensorProto, helper

from recurra.errors import ExportError
from recurra.export.graph_builder import FloatArray, GraphParts
from recurra.export.recurrent_layer import GATE_ORDER, IR_VERSION, MAX_BYTES, OPERATORS, OPSET
from recurra.kernel.layout import GATES
from recurra.seq2seq.shape import BEGIN, Seq2SeqShape

Weights = Mapping[str, npt.NDArray[np.float32]]

_BOTH = ("left_to_right", "right_to_left")


def build_encoder(shape: Seq2SeqShape, weights: Weights) -> bytes:
    """Return model.onnx. weights: the network's state by name. Raises ExportError for values that are not finite."""
    graph = GraphParts()
    real = _real(graph, "ids")  # [B, S]
    ids = graph.node("Where", [real, "ids", graph.scalar(0)])
    ids = graph.node("Transpose", [ids], perm=[1, 0])  # [S, B]
    values = graph.node("Gather", [_weight(graph, weights, "embedding.weight"), ids])  # [S, B, D]
    lengths = graph.node("Cast", ["lengths"], to=TensorProto.INT32)
    last = ""
    for layer in range(shape.layers):
        prefix = f"encoder.layers.{layer}"
        states, last = f"{prefix}.states", f"{prefix}.last"  # [S, 2, B, H], [2, B, H]
        inputs = [values, *_recurrent_weights(graph, shape, weights, prefix, _BOTH), lengths]
        _recurrent(graph, shape, inputs, [states, last], shape.hidden, "bidirectional")
        merged = graph.node("Transpose", [states], perm=[0, 2, 1, 3])  # [S, B, 2, H]
        values = graph.node("Reshape", [merged, graph.ints([0, 0, -1])])  # [S, B, F]
    summary = graph.node("Reshape", [graph.node("Transpose", [last], perm=[1, 0, 2]), graph.ints([0, -1])])  # [B, F]
    _linear(graph, weights, "start", summary, "start")
    graph.node("Transpose", [values], "memory", perm=[1, 0, 2])
    return _serialised(
        graph,
        [_ints("ids", ["batch", "time"]), _ints("lengths", ["batch"])],
        [_floats("memory", ["batch", "time", shape.features]), _floats("start", ["batch", shape.embedding])],
    )


def build_step(shape: Seq2SeqShape, weights: Weights) -> bytes:
    """Return step.onnx. weights: the network's state by name. Raises ExportError for values that are not finite."""
    graph, features = GraphParts(), shape.features
    embedding = _weight(graph, weights, "embedding.weight")
    first = graph.node("Unsqueeze", [graph.node("Equal", ["pieces", graph.scalar(BEGIN)]), graph.ints([2])])
    begun = graph.node("Unsqueeze", ["start", graph.ints([1])])  # [B, 1, D]
    x = graph.node("Where", [first, begun, graph.node("Gather", [embedding, "pieces"])])  # [B, K, D]
    asking = _layer(graph, shape, weights, "lower", 0, x, shape.embedding)
    query = graph.node("MatMul", [asking, _weight(graph, weights, "query.weight", transposed=True)])
    scores = graph.node("MatMul", [query, graph.node("Transpose", ["memory"], perm=[0, 2, 1])])  # [B, K, S]
    real = graph.node("Unsqueeze", [_real(graph, "memory"), graph.ints([1])])  # [B, 1, S]
    lowest = graph.weight("lowest", np.array(-np.inf, dtype=np.float32))
    graph.node("Softmax", [graph.node("Where", [real, scores, lowest])], "attention", axis=-1)
    context = graph.node("MatMul", ["attention", "memory"])  # [B, K, F]
    top = graph.node("Concat", [asking, context], axis=-1)
    for layer in range(shape.layers):
        top = _layer(graph, shape, weights, "upper", layer, top, features if layer else 2 * features)
    read = graph.node("Tanh", [_linear(graph, weights, "readout", graph.node("Concat", [top, context], axis=-1))])
    output = _weight(graph, weights, "embedding.weight", transposed=True)
    graph.node("Add", [graph.node("MatMul", [read, output]), _weight(graph, weights, "bias")], "logits")
    graph.nodes_of("TopK", ["logits", "most"], ["largest", "choices"], {"axis": -1})
    total = graph.node("ReduceLogSumExp", ["logits"], axes=[-1], keepdims=1)
    graph.node("Sub", ["largest", total], "scores")
    rows = ["batch", "candidates"]
    past = [_floats(f"past.{name}", [*rows, features]) for name in shape.states]
    present = [_floats(f"present.{name}", [*rows, features]) for name in shape.states]
    return _serialised(
        graph,
        [
            _ints("pieces", rows),
            _ints("lengths", ["batch"]),
            _floats("memory", ["batch", "time", features]),
            _floats("start", ["batch", shape.embedding]),
            _ints("most", [1]),
            *past,
        ],
        [
            _floats("logits", [*rows, shape.vocabulary]),
            _floats("scores", [*rows, "most_choices"]),
            _ints("choices", [*rows, "most_choices"]),
            _floats("attention", [*rows, "time"]),
            *present,
        ],
    )


def _real(graph: GraphParts, sequences: str) -> str:
    """Return [B, S] bool: which of the steps on the second axis lie within `lengths`."""
    steps = graph.node("Squeeze", [graph.node("Shape", [sequences], start=1, end=2), graph.ints([0])])
    time = graph.node("Range", [graph.scalar(0), steps, graph.scalar(1)])  # [S]
    return graph.node(
        "Less",
        [graph.node("Unsqueeze", [time, graph.ints([0])]), graph.node("Unsqueeze", ["lengths", graph.ints([1])])],
    )


def _layer(
    graph: GraphParts, shape: Seq2SeqShape, weights: Weights, stack: str, layer: int, x: str, inputs: int
) -> str:
    """Append one step of one decoder layer for every candidate: x [B, K, inputs] -> [B, K, F]."""
    name, prefix, features = f"{stack}.{layer}", f"{stack}.layers.{layer}", shape.features
    kinds = ["h", "c"] if shape.cell == "lstm" else ["h"]
    flat = graph.node("Reshape", [x, graph.ints([1, -1, inputs])])  # [1, B * K, inputs]
    before = [graph.node("Reshape", [f"past.{name}.{kind}", graph.ints([1, -1, features])]) for kind in kinds]
    after = [f"{prefix}.{kind}" for kind in kinds]  # [1, B * K, F]
    fed = [flat, *_recurrent_weights(graph, shape, weights, prefix, _BOTH[:1]), "", *before]
    _recurrent(graph, shape, fed, ["", *after], features, "forward")
    rows = graph.node("Concat", [graph.node("Shape", ["pieces"]), graph.ints([features])], axis=0)
    for kind, flattened in zip(kinds, after, strict=True):
        graph.node("Reshape", [flattened, rows], f"present.{name}.{kind}")
    return f"present.{name}.h"


def _recurrent(
    graph: GraphParts, shape: Seq2SeqShape, inputs: list[str], outputs: list[str], hidden: int, direction: str
) -> None:
    attributes = {"hidden_size": hidden, "direction": direction}
    if shape.cell == "gru":
        attributes["linear_before_reset"] = 1  # torch's: the reset gate acts after the product and its bias
    graph.nodes_of(OPERATORS[shape.cell], inputs, outputs, attributes)


def _recurrent_weights(
    graph: GraphParts, shape: Seq2SeqShape, weights: Weights, prefix: str, directions: tuple[str, ...]
) -> list[str]:
    """Return the names of W, R and B [directions, ...] of one layer, their blocks in ONNX's order."""

    def stacked(kind: str) -> FloatArray:
        parts = []
        for name in directions:
            blocks = np.split(_finite(weights, f"{prefix}.{name}.{kind}"), GATES[shape.cell])
            parts.append(np.concatenate([blocks[index] for index in GATE_ORDER[shape.cell]]))
        return np.stack(parts)

    return [
        graph.weight(f"{prefix}.W", stacked("weight_ih")),
        graph.weight(f"{prefix}.R", stacked("weight_hh")),
        graph.weight(f"{prefix}.B", np.concatenate([stacked("bias_ih"), stacked("bias_hh")], axis=1)),
    ]


def _linear(graph: GraphParts, weights: Weights, name: str, x: str, output: str = "") -> str:
    product = graph.node("MatMul", [x, _weight(graph, weights, f"{name}.weight", transposed=True)])
    return graph.node("Add", [product, _weight(graph, weights, f"{name}.bias")], output)


def _weight(graph: GraphParts, weights: Weights, name: str, *, transposed: bool = False) -> str:
    array = _finite(weights, name)
    return graph.weight(f"{name}.T", array.T) if transposed else graph.weight(name, array)


def _finite(weights: Weights, name: str) -> FloatArray:
    array = np.asarray(weights[name], dtype=np.float32)
    if not np.isfinite(array).all():
        raise ExportError(f"The weight {name} holds values that are not finite; such a network cannot answer.")
    return array


def _ints(name: str, shape: Sequence[str | int]) -> onnx.ValueInfoProto:
    return helper.make_tensor_value_info(name, TensorProto.INT64, shape)


def _floats(name: str, shape: Sequence[str | int]) -> onnx.ValueInfoProto:
    return helper.make_tensor_value_info(name, TensorProto.FLOAT, shape)


def _serialised(graph: GraphParts, inputs: list[onnx.ValueInfoProto], outputs: list[onnx.ValueInfoProto]) -> bytes:
    model = helper.make_model(
        helper.make_graph(graph.nodes, "recurra", inputs, outputs, list(graph.initializers.values())),
        opset_imports=[helper.make_opsetid("", OPSET)],
        ir_version=IR_VERSION,
        producer_name="recurra",
    )
    if model.ByteSize() > MAX_BYTES:
        raise ExportError(
            f"The graph takes {model.ByteSize():,} bytes and one ONNX file holds at most {MAX_BYTES:,}: "
            "train with a smaller --vocabulary, --embedding or --hidden."
        )
    content: bytes = model.SerializeToString(deterministic=True)
    onnx.checker.check_model(content, full_check=True)
    return content
