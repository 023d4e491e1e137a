"""The inputs, nodes, constants and outputs of an ONNX graph while it is built."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
import onnx
from onnx import TensorProto, helper, numpy_helper

FloatArray = npt.NDArray[np.float32]

Weights = Mapping[str, npt.NDArray[np.floating]]
"""Named weights, in torch's layout and gate order."""

INTEGERS, FLOATS = TensorProto.INT64, TensorProto.FLOAT


class GraphBuilder:
    """Collects the parts of a graph; every value gets a name of its own.

    A graph that reads a stream also has a state: optional inputs `past.NAME`, with outputs `present.NAME`.
    """

    def __init__(self) -> None:
        self.nodes: list[onnx.NodeProto] = []
        self.initializers: dict[str, onnx.TensorProto] = {}
        self.inputs: list[onnx.ValueInfoProto] = []
        self.outputs: list[onnx.ValueInfoProto] = []

    def input(self, name: str, kind: int, shape: Sequence[str | int]) -> str:
        """Declare an input. kind: INTEGERS or FLOATS; shape: a size, or the name of a dimension. Return its name."""
        self.inputs.append(helper.make_tensor_value_info(name, kind, shape))
        return name

    def output(self, name: str, kind: int, shape: Sequence[str | int]) -> None:
        """Declare that the value `name`, computed before or after this call, is an output."""
        self.outputs.append(helper.make_tensor_value_info(name, kind, shape))

    def optional_state(self, name: str, empty: npt.NDArray[np.generic], rows: int) -> str:
        """Declare the input `past.NAME`, which may be left out, and the output `present.NAME`; return the input's name.

        empty: the state of an empty stream, for a single row. rows: the axis that counts the rows.
        """
        self.weight(f"past.{name}", empty)
        kind = helper.np_dtype_to_tensor_dtype(empty.dtype)
        for end, count, values in (("past", "streams", self.inputs), ("present", "batch", self.outputs)):
            shape = [count if axis == rows else size for axis, size in enumerate(empty.shape)]
            values.append(helper.make_tensor_value_info(f"{end}.{name}", kind, shape))
        return f"past.{name}"

    def option(self, name: str, default: npt.NDArray[np.generic], shape: Sequence[str | int]) -> str:
        """Declare an input that may be left out, and is `default` then; return its name."""
        self.weight(name, default)
        return self.input(name, helper.np_dtype_to_tensor_dtype(default.dtype), shape)

    def nodes_of(
        self, operator: str, inputs: Sequence[str], outputs: Sequence[str], attributes: Mapping[str, Any]
    ) -> None:
        """Append an operator with any number of outputs; an input or output that is left out is ""."""
        node = helper.make_node(operator, inputs, outputs, name=f"{operator}_{len(self.nodes)}", **attributes)
        self.nodes.append(node)

    def node(self, operator: str, inputs: Sequence[str], output: str = "", **attributes: Any) -> str:
        """Append an operator with one output; return that output's name."""
        name = output or f"{operator.lower()}_{len(self.nodes)}"
        self.nodes_of(operator, inputs, [name], attributes)
        return name

    def weight(self, name: str, array: npt.NDArray[np.generic]) -> str:
        """Keep a constant under a name; return the name."""
        self.initializers[name] = numpy_helper.from_array(np.ascontiguousarray(array), name)
        return name

    def ints(self, numbers: Sequence[int]) -> str:
        """A constant int64 vector."""
        return self.weight("ints_" + "_".join(map(str, numbers)), np.array(numbers, dtype=np.int64))

    def scalar(self, number: int) -> str:
        """A constant int64 scalar."""
        return self.weight(f"int_{number}", np.array(number, dtype=np.int64))

    def real(self, number: float) -> str:
        """A constant float32 scalar."""
        return self.weight(f"float_{number:g}", np.array(number, dtype=np.float32))

    def double(self, value: str) -> str:
        """A value in double precision."""
        return self.node("Cast", [value], to=TensorProto.DOUBLE)

    def single(self, value: str) -> str:
        """A value in single precision."""
        return self.node("Cast", [value], to=TensorProto.FLOAT)

    def steps(self, sequences: str) -> str:
        """0, 1, ... T - 1 [T] for sequences [B, T, ..]."""
        size = self.node("Squeeze", [self.node("Shape", [sequences], start=1, end=2), self.ints([0])])
        return self.node("Range", [self.scalar(0), size, self.scalar(1)])

    def linear(self, name: str, x: str, weight: FloatArray, bias: FloatArray, output: str = "") -> str:
        """x [.., in] @ weight.T + bias -> [.., out]. name: of its constants; weight: [out, in]; bias: [out]."""
        product = self.node("MatMul", [x, self.weight(f"{name}.weight.T", weight.T)])
        return self.node("Add", [product, self.weight(f"{name}.bias", bias)], output)
