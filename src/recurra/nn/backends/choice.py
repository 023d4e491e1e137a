"""Which backend computes a recurrent layer: the one rule, and the override that tests and benchmarks use.

fused      torch's fused kernels: cuDNN on a GPU; on a CPU oneDNN, which torch uses for the LSTM alone
kernel     this package's kernel in C, on a CPU that has the instructions, where the library was built
scan       PyTorch operations over all steps, for a cell whose gates read the input alone, which torch has no kernel for
reference  PyTorch operations step by step, on any device and in any precision
"""

from __future__ import annotations

import functools
import os
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Literal, get_args

import torch
from torch import Tensor

from recurra.errors import OptionError
from recurra.kernel.layout import RECURRENT_GATES
from recurra.kernel.library import Library, Variant, library

Backend = Literal["fused", "kernel", "reference", "scan"]
VARIABLE = "RECURRA_RECURRENCE"
"""The environment variable that overrides the rule."""

DEPRECATED: dict[str, Backend] = {"vendor": "fused", "torch": "reference"}
"""Names of backends in version 0.1.0; the environment variable still accepts them."""

_overrides: list[Backend] = []


def choose_backend(x: Tensor, cell: str) -> Backend:
    """Return the backend for a cell whose inputs are on the device and in the precision of x.

    Raises OptionError where the environment variable RECURRA_RECURRENCE names none that computes this cell.
    """
    if _overrides:
        return _overrides[-1]
    name = os.environ.get(VARIABLE)
    scanned = not RECURRENT_GATES[cell]
    if name:
        name = DEPRECATED.get(name, name)
        accepted = [one for one in get_args(Backend) if one != ("fused" if scanned else "scan")]
        if name not in accepted:
            raise OptionError(f"{VARIABLE}={name}: accepted for the cell {cell} are {', '.join(accepted)}.")
        return name  # type: ignore[return-value]
    if x.device.type != "cpu":
        return "scan" if scanned else "fused"
    if x.dtype == torch.float64:
        return "scan" if scanned else "reference"
    if choose_variant(torch.float32):
        return "kernel"
    if scanned:
        return "scan"
    return "fused" if cell == "lstm" else "reference"


def choose_variant(dtype: torch.dtype) -> tuple[Library, Variant] | None:
    """Return the kernel's variant for `dtype`: float32 where the processor does not multiply bfloat16; None without."""
    kernel = library()
    if kernel is None:
        return None
    _share_threads(kernel)
    variant = kernel.variant("bfloat16" if dtype == torch.bfloat16 else "float32") or kernel.variant("float32")
    return None if variant is None else (kernel, variant)


@functools.cache
def _share_threads(kernel: Library) -> None:
    """Share torch's threads, once: torch has loaded its OpenMP library by now."""
    kernel.share_threads()


@contextmanager
def use_backend(backend: Backend) -> Iterator[None]:
    """Use `backend` regardless of the rule and of the environment. For tests and benchmarks; not thread-safe."""
    _overrides.append(backend)
    try:
        yield
    finally:
        _overrides.pop()
