"""Sentences on slices: the clearly worse ones by name, and no more than a few."""

from __future__ import annotations

from typing import Any

from recurra.many_to_one.slice_facts import MOST_TOLD, slice_sentences


def _one(name: str, clearly: str | None = None, small: bool = False) -> dict[str, Any]:
    ends = [0.25, 0.75]
    return {"name": name, "rows": 40, "accuracy": 0.5, "accuracy_ci95": ends, "clearly": clearly, "small": small}


def test_what_is_clearly_worse_is_named() -> None:
    many = [_one(f"v{n}", "worse") for n in range(MOST_TOLD + 2)]
    columns = {
        "land": {"slices": [_one("de", "worse"), _one("fr"), _one("it", "worse", small=True)]},
        "size": {"slices": [_one("1", "better")]},
        "none": {"slices": []},
        "many": {"slices": many},
    }
    first, second, third = slice_sentences({"accuracy": 0.9, "slices": {"columns": columns}})
    assert first == (
        "land: clearly worse than all rows (accuracy 90.0%) are de 50.0% (25.0% to 75.0%, 40 rows). 1 of its slices "
        "has too few rows to tell."
    )
    assert second == "size: no slice is clearly worse than all rows (accuracy 90.0%)."
    assert third.endswith("; and 2 more.") and "v4" in third and "v5" not in third
    assert slice_sentences({}) == slice_sentences({"slices": {"length": []}}) == []
