"""Which of the three ways a recurrent layer is computed: the one rule, and the switch that tests and benchmarks use.

vendor   torch's fused kernels: cuDNN on a GPU; on a CPU oneDNN, which torch has for the LSTM alone
kernel   ours in C, on a CPU that has the instructions, where the library was built
torch    PyTorch operations step by step, anywhere and in any precision
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
from recurra.kernel.library import Library, Variant, library

Path = Literal["vendor", "kernel", "torch"]
VARIABLE = "RECURRA_RECURRENCE"
_forced: list[Path] = []


def chosen_path(x: Tensor, cell: str) -> Path:
    """Return the path for a cell whose inputs are on this device and in this precision.

    Raises OptionError where the environment variable RECURRA_RECURRENCE names none of them.
    """
    if _forced:
        return _forced[-1]
    named = os.environ.get(VARIABLE)
    if named:
        if named not in get_args(Path):
            raise OptionError(f"{VARIABLE}={named}: accepted are {', '.join(get_args(Path))}.")
        return named  # type: ignore[return-value]
    if x.device.type != "cpu":
        return "vendor"
    if x.dtype == torch.float64:
        return "torch"
    if chosen_variant(torch.float32):
        return "kernel"
    return "vendor" if cell == "lstm" else "torch"


def chosen_variant(dtype: torch.dtype) -> tuple[Library, Variant] | None:
    """Return the kernel for numbers of `dtype`, or for float32 where the processor multiplies no bfloat16."""
    found = library()
    if found is None:
        return None
    _share_threads(found)
    variant = found.variant("bfloat16" if dtype == torch.bfloat16 else "float32") or found.variant("float32")
    return None if variant is None else (found, variant)


@functools.cache
def _share_threads(found: Library) -> None:
    """Once torch has loaded its OpenMP library."""
    found.share_threads()


@contextmanager
def forced(path: Path) -> Iterator[None]:
    """Take `path` whatever the rule says. For tests and benchmarks; not for several threads."""
    _forced.append(path)
    try:
        yield
    finally:
        _forced.pop()
