"""The shape of a transcriber counts its weights and names its states."""

from __future__ import annotations

import math

import pytest

from recurra.tasks.transcribe.shape import TranscriberShape
from support.torch_cells import MODULES

FIELDS = {
    "rate": 8000, "mels": 8, "stack": 3, "cell": "lstm", "hidden": 5, "layers": 2, "direction": "forward", "symbols": 6,
}  # fmt: skip


@pytest.mark.parametrize("cell", MODULES)
@pytest.mark.parametrize("direction", ["both", "forward"])
def test_the_parameters_are_the_weights(cell: str, direction: str) -> None:
    shape = TranscriberShape(**{**FIELDS, "cell": cell, "direction": direction})
    assert shape.parameters == sum(math.prod(size) for size in shape.weight_shapes().values())
    assert shape.inputs == 24 and shape.features == (10 if direction == "both" else 5)


def test_only_what_reads_forward_has_states() -> None:
    assert TranscriberShape(**FIELDS).states == ("0.h", "0.c", "1.h", "1.c")
    assert TranscriberShape(**{**FIELDS, "cell": "gru"}).states == ("0.h", "1.h")
    assert TranscriberShape(**{**FIELDS, "direction": "both"}).states == ()


@pytest.mark.parametrize(
    "change", [{"rate": 100}, {"mels": 1}, {"stack": 0}, {"symbols": 1}, {"cell": "tcn"}, {"x": 1}]
)
def test_what_cannot_be_is_refused(change: dict[str, object]) -> None:
    with pytest.raises(ValueError):
        TranscriberShape(**{**FIELDS, **change})
