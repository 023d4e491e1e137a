"""What is written of the tutorial's recipe beside Keras follows from the recorded figures."""

from __future__ import annotations

from typing import Any

import pytest
import tutorial
import tutorial_tables


def test_the_seeds_are_listed_with_their_mean() -> None:
    runs: list[dict[str, Any]] = [{"accuracy": 0.891, "rows": 4500}, {"accuracy": 0.9, "rows": 4500}]
    several = {"options": [], "accuracy": {"mean": 0.8955, "ci95": [0.88, 0.911]}, "runs": runs}
    single = {"options": ["--schedule", "constant"], "accuracy": {"mean": 0.9, "ci95": None}, "runs": runs[1:]}
    run = {"command": "c", "machine": "2 cores", "metrics": {"variants": {"recipe": several, "constant": single}}}
    lines = tutorial_tables.table("seeds", run).splitlines()
    assert lines[2] == "| recipe | 89.1, 90.0 | **89.5 %** | 88.0 to 91.1 |"
    assert lines[3] == "| `--schedule constant` | 90.0 | **90.0 %** |  |"
    assert lines[-1].startswith("4,500 held-out rows a seed") and lines[-1].endswith("`c` on 2 cores.")


def test_the_differences_are_listed_by_step() -> None:
    differences = {
        "Recurra": {"1": {"word_vectors": 2e-3, "others": 1e-3}, "10": {"word_vectors": 0.02, "others": 0.01}}
    }
    run = {"command": "c", "metrics": {"largest_difference_after_steps": differences}}
    lines = tutorial_tables.table("steps", run).splitlines()
    assert lines[0] == "| Adam of | word vectors, 1 step | word vectors, 10 steps | others, 1 step | others, 10 steps |"
    assert lines[2] == "| Recurra | 2e-03 | 2e-02 | 1e-03 | 1e-02 |"
    assert tutorial_tables.table("steps", None) == "No run is recorded yet."


def test_the_interval_of_a_mean_is_students() -> None:
    """For 0, 1, 2: the deviation is 1, the quantile with two degrees of freedom 4.3027."""
    found = tutorial.mean_with_interval([0.0, 1.0, 2.0])
    half = 4.302652729696142 / 3**0.5
    assert found["mean"] == 1.0 and found["ci95"] == pytest.approx([1 - half, 1 + half])
    assert tutorial.mean_with_interval([0.5]) == {"mean": 0.5, "ci95": None}
