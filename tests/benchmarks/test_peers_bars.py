"""What is held against the bars, on figures made up so that each bar has an answer of its own."""

from __future__ import annotations

from typing import Any

import pytest
from peers.bars import BARS, judged


def rate(engine: str, cell: str, variant: str, batch: int, median: float, kind: str = "training") -> dict[str, Any]:
    return {
        "engine": engine,
        "kind": kind,
        "cell": cell,
        "variant": variant,
        "batch": batch,
        "tokens": 200,
        "rate": {"median": median, "min": median / 2, "max": 2 * median, "rounds": 5},
    }


@pytest.fixture
def metrics() -> dict[str, Any]:
    training = [
        rate("recurra", "lstm", "fp32", 64, 1_400),
        rate("recurra", "lstm", "bf16", 256, 3_000),
        rate("recurra", "gru", "fp32", 64, 1_500),
        rate("recurra", "gru", "bf16", 256, 2_900),
        rate("recurra", "rnn", "fp32", 64, 4_000),
        rate("torch", "lstm", "fp32", 64, 700),
        rate("torch", "lstm", "bf16", 64, 5_000),
        rate("torch", "gru", "fp32", 64, 250),
        rate("torch", "rnn", "fp32", 64, 1_600),
        rate("keras", "lstm", "fp32", 64, 600),
        rate("keras", "lstm", "fp32 xla", 64, 800),
        rate("keras", "lstm", "bf16", 256, 1_000),
    ]
    answers = [
        rate("recurra", "lstm", "tutorial", 256, 5_000, "ids"),
        rate("recurra", "lstm", "tutorial", 32, 9_000, "ids"),
        rate("keras", "lstm", "fp32", 256, 1_500, "ids"),
        rate("keras", "lstm", "bf16", 256, 2_000, "ids"),
        rate("keras", "lstm", "fp32", 256, 9_000, "text"),
    ]
    timing = {"read": 2.0, "tokenise": 8.0, "train": 50.0, "evaluate": 40.0, "total": 100.0}
    return {
        "training": {"limit": {"fp32": 1e11}, "rows": training},
        "inference": {"limit": {"fp32": 1e11}, "rows": answers},
        "latency": {
            "rows": [
                {"engine": "recurra", "variant": "default", "p50_ms": {"median": 2.0}},
                {"engine": "recurra", "variant": "tutorial", "p50_ms": {"median": 0.5}},
            ]
        },
        "wall": {
            "rows": [
                {"engine": "recurra", "variant": "default", "seconds": 100.0, "accuracy": 0.914, "timing": timing},
                {"engine": "recurra", "variant": "tutorial", "seconds": 50.0, "accuracy": 0.95, "timing": timing},
                {"engine": "keras", "variant": "tutorial, 4 epochs", "seconds": 320.0, "accuracy": 0.88},
            ]
        },
        "growth": {
            "rows": [{"rows": 100, "peak_mb": 500}, {"rows": 400, "peak_mb": 520}, {"rows": 1600, "peak_mb": 700}],
            "tokens": [{"tokens": 100}, {"tokens": 400, "per_token": 0.9}, {"tokens": 1600, "per_token": 1.1}],
        },
    }


def test_each_bar_has_its_figure(metrics: dict[str, Any]) -> None:
    found = [(each["figure"], each["met"]) for each in judged(metrics)]
    assert found == [
        (3.0, True),  # the best of each: 3,000 / 1,000
        (1.75, True),  # 1,400 / 800: the better of Keras's two at fp32
        (2.0, True),  # 1,400 / 700: bf16 does not count
        (6.0, True),  # 1,500 / 250
        (2.5, True),  # 4,000 / 1,600
        (0.967, False),  # cheaper at batches of 64, dearer at the best of each: 2,900 / 3,000
        (1.38, True),  # 4,000 / 2,900 is less than 4,000 / 1,500
        (2.5, True),  # 5,000 / 2,000: from ids at 256
        (0.5, True),
        (0.312, True),
        (91.4, False),
        (10.0, True),
        (1.4, False),
        (1.1, True),
    ]
    assert [each["bar"] for each in judged(metrics)] == [bar[0] for bar in BARS]


@pytest.mark.parametrize("part", ["training", "inference", "latency", "wall", "growth"])
def test_a_part_that_was_not_measured_leaves_its_bars_open(metrics: dict[str, Any], part: str) -> None:
    before = judged(metrics)
    del metrics[part]
    after = judged(metrics)
    open_now = [each["bar"] for each in after if each["met"] is None]
    assert 0 < len(open_now) < len(BARS)
    assert all(a == b for a, b in zip(before, after, strict=True) if b["met"] is not None)


def test_an_engine_that_is_missing_leaves_its_bars_open(metrics: dict[str, Any]) -> None:
    for part in ("training", "inference", "wall"):
        metrics[part]["rows"] = [row for row in metrics[part]["rows"] if row["engine"] != "keras"]
    met = {each["bar"]: each["met"] for each in judged(metrics)}
    assert met["Training, LSTM, best of each: times Keras"] is None
    assert met["From CSV to evaluated model: share of Keras's time"] is None
    assert met["Training, LSTM, fp32, batch 64: times `nn.LSTM`"] is True
