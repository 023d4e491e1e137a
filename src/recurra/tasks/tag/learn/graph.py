"""A tagger as an ONNX graph of standard operators; needs `onnx`, not torch.

    inputs    see `runtime.tagger.input_names`: U distinct words with their characters, and sentences [B, T] over them
    outputs   scores [B, T, K] float32; beyond a sentence's length without meaning
              with a CRF also transitions [K, K], starts [K] and ends [K], which are constants: the runtime reads them
              once and finds the likeliest tags itself

The characters of a word are read once for all its places. Padding of sentences and of characters may be anything.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import numpy.typing as npt
import onnx
from onnx import TensorProto, helper

from recurra.errors import ExportError
from recurra.export.graph_builder import FloatArray, GraphParts
from recurra.export.recurrent_layer import GATE_ORDER, IR_VERSION, MAX_BYTES, OPERATORS, OPSET
from recurra.kernel.layout import GATES
from recurra.tasks.tag.features import AFFIXES
from recurra.tasks.tag.model import input_names
from recurra.tasks.tag.shape import KERNEL, TaggerShape

SIDES = ("left_to_right", "right_to_left")
LEAST = float(np.finfo(np.float32).min)

_AXES: dict[str, list[str | int | None]] = {
    "affixes": ["distinct", AFFIXES],
    "characters": ["distinct", "size"],
    "index": ["batch", "time"],
    "lengths": ["batch"],
}


def build(shape: TaggerShape, weights: Mapping[str, npt.NDArray[np.floating]]) -> bytes:
    """Return the ONNX file of a tagger. weights: by their names in `nn.tagger.TaggerNetwork`'s state.

    Raises ExportError for weights that are missing, not finite, or exceed 2 GiB.
    """
    graph = GraphParts()
    held = _checked(weights)
    parts = [_looked_up(graph, held, "words"), _looked_up(graph, held, "kinds")]
    if shape.affix_embedding:
        found = _looked_up(graph, held, "affixes")  # [U, AFFIXES, A]
        total = graph.node("ReduceSum", [found, graph.ints([1])], keepdims=0)
        parts.append(graph.node("Div", [total, graph.weight("root", np.array(AFFIXES**0.5, dtype=np.float32))]))
    if shape.characters != "none":
        parts.append({"convolution": _convolved, "recurrent": _read}[shape.characters](graph, shape, held))
    distinct = graph.node("Concat", parts, axis=1)  # [U, D]
    values = graph.node("Gather", [distinct, graph.node("Transpose", [_safe_index(graph)], perm=[1, 0])])  # [T, B, D]
    lengths = graph.node("Cast", ["lengths"], to=TensorProto.INT32)
    for layer in range(shape.layers):
        states, _ = _layer(graph, shape, held, f"recurrent.layers.{layer}", shape.hidden, values, lengths)
        values = _joined(graph, states, shape.features)
    weight = graph.weight("head.weight", held["head.weight"].T)  # [F, K]
    scores = graph.node("Add", [graph.node("MatMul", [values, weight]), graph.weight("head.bias", held["head.bias"])])
    graph.node("Transpose", [scores], "scores", perm=[1, 0, 2])
    outputs = [helper.make_tensor_value_info("scores", TensorProto.FLOAT, ["batch", "time", shape.tags])]
    if shape.crf:
        for name in ("transitions", "starts", "ends"):
            array = held[f"crf.{name}"]
            graph.node("Identity", [graph.weight(f"crf.{name}", array)], name)
            outputs.append(helper.make_tensor_value_info(name, TensorProto.FLOAT, list(array.shape)))
    return _serialised(graph, shape, outputs)


def _checked(weights: Mapping[str, npt.NDArray[np.floating]]) -> dict[str, FloatArray]:
    held = {name: np.asarray(array, dtype=np.float32) for name, array in weights.items()}
    for name, array in held.items():
        if not np.isfinite(array).all():
            raise ExportError(f"The weight {name} holds values that are not finite; such a network cannot answer.")
    return held


def _looked_up(graph: GraphParts, held: Mapping[str, FloatArray], name: str) -> str:
    table = f"{name}.weight"
    return graph.node("Gather", [graph.weight(table, held[table]), name])


def _mask(graph: GraphParts, values: str, lengths: str) -> str:
    """Return [rows, width] bool, true within a row's length."""
    steps = graph.node("Squeeze", [graph.node("Shape", [values], start=1, end=2), graph.ints([0])])
    places = graph.node("Range", [graph.scalar(0), steps, graph.scalar(1)])
    return graph.node("Less", [places, graph.node("Unsqueeze", [lengths, graph.ints([1])])])


def _safe_index(graph: GraphParts) -> str:
    return graph.node("Where", [_mask(graph, "index", "lengths"), "index", graph.scalar(0)])


def _embedded_characters(graph: GraphParts, held: Mapping[str, FloatArray]) -> tuple[str, str]:
    """Return (vectors [U, C, D], mask [U, C]) of the characters; padding is the unknown character."""
    real = _mask(graph, "characters", "sizes")
    safe = graph.node("Where", [real, "characters", graph.scalar(0)])
    table = "characters.embedding.weight"
    return graph.node("Gather", [graph.weight(table, held[table]), safe]), real


def _convolved(graph: GraphParts, shape: TaggerShape, held: Mapping[str, FloatArray]) -> str:
    """Return [U, features]: the largest answer of each filter over the real characters."""
    vectors, real = _embedded_characters(graph, held)
    real = graph.node("Unsqueeze", [real, graph.ints([1])])  # [U, 1, C]
    x = graph.node("Transpose", [vectors], perm=[0, 2, 1])  # [U, D, C]
    x = graph.node("Where", [real, x, graph.weight("zero", np.array(0, dtype=np.float32))])
    filters = [
        graph.weight(f"characters.filters.{name}", held[f"characters.filters.{name}"]) for name in ("weight", "bias")
    ]
    found = graph.node("Conv", [x, *filters], kernel_shape=[KERNEL], pads=[KERNEL // 2, KERNEL // 2])
    found = graph.node("Where", [real, found, graph.weight("least", np.array(LEAST, dtype=np.float32))])
    return graph.node("ReduceMax", [found], axes=[2], keepdims=0)


def _read(graph: GraphParts, shape: TaggerShape, held: Mapping[str, FloatArray]) -> str:
    """Return [U, features]: the last state of each direction over the characters."""
    vectors, _ = _embedded_characters(graph, held)
    x = graph.node("Transpose", [vectors], perm=[1, 0, 2])  # [C, U, D]
    sizes = graph.node("Cast", ["sizes"], to=TensorProto.INT32)
    hidden = shape.character_features // 2
    _, last = _layer(graph, shape, held, "characters.recurrent.layers.0", hidden, x, sizes)  # [2, U, H]
    swapped = graph.node("Transpose", [last], perm=[1, 0, 2])
    return graph.node("Reshape", [swapped, graph.ints([0, shape.character_features])])


def _layer(
    graph: GraphParts,
    shape: TaggerShape,
    held: Mapping[str, FloatArray],
    prefix: str,
    hidden: int,
    values: str,
    lengths: str,
) -> tuple[str, str]:
    """Append a recurrent layer over values [T, B, in]; return its states [T, 2, B, H] and the last ones [2, B, H]."""

    def stacked(name: str) -> FloatArray:
        sides = []
        for side in SIDES:
            blocks = np.split(held[f"{prefix}.{side}.{name}"], GATES[shape.cell])
            sides.append(np.concatenate([blocks[place] for place in GATE_ORDER[shape.cell]]))
        return np.stack(sides)

    bias = np.concatenate([stacked("bias_ih"), stacked("bias_hh")], axis=1)
    inputs = [
        values,
        graph.weight(f"{prefix}.W", stacked("weight_ih")),
        graph.weight(f"{prefix}.R", stacked("weight_hh")),
        graph.weight(f"{prefix}.B", bias),
        lengths,
    ]
    reset = {"linear_before_reset": 1} if shape.cell == "gru" else {}
    outputs = [f"{prefix}.states", f"{prefix}.last"]
    graph.nodes_of(
        OPERATORS[shape.cell], inputs, outputs, {"hidden_size": hidden, "direction": "bidirectional", **reset}
    )
    return outputs[0], outputs[1]


def _joined(graph: GraphParts, states: str, features: int) -> str:
    """[T, 2, B, H] -> [T, B, 2H]"""
    return graph.node("Reshape", [graph.node("Transpose", [states], perm=[0, 2, 1, 3]), graph.ints([0, 0, features])])


def _serialised(graph: GraphParts, shape: TaggerShape, outputs: list[onnx.ValueInfoProto]) -> bytes:
    inputs = [
        helper.make_tensor_value_info(name, TensorProto.INT64, _AXES.get(name, ["distinct"]))
        for name in input_names(shape)
    ]
    model = helper.make_model(
        helper.make_graph(graph.nodes, "recurra-tagger", inputs, outputs, list(graph.initializers.values())),
        opset_imports=[helper.make_opsetid("", OPSET)],
        ir_version=IR_VERSION,
        producer_name="recurra",
    )
    if model.ByteSize() > MAX_BYTES:
        raise ExportError(
            f"The graph takes {model.ByteSize():,} bytes and one ONNX file holds at most {MAX_BYTES:,}: train with a "
            "smaller --vocabulary, --embedding or --hidden."
        )
    content: bytes = model.SerializeToString(deterministic=True)
    onnx.checker.check_model(content, full_check=True)
    return content
