"""Recurrent layers and products on the C kernel, in single precision: what the engines of the tasks are made of."""

from __future__ import annotations

import math
from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from recurra.kernel.layout import DIRECTION_NAMES, GATES, RECURRENT_GATES, REDUCED_WIDTH, Reduction
from recurra.kernel.library import BLOCK, Library, Linear, Variant, library, new_recurrence
from recurra.kernel.ragged import Ragged
from recurra.storage.shape import RecurrentStack

CACHE_LINE = 64

Floats = NDArray[np.float32]
Ids = NDArray[np.int32]
Weights = Mapping[str, Floats]
Kernel = tuple[Library, Variant]


def available() -> bool:
    """Return whether this installation has a kernel for single precision that this processor can run."""
    kernel = library()
    return kernel is not None and kernel.variant("float32") is not None


def open_kernel() -> Kernel:
    """Return the library and its variant for single precision. Raises RuntimeError where there is none."""
    kernel = library()
    variant = kernel.variant("float32") if kernel else None
    if kernel is None or variant is None:
        raise RuntimeError("there is no recurrent kernel here")
    return kernel, variant


class KernelProduct:
    """x W^T + b for rows x. weight: [N, K] with N a multiple of `BLOCK`; bias: [N]."""

    def __init__(self, kernel: Kernel, weight: Floats, bias: Floats) -> None:
        self._library, self._variant = kernel
        weight = np.ascontiguousarray(weight)
        self.columns, self._terms = weight.shape
        self._bias = np.ascontiguousarray(bias)
        self._packed = aligned(weight.size)
        self._library.pack_linear(
            self._variant, self._terms, self.columns, weight.ctypes.data, self._packed.ctypes.data
        )

    def __call__(self, x: Floats) -> Floats:
        """x: [R, K]. Returns [R, N]."""
        out = np.empty((len(x), self.columns), dtype=np.float32)
        self._multiply(np.ascontiguousarray(x), len(x), None, out)
        return out

    def rows(self, x: Floats, rows: Ids, out: Floats) -> None:
        """Write the products of some rows of x [.., K] to the same rows of `out` [.., N]. rows: int32."""
        self._multiply(x, len(rows), rows.ctypes.data, out)

    def _multiply(self, x: Floats, count: int, rows: int | None, out: Floats) -> None:
        linear = Linear(count, self._terms, self.columns, rows, x.ctypes.data, x.shape[1])
        linear.weight, linear.bias = self._packed.ctypes.data, self._bias.ctypes.data
        linear.out, linear.out_row = out.ctypes.data, out.shape[1]
        self._library.linear(self._variant, linear)


class KernelLayer:
    """One recurrent layer of one direction or two; the hidden size is padded with zeros to a multiple of `BLOCK`."""

    def __init__(self, kernel: Kernel, stack: RecurrentStack, weights: Weights, layer: int) -> None:
        """weights: by names that begin with `recurrent.layers.LAYER`, see `RecurrentStack.weight_shapes`."""
        self._library, self._variant = kernel
        self._cell, self._hidden = stack.cell, padded(stack.hidden)
        self._directions = stack.directions
        self.features = self._hidden * stack.directions

        def gates(direction: str, name: str) -> Floats:
            """Return a weight [G*H, ..] with the rows of each gate padded."""
            array = weights[f"recurrent.layers.{layer}.{direction}.{name}"]
            split = array.reshape(GATES[stack.cell], stack.hidden, *array.shape[1:])
            missing = [(0, 0), (0, self._hidden - stack.hidden), *[(0, 0)] * (array.ndim - 1)]
            return np.ascontiguousarray(np.pad(split, missing).reshape(-1, *array.shape[1:]))

        names = DIRECTION_NAMES[stack.direction]
        inputs = np.concatenate([gates(name, "weight_ih") for name in names])
        if layer:
            inputs = spread(inputs, stack.hidden, axis=1)
        self.product = KernelProduct(kernel, inputs, np.concatenate([gates(name, "bias_ih") for name in names]))
        self._bias, self._packed = [], []
        for name in names if RECURRENT_GATES[stack.cell] else ():
            self._bias.append(gates(name, "bias_hh"))
            recurrent = np.pad(gates(name, "weight_hh"), [(0, 0), (0, self._hidden - stack.hidden)])
            packed = aligned(recurrent.size)
            self._library.pack_forward(
                self._variant, self._cell, self._hidden, recurrent.ctypes.data, packed.ctypes.data
            )
            self._packed.append(packed)

    def run(self, projected: Floats, index: Ids, ragged: Ragged, reduction: Reduction, helped: bool) -> Floats:
        """Return the states [B, T, F], or their reduction over time [B, F or 2F].

        projected: [U, directions * G*H]; index: [B, T] rows of it. helped: whether another thread may compute the
        second direction meanwhile, if there is one.
        """
        (part,) = ragged.parts
        rows, hidden, width = ragged.batch, self._hidden, self.features * REDUCED_WIDTH[reduction]
        out = np.empty((rows, ragged.time, width) if reduction == "all" else (rows, width), dtype=np.float32)
        source_step = np.empty((rows, width) if reduction != "all" else 0, dtype=np.int32)
        state, previous = aligned(2, self._directions, 2 * rows, hidden)
        columns = projected.shape[1] // self._directions
        recurrences = []
        for direction in range(self._directions):
            job = new_recurrence(
                ragged,
                part,
                direction,
                hidden,
                index.ctypes.data,
                reduction,
                out.ctypes.data,
                width,
                out.itemsize,
                source_step.ctypes.data,
            )
            job.projected, job.projected_stride = projected.ctypes.data + 4 * direction * columns, projected.shape[1]
            if self._packed:
                job.weight, job.bias = self._packed[direction].ctypes.data, self._bias[direction].ctypes.data
            job.state, job.previous = state[direction].ctypes.data, previous[direction].ctypes.data
            recurrences.append(job)
        if helped and len(recurrences) > 1:
            self._library.forward_helped(self._variant, self._cell, recurrences)
        else:
            self._library.forward(self._variant, self._cell, recurrences)
        return out


def aligned(*shape: int) -> Floats:
    """Return an array [*shape] that begins at a cache line, so that no vector crosses two of them."""
    size = 4 * math.prod(shape)
    memory = np.empty(size + CACHE_LINE, dtype=np.uint8)
    begin = -memory.ctypes.data % CACHE_LINE
    return memory[begin : begin + size].view(np.float32).reshape(shape)


def padded(size: int) -> int:
    """Return the next multiple of BLOCK."""
    return size + -size % BLOCK


def spread(array: Floats, hidden: int, axis: int) -> Floats:
    """Insert zeros into an axis of features [.. * hidden], so that each part has the padded hidden size."""
    missing = padded(hidden) - hidden
    parts = np.split(array, array.shape[axis] // hidden, axis=axis)
    pads = [(0, missing if one == axis else 0) for one in range(array.ndim)]
    return np.concatenate([np.pad(part, pads) for part in parts], axis=axis)
