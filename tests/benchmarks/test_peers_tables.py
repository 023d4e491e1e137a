"""Tables and records: what is written of the figures, and that no place on the machine is."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest
from peers import records, tables


def result() -> dict[str, Any]:
    spread = {"median": 1234.4, "min": 98.76, "max": 2000.0, "rounds": 5}
    training = {
        "engine": "keras",
        "kind": "training",
        "cell": "gru",
        "variant": "fp32 xla",
        "batch": 64,
        "tokens": 200,
        "rate": spread,
        "share": 0.321,
        "share_distinct": 0.2,
    }
    text = {"engine": "sklearn", "kind": "text", "cell": "lstm", "variant": "TF-IDF", "batch": 256, "tokens": 200}
    timing = {"read": 1.5, "train": 6.0, "total": 10.0}
    rows = [
        {"rows": 100, "seconds": 1.0, "peak_mb": 400},
        {"rows": 400, "seconds": 4.4, "peak_mb": 410, "per_row": 1.1},
    ]
    tokens = [{"tokens": 1600, "rate": spread, "peak_mb": None, "per_token": 0.98}]
    about = {
        "rows": 45000,
        "source": "IMDB reviews",
        "distinct": {"1": 0.59, "64": 0.21},
        "models": {"default": "int8"},
    }
    metrics = {
        "training": {"limit": {"fp32": 1.32e11, "bf16": 3.74e11}, "rows": [training]},
        "inference": {"limit": {"fp32": 1.32e11}, "rows": [text | {"rate": spread}]},
        "latency": {
            "rows": [{"engine": "recurra", "variant": "tutorial", "requests": 500, "p50_ms": spread, "p99_ms": 0.9}]
        },
        "memory": {"rows": [{"engine": "torch", "kind": "training", "batch": 64, "peak_mb": 1024}]},
        "growth": {"rows": rows, "tokens": tokens},
        "wall": {
            "reviews": 45000,
            "held_out": 4500,
            "rows": [
                {"engine": "fasttext", "variant": "pairs", "seconds": 20.5, "accuracy": 0.8912, "peak_mb": 900},
                {
                    "engine": "recurra",
                    "variant": "default",
                    "seconds": 11.0,
                    "accuracy": 0.915,
                    "peak_mb": 800,
                    "timing": timing,
                },
            ],
        },
    }
    return {
        "name": "bench",
        "command": "make bench",
        "machine": "2 cores (a processor), 24 GiB, Linux",
        "threads": 2,
        "versions": {"keras": "3.15.0"},
        "about": about,
        "parts": {"training": {"date": "2026-01-02", "seconds": 3}},
        "failures": [],
        "metrics": metrics,
        "bars": [
            {"bar": "Speed", "figure": 2.5, "wanted": ">= 2", "met": True},
            {"bar": "Size", "figure": 3.0, "wanted": "<= 1", "met": False},
            {"bar": "Time", "figure": None, "wanted": "<= 1", "met": None},
        ],
    }


@pytest.mark.parametrize(
    ("part", "line"),
    [
        ("training", "| GRU | 64 | Keras | fp32 xla | 1,234 (98.8 to 2,000) | 32.1 % | 20.0 % |"),
        (
            "training",
            "The limit, a large product of matrices in the same rounds: 132 GFLOP/s in fp32, 374 GFLOP/s in bf16.",
        ),
        ("inference", "| text | 256 | scikit-learn | TF-IDF | 1,234 (98.8 to 2,000) |  |  |"),
        ("latency", "| Recurra | tutorial | 1,234 (98.8 to 2,000) | 0.90 | 500 |"),
        ("memory", "| training steps | 64 | PyTorch | 1,024 |"),
        ("growth", "| 400 | 4.40 | 1.10 | 410 |"),
        ("growth", "| 1,600 | 1,234 (98.8 to 2,000) | 0.98 |  |"),
        ("wall", "| fastText | pairs | 20.5 | 89.1 % | 900 |"),
        ("wall", "45,000 reviews, 4,500 of them held out."),
        ("stages", "| train | 6.0 s (60 %) |"),
        ("bars", "| Speed | 2.5 | >= 2 | yes |"),
        ("bars", "| Size | 3 | <= 1 | **no** |"),
        ("bars", "| Time | not measured | <= 1 |  |"),
        ("conditions", "- versions: keras 3.15.0"),
        ("conditions", "- number format that `recurra train` chose for the models that answer: `default` int8"),
    ],
)
def test_a_table_says_what_was_measured(part: str, line: str) -> None:
    assert line in tables.table(part, result()).splitlines()


def test_every_row_of_a_table_is_as_wide_as_its_head() -> None:
    for block in re.split(r"\n\n", tables.page(result())):
        widths = {line.count("|") for line in block.splitlines() if line.startswith("|")}
        assert len(widths) <= 1, block


@pytest.mark.parametrize("part", ["bars", "training", "stages", "wall", "conditions"])
def test_nothing_recorded_is_one_sentence(part: str) -> None:
    assert "|" not in tables.table(part, None)
    if part not in ("bars", "conditions"):
        assert tables.table(part, result() | {"metrics": {}}) == tables.NOTHING


def test_a_record_names_no_place(tmp_path: Path) -> None:
    value = {"a": ["No such file: '/home/someone/x/model'", 'File "/opt/y.py", line 3'], "b": {"c": "/tmp/z ~/q/w"}}
    assert records.without_places(value) == {
        "a": ["No such file: 'model'", 'File "y.py", line 3'],
        "b": {"c": "z w"},
    }
    for kept in ("1,234 reviews/s", "TensorFlow 2.21 / Keras", "GFLOP/s", 5, None, 0.25, True):
        assert records.without_places(kept) == kept
    records.write(tmp_path / "new" / "bench.json", value)
    assert "/" not in (tmp_path / "new" / "bench.json").read_text()


def test_a_part_that_is_measured_again_leaves_the_others() -> None:
    old = {
        "machine": "m",
        "versions": {"torch": "1", "keras": "3"},
        "metrics": {"a": 1, "b": 1},
        "parts": {"a": {}, "b": {}},
    }
    new = {"machine": "m", "versions": {"torch": "1"}, "metrics": {"b": 2}, "parts": {"b": {"date": "today"}}}
    both = records.merged(old, new)
    assert both["metrics"] == {"a": 1, "b": 2} and both["versions"] == {"keras": "3", "torch": "1"}
    assert both["parts"] == {"a": {}, "b": {"date": "today"}}
    assert records.merged(None, new) == new
    assert records.merged(old | {"machine": "another"}, new) == new
    assert records.merged(old | {"versions": {"torch": "2"}}, new) == new


def test_the_documentations_tables_come_from_the_record(tmp_path: Path) -> None:
    path = tmp_path / "bench.json"
    assert records.read(path) is None
    records.write(path, result())
    assert tables.table("bars", json.loads(path.read_text())) == tables.bars(result()["bars"])
