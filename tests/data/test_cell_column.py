"""A column of cells kept as numbers: what was read comes back, empty cells are none."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from recurra.data.cell_column import CellColumn


@given(st.lists(st.none() | st.text(max_size=3)))
def test_every_cell_comes_back_without_the_space_around_it(cells: list[str | None]) -> None:
    column = CellColumn("author")
    for cell in cells:
        column.add(cell)
    back = [None if code < 0 else column.values[code] for code in column.codes.tolist()]
    assert back == [(cell or "").strip() or None for cell in cells]
    assert len(column) == len(cells) and len(set(column.values)) == len(column.values)
