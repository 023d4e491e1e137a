"""The sections of slices in a report: charts of large ones, folded tables of small ones, text as text."""

from __future__ import annotations

from typing import Any

from recurra.many_to_one.learn.slice_sections import slice_sections
from recurra.report.quantity import Quantity

QUANTITIES = {"accuracy": Quantity("Accuracy", "The share that is right.", True, share=True)}


def _one(name: str, value: float, small: bool) -> dict[str, Any]:
    ends = [value - 0.1, value + 0.1]
    return {"name": name, "rows": 40, "accuracy": value, "accuracy_ci95": ends, "clearly": None, "small": small}


def test_large_slices_are_drawn_and_small_ones_folded() -> None:
    columns = {
        "land": {"ranges": False, "slices": [_one("<i>de", 0.4, False), _one("it", 0.6, True)]},
        "size": {"ranges": True, "slices": [_one("1 to 2", 0.5, True)]},
        "none": {"ranges": False, "slices": []},
    }
    land, size = slice_sections({"accuracy": 0.9, "slices": {"columns": columns}}, QUANTITIES)
    assert (land.heading, size.heading) == ("By land", "By size")
    assert "<svg" in land.body and "&lt;i&gt;de" in land.body and "<i>" not in land.body
    assert "<details><summary>1\N{NO-BREAK SPACE}slice of so few" in land.body and "it" in land.body
    assert "<svg" not in size.body and "<details open>" in size.body and "cut into ranges" in size.lead
    assert slice_sections({}, QUANTITIES) == []
