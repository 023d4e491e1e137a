"""What a training run settles before it begins: device, number format, threads, seed and shape of the network."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import torch
from pydantic import ValidationError

from recurra.errors import OptionError, TrainingError
from recurra.inference.threads import processor_count
from recurra.kernel.library import library
from recurra.nn.backends.choice import choose_backend
from recurra.options.training import FitOptions
from recurra.storage.version import VERSION


@dataclass(frozen=True)
class Setup:
    """Where and how a network is trained. bf16: whether its recurrent layers compute in bfloat16."""

    device: torch.device
    bf16: bool

    @property
    def precision(self) -> str:
        """The number format of the recurrent layers: "bf16" or "fp32"."""
        return "bf16" if self.bf16 else "fp32"


def prepare(options: FitOptions) -> Setup:
    """Choose the device and the number format, and set torch's number of threads and its seed in this process.

    Raises OptionError where CUDA is requested and absent.
    """
    setup = choose_setup(options)
    torch.set_num_threads(options.threads or processor_count())
    torch.manual_seed(options.seed)
    return setup


def choose_setup(options: FitOptions) -> Setup:
    """Return the device and the number format that `options` mean on this machine. Raises as `prepare` does."""
    device = choose_device(options.device)
    return Setup(device, choose_bf16(options.precision, device))


def machine(options: FitOptions) -> dict[str, Any]:
    """Return what decides the weights besides options and data; a run can be resumed only where it is the same.

    "recurrence", the backend of the recurrent layers, is there only where `options` name a recurrent cell.
    """
    setup, kernel = choose_setup(options), library()
    cell = getattr(options, "cell", None)
    backend = {} if cell is None else {"recurrence": choose_backend(torch.zeros(1, device=setup.device), cell)}
    return {
        "device": setup.device.type,
        "precision": setup.precision,
        "threads": options.threads or processor_count(),
        "torch": torch.__version__,
        **backend,
        "recurra": VERSION,
        "kernel": kernel.signature if kernel else "none",
    }


def choose_device(requested: str) -> torch.device:
    """Return the device for `auto`, `cpu` or `cuda`. Raises OptionError where CUDA is requested and absent."""
    if requested == "cuda" and not torch.cuda.is_available():
        raise OptionError("--device cuda: no CUDA device can be used here. Use --device cpu, or auto.")
    return torch.device("cuda" if requested != "cpu" and torch.cuda.is_available() else "cpu")


def choose_bf16(requested: str, device: torch.device) -> bool:
    """Return whether the recurrent layers train in bfloat16; `auto` does so where the processor multiplies it."""
    if requested != "auto":
        return requested == "bf16"
    if device.type == "cuda":
        return bool(torch.cuda.is_bf16_supported())
    return bool(torch.cpu.get_capabilities().get("avx512_bf16", False))


@contextmanager
def shape_errors_as_option_errors() -> Iterator[None]:
    """Raise OptionError instead of the ValidationError of a `Shape` that cannot be."""
    try:
        yield
    except ValidationError as error:
        raise OptionError(
            f"This network cannot be built: {error.errors()[0]['msg']}. Choose a smaller --hidden, --embedding, "
            "--layers or --vocabulary."
        ) from None


def require_rows(training: int, validation: int, unit: str, advice: str, fewest: int = 1) -> None:
    """Raise TrainingError where there are not `fewest` rows of each part. unit: what is counted, such as "pairs"."""
    if min(training, validation) < fewest:
        raise TrainingError(
            f"There are {training} {unit} to train on and {validation} to validate with; both need at least "
            f"{'one' if fewest == 1 else fewest}. {advice}"
        )
