"""Slices in a table: names that hold mark-up, marks, and nothing where nothing was asked for."""

from __future__ import annotations

import io
from typing import Any

from recurra.terminal.output import Output
from recurra.terminal.slice_table import print_slices


def _printed(result: dict[str, Any]) -> list[str]:
    file = io.StringIO()
    print_slices(Output(file=file, soft_wrap=True, highlight=False), result)
    return file.getvalue().splitlines()


def test_each_slice_has_a_line_with_its_mark() -> None:
    def one(name: str, **more: Any) -> dict[str, Any]:
        plain = {"name": name, "rows": 1234, "mae": 0.5, "mae_ci95": [0.25, 0.75], "bias": -0.125, "coverage": 0.9}
        return plain | {"small": False, "clearly": None} | more

    slices = [one("[red]a", clearly="worse"), one("b"), one("c", small=True, clearly="better")]
    lines = _printed({"slices": {"columns": {"[x]": {"slices": slices}, "none": {"slices": []}}}})
    assert lines[1].split() == ["By", "[x]", "Rows", "MAE", "95", "%", "interval", "Bias"]
    assert lines[2].split() == ["[red]a", "1,234", "0.5", "0.25", "to", "0.75", "-0.125", "worse"]
    assert lines[3].split()[-1] == "-0.125" and lines[4].endswith("few rows") and len(lines) == 5
    assert _printed({}) == _printed({"slices": {"length": []}}) == []
