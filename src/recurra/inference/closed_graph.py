"""Which graphs are run: those of the operators that Recurra writes, in the form in which it writes them.

A graph is a program. One from a stranger could loop for ever, read outside its tables or fill the memory, and its
digests would be right. What can be seen without running it is refused when it is loaded; what is left, such as a
product that is too large, ends with an error when it is run (`session.py`).

A task that exports another operator names it in `OPERATORS`; `tests/contracts/test_graphs.py` compares the table with
what is written.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from recurra.errors import ArtefactError
from recurra.inference.onnx_file import Node, OnnxFile, OnnxGraph, read_onnx
from recurra.text.ngrams import PAIR, TRIPLE

_RECURRENT = {"hidden_size", "direction"}
_DYNAMIC = "com.microsoft"

OPERATORS: dict[tuple[str, str], set[str]] = {
    ("", "Abs"): set(),
    ("", "Add"): set(),
    ("", "Cast"): {"to"},
    ("", "Concat"): {"axis"},
    ("", "Clip"): set(),
    ("", "Conv"): {"kernel_shape", "pads", "dilations", "strides"},
    ("", "Div"): set(),
    ("", "Equal"): set(),
    ("", "Exp"): set(),
    ("", "Expand"): set(),
    ("", "GRU"): {*_RECURRENT, "linear_before_reset"},
    ("", "Gather"): set(),
    ("", "Gemm"): {"transB"},
    ("", "Identity"): set(),
    ("", "LSTM"): _RECURRENT,
    ("", "Less"): set(),
    ("", "MatMul"): set(),
    ("", "Max"): set(),
    ("", "Mod"): set(),
    ("", "Mul"): set(),
    ("", "Neg"): set(),
    ("", "Pad"): set(),
    ("", "RNN"): _RECURRENT,
    ("", "Range"): set(),
    ("", "ReduceLogSumExp"): {"axes", "keepdims"},
    ("", "ReduceMax"): {"axes", "keepdims"},
    ("", "ReduceSum"): {"keepdims"},
    ("", "Reshape"): set(),
    ("", "Scan"): {"body", "num_scan_inputs", "scan_input_directions", "scan_output_directions"},
    ("", "Shape"): {"start", "end"},
    ("", "Sigmoid"): set(),
    ("", "Slice"): set(),
    ("", "Softmax"): {"axis"},
    ("", "Softplus"): set(),
    ("", "Split"): {"axis"},
    ("", "Sqrt"): set(),
    ("", "Squeeze"): set(),
    ("", "Sub"): set(),
    ("", "Tanh"): set(),
    ("", "TopK"): {"axis"},
    ("", "Transpose"): {"perm"},
    ("", "Unsqueeze"): set(),
    ("", "Where"): set(),
    (_DYNAMIC, "DynamicQuantizeLSTM"): _RECURRENT,
}
"""The operators that Recurra writes, as (domain, name), each with the attributes that it writes."""

OPSETS = {"": 17, _DYNAMIC: 1}
"""The version of the operators of each domain."""

NODES, NODES_PER_LAYER, NODES_PER_SCAN, NODES_PER_CONVOLUTION = 160, 12, 24, 8
"""A graph has at most so many operators, and as many more for each recurrent layer, scan and convolution."""
MOST_CONVOLUTIONS = 64
"""Operators `Conv` in a graph."""
WIDEST_CONVOLUTION = 31
"""Inputs that an output of a convolution reads."""

NUMBERS = 8
"""A constant of whole numbers, which states sizes or axes, has at most so many."""

_MULTIPLIERS = {*PAIR, *TRIPLE}
"""The whole numbers that may be larger than sizes are: n-grams are hashed with them."""

_LAYERS = {"RNN", "GRU", "LSTM", "DynamicQuantizeLSTM"}

_KINDS = {
    b"ORTM": (4, "a graph in ONNX Runtime's own format"),
    b"\x89PNG": (0, "an image"),
    b"\xff\xd8\xff": (0, "an image"),
    b"\x7fELF": (0, "a program"),
    b"MZ": (0, "a program"),
    b"PK\x03\x04": (0, "a zip archive, as PyTorch and Keras write them"),
    b"\x1f\x8b": (0, "compressed"),
    b"\x89HDF": (0, "an HDF5 file, as Keras writes them"),
    b"\x80\x04": (0, "a Python pickle"),
    b"\x80\x05": (0, "a Python pickle"),
    b"version https://git-lfs": (0, "a pointer of Git LFS; `git lfs pull` fetches the file"),
    b"<": (0, "a page of HTML or XML"),
    b"%PDF": (0, "a PDF document"),
}
"""How files begin that are taken for an ONNX file, with the position, and what they are."""


def check_graph(content: bytes, name: str, tables: Mapping[str, int] | None = None) -> OnnxFile:
    """Return what an ONNX file says, after it was found to be one that Recurra may have written.

    name: of the file, for the error. tables: the constants in which ids are looked up, and how many rows each must have
    at least; None where the task does not say. Raises ArtefactError for any other file.
    """
    for begin, (position, kind) in _KINDS.items():
        if content[position : position + len(begin)] == begin:
            raise ArtefactError(f"{name} is no ONNX file but {kind}. Copy the model again, or train it again.")
    file = read_onnx(content, name)
    wrong = _difference(file, tables)
    if wrong is not None:
        raise ArtefactError(
            f"{name} is not a graph of Recurra: {wrong}. Use a model that `recurra train` wrote, or train it again."
        )
    return file


def _difference(file: OnnxFile, tables: Mapping[str, int] | None) -> str | None:
    """Return what no file of Recurra has, or None."""
    for domain, version in file.opsets.items():
        if OPSETS.get(domain) != version:
            return f"it has version {version} of the operators {domain or 'ai.onnx'!r}"
    parts = [file.graph, *_bodies(file.graph)]
    nodes = [node for part in parts for node in part.nodes]
    layers = sum(node.operator in _LAYERS for node in nodes)
    scans = sum(node.operator == "Scan" for node in nodes)
    convolutions = min(MOST_CONVOLUTIONS, sum(node.operator == "Conv" for node in nodes))
    most = NODES + NODES_PER_LAYER * layers + NODES_PER_SCAN * scans + NODES_PER_CONVOLUTION * convolutions
    if len(nodes) > most:
        return f"it has {len(nodes):,} operators"
    constants = file.graph.constants
    if any(part.constants for part in parts[1:]):
        return "the graph of an operator has constants of its own"
    return _wrong_constant(file.graph) or _first(_wrong_node(node, nodes, constants, tables) for node in nodes)


def _first(complaints: Iterator[str | None]) -> str | None:
    return next(filter(None, complaints), None)


def _bodies(graph: OnnxGraph) -> list[OnnxGraph]:
    return [
        attribute for node in graph.nodes for attribute in node.attributes.values() if isinstance(attribute, OnnxGraph)
    ]


def _wrong_constant(graph: OnnxGraph) -> str | None:
    arrays = graph.constants
    largest = max((size for array in arrays.values() for size in array.shape), default=1)
    for name, array in arrays.items():
        if array.dtype == np.int64:
            if array.size == 1 and int(array.reshape(-1)[0]) in _MULTIPLIERS:
                continue
            if array.size > NUMBERS or (array.size and not (array.min() >= -1 and array.max() <= 2 * largest)):
                return f"the constant {name!r} is out of range"
        elif array.dtype.kind == "f" and array.size and not finite(array):
            if array.size == 1 and array.reshape(-1)[0] == -np.inf:
                continue  # the score of what is left out
            return f"the weights {name!r} hold values that are not finite"
    return None


def finite(array: NDArray[Any]) -> bool:
    """Return whether all numbers of an array that has some are finite."""
    return bool(np.isfinite(array.max()) and np.isfinite(array.min()))


def _wrong_node(
    node: Node, nodes: list[Node], constants: Mapping[str, NDArray[Any]], tables: Mapping[str, int] | None
) -> str | None:
    known = OPERATORS.get((node.domain, node.operator))
    if known is None:
        return f"it has the operator {node.operator!r}" + (f" of {node.domain!r}" if node.domain else "")
    unknown = sorted(node.attributes.keys() - known)
    if unknown:
        return f"its operator {node.operator} has the attribute {unknown[0]!r}"
    if not _as_written(node, nodes, constants):
        return f"its operator {node.operator} is not in the form in which Recurra writes it"
    if node.operator == "Gather" and tables is not None and node.inputs and node.inputs[0] in constants:
        table = node.inputs[0]
        if table not in tables:
            return f"it looks up ids in the constant {table!r}"
        if constants[table].ndim != 2 or len(constants[table]) < tables[table]:
            return f"its table {table!r} has {len(constants[table]):,} rows for {tables[table]:,} ids"
    return None


def _as_written(node: Node, nodes: list[Node], constants: Mapping[str, NDArray[Any]]) -> bool:
    """Return whether an operator that could make something large of something small does not."""
    if node.operator == "Conv":
        return _does_not_lengthen(node)
    if node.operator == "Pad":  # one number before or after those of a row
        filled = len(node.inputs) == 2 or (len(node.inputs) == 3 and node.inputs[2] in constants)
        return filled and _numbers(constants, node.inputs[1]) in ([0, 1, 0, 0], [0, 0, 0, 1])
    if node.operator == "Range":  # 0, 1, ... for the steps of a sequence
        return (
            len(node.inputs) == 3
            and _numbers(constants, node.inputs[0]) == [0]
            and _numbers(constants, node.inputs[2]) == [1]
            and node.inputs[1] not in constants
        )
    if node.operator == "Expand":  # a state of one row for each row
        shapes = [other for other in nodes if len(node.inputs) == 2 and node.inputs[1] in other.outputs]
        return all(
            shape.operator == "Concat" and all(_numbers(constants, name) in ([1], None) for name in shape.inputs)
            for shape in shapes
        ) and bool(shapes)
    if node.operator == "Scan":
        return (nodes[0] is node and _reads_rows(node)) or _is_recurrence(node)
    return True


def _reads_rows(node: Node) -> bool:
    """Return whether a scan takes the rows of a batch, each by itself: ids, lengths, and what stands beside a text."""
    return node.attributes.get("num_scan_inputs") == len(node.inputs) and len(node.inputs) in (2, 3)


def _is_recurrence(node: Node) -> bool:
    """Return whether a scan is the recurrence of a layer whose gates read the input alone: h' = keep * h + write."""
    body = node.attributes.get("body")
    return (
        node.attributes.get("num_scan_inputs") == 2
        and len(node.inputs) == 3
        and isinstance(body, OnnxGraph)
        and [step.operator for step in body.nodes] == ["Mul", "Add", "Identity"]
    )


def _does_not_lengthen(node: Node) -> bool:
    """Return whether a convolution has at most as many outputs as inputs: one output for each, or for each stride."""
    names = ("kernel_shape", "pads", "dilations", "strides")
    shape, pads, dilations, strides = (node.attributes.get(name) for name in names)
    width, dilation, stride = (_one(numbers) for numbers in (shape, dilations or [1], strides or [1]))
    if width is None or dilation is None or stride is None or width % 2 == 0 or width > WIDEST_CONVOLUTION:
        return False
    reach = width // 2 * dilation
    return pads == [reach, reach]


def _one(numbers: Any) -> int | None:
    """Return the number of a list with a single one, 1 or more; None for anything else."""
    if isinstance(numbers, list) and len(numbers) == 1 and isinstance(numbers[0], int) and numbers[0] >= 1:
        return numbers[0]
    return None


def _numbers(constants: Mapping[str, NDArray[Any]], name: str) -> list[int] | None:
    """Return the numbers of a constant, or None for a value that is computed."""
    numbers: list[int] | None = constants[name].reshape(-1).tolist() if name in constants else None
    return numbers
