"""The tables of cells name the same ones, and weights are those of torch's modules where torch has such a cell."""

from __future__ import annotations

from typing import get_args

import pytest

from recurra.kernel.layout import CELL_NAMES, GATES, RECURRENT_GATES, Cell, weight_kinds
from recurra.nn.cells import CELLS
from support.torch_cells import MODULES


def test_every_table_has_every_cell() -> None:
    for table in (CELL_NAMES, GATES, RECURRENT_GATES, CELLS, MODULES):
        assert set(table) == set(get_args(Cell))
    assert all(name.lower() == cell for cell, name in CELL_NAMES.items())


@pytest.mark.parametrize("cell", get_args(Cell))
def test_weights_are_called_as_torch_calls_them(cell: Cell) -> None:
    sizes = {name.removesuffix("_l0"): weight.shape for name, weight in MODULES[cell](4, 3).named_parameters()}
    assert set(weight_kinds(cell)) == set(sizes)
    assert sizes["weight_ih"] == (3 * GATES[cell], 4) and sizes["bias_ih"] == (3 * GATES[cell],)
    if RECURRENT_GATES[cell]:
        assert sizes["weight_hh"] == (3 * RECURRENT_GATES[cell], 3)
