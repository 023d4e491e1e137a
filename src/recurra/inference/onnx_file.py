"""Read what an ONNX file says without running it: operators, attributes and constants, straight from its bytes.

The file is a Protocol Buffers message (onnx/onnx.proto of the package onnx, which is not needed to answer). Only the
fields that Recurra's own files have are known; a file with any other is refused, because nobody here would look at it:
functions, sparse or external data, graphs within attributes other than that of a Scan.
"""

from __future__ import annotations

import math
import struct
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from recurra.errors import ArtefactError

VARINT, FIXED64, BYTES, FIXED32 = 0, 1, 2, 5
"""Wire types."""

_MODEL = {1: "ir_version", 2: "producer", 7: "graph", 8: "opset"}
_MODEL_IGNORED = {3, 4, 5, 6, 14}  # versions, documentation and metadata
_GRAPH = {1: "node", 2: "name", 5: "initializer", 11: "input", 12: "output"}
_GRAPH_IGNORED = {10, 13, 16}  # documentation, shapes of inner values, metadata
_NODE = {1: "input", 2: "output", 3: "name", 4: "operator", 5: "attribute", 7: "domain"}
_NODE_IGNORED = {6, 9}  # documentation, metadata
_ATTRIBUTE = {1: "name", 2: "float", 3: "int", 4: "string", 6: "graph", 8: "ints", 20: "type"}
_ATTRIBUTE_IGNORED = {13}  # documentation
_TENSOR = {1: "dims", 2: "type", 8: "name", 9: "raw"}
_OUTSIDE = {13, 14}  # the name of another file, and that the values are in it
_TENSOR_IGNORED = {12, 16}  # documentation, metadata
_OPSET = {1: "domain", 2: "version"}

_TYPES: dict[int, np.dtype[np.generic]] = {
    number: np.dtype(name) for number, name in ((1, "<f4"), (3, "i1"), (7, "<i8"), (11, "<f8"))
}
"""The types that constants have, by their numbers in the format."""

Attribute: TypeAlias = "float | int | str | list[int] | OnnxGraph"


@dataclass(frozen=True)
class Node:
    """An operator. domain: "" for the standard's own."""

    operator: str
    domain: str
    inputs: list[str]
    outputs: list[str]
    attributes: Mapping[str, Attribute]


@dataclass(frozen=True)
class OnnxGraph:
    """A graph: its nodes in order, and its constants by name, which share the memory of the file."""

    nodes: list[Node] = field(default_factory=list)
    constants: dict[str, NDArray[np.generic]] = field(default_factory=dict)


@dataclass(frozen=True)
class OnnxFile:
    """An ONNX file. opsets: the version of the operators, by domain."""

    opsets: Mapping[str, int]
    graph: OnnxGraph


class _Malformed(Exception):
    """What is wrong with the bytes."""


def read_onnx(content: bytes, name: str) -> OnnxFile:
    """Return what an ONNX file says. Raises ArtefactError, beginning with `name`, for a file that is not sound."""
    try:
        return _model(memoryview(content))
    except (_Malformed, UnicodeDecodeError, struct.error) as error:
        raise ArtefactError(f"{name} cannot be loaded: {error}. Train the model again.") from None


def _model(data: memoryview) -> OnnxFile:
    graphs: list[memoryview] = []
    opsets: dict[str, int] = {}
    for key, value in _fields(data, _MODEL, _MODEL_IGNORED, "the file"):
        if key == "graph":
            graphs.append(_message(value))
        elif key == "opset":
            stated = dict(_fields(_message(value), _OPSET, set(), "an operator set"))
            opsets[_text(stated.get("domain", b""))] = _number(stated.get("version", 0))
    if len(graphs) != 1:
        raise _Malformed(f"it holds {len(graphs)} graphs where there should be one")
    return OnnxFile(opsets, _graph(graphs[0], outermost=True))


def _graph(data: memoryview, *, outermost: bool) -> OnnxGraph:
    graph = OnnxGraph()
    for key, value in _fields(data, _GRAPH, _GRAPH_IGNORED, "the graph"):
        if key == "node":
            graph.nodes.append(_node(_message(value), outermost=outermost))
        elif key == "initializer":
            name, array = _tensor(_message(value))
            if name in graph.constants:
                raise _Malformed(f"it has two constants {name!r}")
            graph.constants[name] = array
    return graph


def _node(data: memoryview, *, outermost: bool) -> Node:
    single: dict[str, str] = {}
    inputs, outputs = [], []
    attributes: dict[str, Attribute] = {}
    for key, value in _fields(data, _NODE, _NODE_IGNORED, "an operator"):
        if key == "input":
            inputs.append(_text(value))
        elif key == "output":
            outputs.append(_text(value))
        elif key == "attribute":
            name, attribute = _attribute(_message(value), outermost=outermost)
            if name in attributes:
                raise _Malformed(f"an operator has two attributes {name!r}")
            attributes[name] = attribute
        elif key in single:
            raise _Malformed(f"an operator states its {key} twice")
        else:
            single[key] = _text(value)
    return Node(single.get("operator", ""), single.get("domain", ""), inputs, outputs, attributes)


def _attribute(data: memoryview, *, outermost: bool) -> tuple[str, Attribute]:
    name, kinds = "", 0
    attribute: Attribute = []
    integers: list[int] = []
    for key, value in _fields(data, _ATTRIBUTE, _ATTRIBUTE_IGNORED, "an attribute"):
        if key == "name":
            name = _text(value)
        elif key == "ints":
            integers += _integers(value)
        elif key != "type":
            kinds += 1
            attribute = _value(key, value, outermost=outermost)
    if kinds > 1 or (kinds and integers):
        raise _Malformed(f"the attribute {name!r} has several values")
    return name, attribute if kinds else integers


def _value(kind: str, value: int | memoryview, *, outermost: bool) -> Attribute:
    if kind == "int":
        return _signed(_number(value))
    if kind == "string":
        return _text(value)
    if kind == "float":
        (number,) = struct.unpack("<f", _message(value))
        return float(number)
    if not outermost:
        raise _Malformed("it has a graph within the graph of an operator")
    return _graph(_message(value), outermost=False)


def _tensor(data: memoryview) -> tuple[str, NDArray[np.generic]]:
    name, number = "", 0
    shape: list[int] = []
    raw: memoryview | None = None
    for key, value in _fields(data, _TENSOR, _TENSOR_IGNORED, "a constant"):
        if key == "dims":
            shape += _integers(value)
        elif key == "type":
            number = _number(value)
        elif key == "name":
            name = _text(value)
        elif raw is not None:
            raise _Malformed(f"the constant {name!r} has its values twice")
        else:
            raw = _message(value)
    kind, raw = _TYPES.get(number), memoryview(b"") if raw is None else raw
    if kind is None:
        raise _Malformed(f"the constant {name!r} is of a type that no file of Recurra has")
    if len(shape) > 8 or any(size < 0 for size in shape) or math.prod(shape) * kind.itemsize != len(raw):
        raise _Malformed(f"the constant {name!r} does not have as many values as its shape states")
    return name, np.frombuffer(raw, dtype=kind).reshape(shape)


def _fields(
    data: memoryview, known: Mapping[int, str], ignored: set[int], where: str
) -> Iterator[tuple[str, int | memoryview]]:
    """Yield (name, value) of the fields of a message: a number, or bytes."""
    position, end = 0, len(data)
    while position < end:
        tag, position = _varint(data, position)
        kind, number = tag & 7, tag >> 3
        value: int | memoryview
        if kind == VARINT:
            value, position = _varint(data, position)
        else:
            if kind == BYTES:
                size, position = _varint(data, position)
            elif kind in (FIXED32, FIXED64):
                size = 4 if kind == FIXED32 else 8
            else:
                raise _Malformed("it is not an ONNX file, or it is damaged")
            value, position = data[position : position + size], position + size
            if position > end:
                raise _Malformed("it is not an ONNX file, or it was cut off")
        if number in known:
            yield known[number], value
        elif known is _TENSOR and number in _OUTSIDE:
            raise _Malformed("it refers to data outside itself")
        elif number not in ignored:
            raise _Malformed(f"{where} has a part (field {number}) that no file of Recurra has")


def _varint(data: memoryview, position: int) -> tuple[int, int]:
    """Return (an unsigned number of at most 64 bits, the position behind it)."""
    number = shift = 0
    for byte in data[position : position + 10]:
        position += 1
        number |= (byte & 0x7F) << shift
        if byte < 0x80:
            return number & 0xFFFF_FFFF_FFFF_FFFF, position
        shift += 7
    raise _Malformed("it is not an ONNX file, or it was cut off")


def _integers(value: int | memoryview) -> list[int]:
    """Return the signed numbers of a repeated field, of which one entry may hold many."""
    if isinstance(value, int):
        return [_signed(value)]
    numbers, position = [], 0
    while position < len(value):
        number, position = _varint(value, position)
        numbers.append(_signed(number))
    return numbers


def _signed(number: int) -> int:
    return number - 2**64 if number >= 2**63 else number


def _number(value: int | memoryview | bytes) -> int:
    if not isinstance(value, int):
        raise _Malformed("a number is expected where there is text")
    return value


def _message(value: int | memoryview) -> memoryview:
    if isinstance(value, int):
        raise _Malformed("a number is where there should be none")
    return value


def _text(value: int | memoryview | bytes) -> str:
    if isinstance(value, int):
        raise _Malformed("a number is where text is expected")
    return bytes(value).decode("utf-8")
