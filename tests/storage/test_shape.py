"""Counts and names of weights against torch's own modules, and what every shape refuses."""

from __future__ import annotations

from typing import get_args

import pytest
from pydantic import Field, ValidationError

from recurra.kernel.layout import GATES, MAX_ELEMENTS, Cell, Direction, weight_kinds
from recurra.storage.shape import RecurrentStack, Shape, state_names
from support.torch_cells import MODULES


class Table(Shape):
    rows: int = Field(ge=1)

    @property
    def parameters(self) -> int:
        return self.rows


@pytest.mark.parametrize("cell", get_args(Cell))
@pytest.mark.parametrize("direction", get_args(Direction))
@pytest.mark.parametrize("layers", [1, 2, 3])
def test_a_stack_has_the_weights_of_torchs(cell: Cell, direction: Direction, layers: int) -> None:
    stack = RecurrentStack(cell, inputs=5, hidden=7, layers=layers, direction=direction)
    module = MODULES[cell](5, 7, layers, bidirectional=direction == "both")
    expected = {
        f"stack.{layer}.{side}.{name}": tuple(getattr(module, f"{name}_l{layer}{end}").shape)
        for layer in range(layers)
        for side, end in (("left_to_right", ""), ("right_to_left", "_reverse"))[: stack.directions]
        for name in weight_kinds(cell)
    }
    assert stack.weight_shapes("stack") == expected
    assert stack.parameters == sum(weight.numel() for weight in module.parameters())
    assert stack.features == (14 if direction == "both" else 7)


def test_a_state_is_named_after_its_layer() -> None:
    assert state_names("gru", ["0", "1"]) == ("0.h", "1.h")
    assert state_names("lstm", ["lower", "upper"]) == ("lower.h", "lower.c", "upper.h", "upper.c")
    assert set(GATES) == set(get_args(Cell))


def test_a_network_that_does_not_fit_one_file_is_refused() -> None:
    assert Table(rows=MAX_ELEMENTS).parameters == MAX_ELEMENTS
    with pytest.raises(ValidationError, match="too large for one ONNX file"):
        Table(rows=MAX_ELEMENTS + 1)


@pytest.mark.parametrize("plain", [{"rows": 0}, {"rows": "3"}, {"rows": 3.0}, {}, {"rows": 3, "columns": 2}])
def test_values_of_another_type_and_unknown_names_are_refused(plain: dict[str, object]) -> None:
    with pytest.raises(ValidationError):
        Table.model_validate(plain)


def test_a_shape_does_not_change() -> None:
    with pytest.raises(ValidationError, match="frozen"):
        Table(rows=3).rows = 4  # type: ignore[misc]
