"""The nodes, constants, inputs and outputs of an ONNX graph while it is built."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
import onnx
from onnx import TensorProto, helper, numpy_helper

FloatArray = npt.NDArray[np.float32]


class GraphParts:
    """Collects nodes, constants and the state of a stream; every value gets a name of its own."""

    def __init__(self) -> None:
        self.nodes: list[onnx.NodeProto] = []
        self.initializers: dict[str, onnx.TensorProto] = {}
        self.inputs: list[onnx.ValueInfoProto] = []
        self.outputs: list[onnx.ValueInfoProto] = []

    def nodes_of(
        self, operator: str, inputs: Sequence[str], names: Sequence[str], attributes: Mapping[str, Any]
    ) -> None:
        self.nodes.append(helper.make_node(operator, inputs, names, name=f"{operator}_{len(self.nodes)}", **attributes))

    def node(self, operator: str, inputs: Sequence[str], output: str = "", **attributes: Any) -> str:
        """Append an operator with one output; return that output's name."""
        name = output or f"{operator.lower()}_{len(self.nodes)}"
        self.nodes_of(operator, inputs, [name], attributes)
        return name

    def weight(self, name: str, array: npt.NDArray[np.generic]) -> str:
        """Keep a constant under a name; return the name."""
        self.initializers[name] = numpy_helper.from_array(np.ascontiguousarray(array), name)
        return name

    def past(self, name: str, empty: npt.NDArray[np.generic], rows: int) -> str:
        """An optional input and the output that goes with it; return the input's name.

        empty: what an empty stream has, with a single row. rows: the axis that counts them.
        """
        self.weight(f"past.{name}", empty)
        shape = [size if axis != rows else "streams" for axis, size in enumerate(empty.shape)]
        kind = helper.np_dtype_to_tensor_dtype(empty.dtype)
        self.inputs.append(helper.make_tensor_value_info(f"past.{name}", kind, shape))
        shape = [size if axis != rows else "batch" for axis, size in enumerate(empty.shape)]
        self.outputs.append(helper.make_tensor_value_info(f"present.{name}", kind, shape))
        return f"past.{name}"

    def ints(self, numbers: Sequence[int]) -> str:
        """A constant int64 vector."""
        return self.weight("ints_" + "_".join(map(str, numbers)), np.array(numbers, dtype=np.int64))

    def double(self, value: str) -> str:
        return self.node("Cast", [value], to=TensorProto.DOUBLE)

    def single(self, value: str) -> str:
        return self.node("Cast", [value], to=TensorProto.FLOAT)

    def scalar(self, number: int) -> str:
        """A constant int64 scalar."""
        return self.weight(f"int_{number}", np.array(number, dtype=np.int64))
