"""The verdict of a report of numbers."""

from __future__ import annotations

from typing import Any

import pytest

from recurra.tasks.regress.learn.verdict import verdict

TEST = {
    "rows": 1000, "mae": 1.0, "r2": 0.5, "r2_ci95": [0.4, 0.6], "level": 0.9, "coverage": 0.9,
    "coverage_ci95": [0.88, 0.92], "truncated_rows": 0,
}  # fmt: skip
BASELINE = {"name": "ridge", "mae": 1.2, "features": 100}


def metrics(difference: float = -0.2, p: float = 0.001, **test: Any) -> dict[str, Any]:
    paired = {"difference": difference, "difference_ci95": [difference - 0.1, difference + 0.1], "p_value": p}
    return {"test": TEST | test, "baseline": BASELINE, "paired": paired, "train": {"mae": 0.95}}


@pytest.mark.parametrize(
    ("found", "tone", "words"),
    [
        (metrics(), "good", "beats a simple baseline"),
        (metrics(p=0.3), "even", "not clearly better than a simple"),
        (metrics(difference=0.2), "bad", "less far off"),
        (metrics(r2_ci95=[-0.1, 0.2]), "bad", "not clearly better than always answering with the mean"),
        (metrics() | {"baseline": None}, "even", "no baseline"),
        ({}, "even", "Not evaluated"),
    ],
)
def test_the_answer(found: dict[str, Any], tone: str, words: str) -> None:
    answer = verdict(found)
    assert answer.tone == tone
    assert words in answer.headline
    assert answer.cautions == ()


def test_cautions() -> None:
    found = metrics(rows=100, coverage=0.7, coverage_ci95=[0.6, 0.8], truncated_rows=40, nothing_known_rows=3) | {
        "train": {"mae": 0.2},
        "hygiene": {"tokens": {"unknown_rate": 0.5}},
    }
    told = " ".join(verdict(found).cautions)
    for part in ("Only 100", "memorised", "fewer than the", "were cut", "unknown", "knew no word"):
        assert part in told.replace("\N{NO-BREAK SPACE}", " ")
    wide = " ".join(verdict(metrics(coverage=0.99, coverage_ci95=[0.98, 1.0])).cautions)
    assert "wider than they need be" in wide
