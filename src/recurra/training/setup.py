"""What a training run settles before it begins: device, number format, threads and epochs."""

from __future__ import annotations

from typing import Any

import torch

from recurra.errors import OptionError
from recurra.inference.threads import processor_count
from recurra.kernel.library import library
from recurra.nn.backends.choice import choose_backend
from recurra.options.everything import FitOptions
from recurra.storage.version import VERSION

AUTO_EPOCH_ROWS = 70_000

MIN_AUTO_EPOCHS, MAX_AUTO_EPOCHS = 2, 20


def auto_epochs(rows: int) -> int:
    """Return the default number of epochs: fewer where there are more rows."""
    return min(MAX_AUTO_EPOCHS, max(MIN_AUTO_EPOCHS, round(AUTO_EPOCH_ROWS / rows)))


def resolved(options: FitOptions, cell: str) -> dict[str, Any]:
    """Return what `auto` and the unsaid come to on this machine; a run can be resumed only where they are the same."""
    device = chosen_device(options.device)
    return {
        "device": device.type,
        "precision": "bf16" if chosen_bf16(options.precision, device) else "fp32",
        "threads": options.threads or processor_count(),
        "torch": torch.__version__,
        "recurrence": choose_backend(torch.zeros(1, device=device), cell),
        "recurra": VERSION,
        "kernel": found.signature if (found := library()) else "none",
    }


def chosen_device(wanted: str) -> torch.device:
    """Return the device for `auto`, `cpu` or `cuda`. Raises OptionError where CUDA is asked for and absent."""
    if wanted == "cuda" and not torch.cuda.is_available():
        raise OptionError("--device cuda: no CUDA device can be used here. Use --device cpu, or auto.")
    return torch.device("cuda" if wanted != "cpu" and torch.cuda.is_available() else "cpu")


def chosen_bf16(wanted: str, device: torch.device) -> bool:
    """Return whether the recurrent layers train in bfloat16; `auto` does so where the processor multiplies it."""
    if wanted != "auto":
        return wanted == "bf16"
    if device.type == "cuda":
        return bool(torch.cuda.is_bf16_supported())
    return bool(torch.cpu.get_capabilities().get("avx512_bf16", False))
