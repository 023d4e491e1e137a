"""What a run settles before it begins: epochs, seed and threads, and the errors of networks and rows that cannot be."""

from __future__ import annotations

import pytest
import torch

from recurra.errors import OptionError, TrainingError
from recurra.many_to_one.options import ModelOptions
from recurra.many_to_one.shape import ManyToOneShape
from recurra.options.training import FitOptions
from recurra.training.setup import choose_bf16, choose_device, prepare, require_rows, shape_errors_as_option_errors


def test_preparing_seeds_torch_and_sets_its_threads() -> None:
    threads = torch.get_num_threads()
    try:
        numbers = []
        for seed in (5, 5, 6):
            setup = prepare(FitOptions(seed=seed, threads=1, device="cpu", precision="fp32"))
            numbers.append(torch.rand(1).item())
        assert (setup.device.type, setup.precision, torch.get_num_threads()) == ("cpu", "fp32", 1)
        assert numbers[0] == numbers[1] != numbers[2]
        torch.manual_seed(5)
        assert torch.rand(1).item() == numbers[0]
    finally:
        torch.set_num_threads(threads)


def test_an_impossible_shape_is_an_option_error() -> None:
    options = ModelOptions()
    with pytest.raises(OptionError, match=r"cannot be built.*2 GiB.*smaller --hidden"), shape_errors_as_option_errors():
        ManyToOneShape(
            vocabulary=100, embedding=8192, cell=options.cell, hidden=8192, layers=8,
            direction=options.direction, pooling=options.pooling, outputs=1,
        )  # fmt: skip


def test_both_parts_need_rows() -> None:
    require_rows(1, 1, "rows", "")
    with pytest.raises(
        TrainingError, match=r"0 pairs to train on and 5 to validate with; both need at least one\. Give"
    ):
        require_rows(0, 5, "pairs", "Give more.")
    with pytest.raises(TrainingError, match="at least 2"):
        require_rows(9, 1, "symbols", "Give more text.", fewest=2)


def test_device_and_precision() -> None:
    assert choose_device("cpu").type == "cpu"
    if not torch.cuda.is_available():
        assert choose_device("auto").type == "cpu"
        with pytest.raises(OptionError, match="no CUDA device"):
            choose_device("cuda")
    assert choose_bf16("bf16", torch.device("cpu"))
    assert not choose_bf16("fp32", torch.device("cpu"))
