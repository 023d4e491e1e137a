"""Accuracy by length, and where texts were truncated."""

from __future__ import annotations

import numpy as np

from recurra.evaluation.intervals import wilson
from recurra.tasks.classify.slices import by_length, by_truncation


def test_length_buckets_are_even_and_split_no_length() -> None:
    lengths = np.arange(1, 101)
    buckets = by_length(lengths <= 60, lengths)
    assert [(b["low"], b["high"], b["rows"]) for b in buckets] == [
        (1, 20, 20), (21, 40, 20), (41, 60, 20), (61, 80, 20), (81, 100, 20),
    ]  # fmt: skip
    assert [b["accuracy"] for b in buckets] == [1, 1, 1, 0, 0]
    assert buckets[0]["name"] == "1 to 20 tokens"
    assert buckets[0]["accuracy_ci95"] == list(wilson(20, 20))


def test_equal_lengths_are_one_bucket() -> None:
    assert [b["name"] for b in by_length(np.ones(9, dtype=bool), np.ones(9, dtype=np.int64))] == ["1 token"]
    assert by_length(np.ones(0, dtype=bool), np.ones(0, dtype=np.int64)) == []


def test_a_side_without_rows_is_left_out() -> None:
    assert [s["name"] for s in by_truncation(np.ones(3, dtype=bool), np.zeros(3, dtype=bool))] == ["read whole"]
