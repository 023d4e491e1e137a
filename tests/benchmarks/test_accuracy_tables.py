"""What is written of the accuracy on several sets follows from the recorded figures."""

from __future__ import annotations

from typing import Any

import accuracy
import accuracy_tables


def test_a_set_is_a_line_with_its_seeds_and_its_paired_test() -> None:
    runs: list[dict[str, Any]] = [{"accuracy": 0.871, "rows": 1066}, {"accuracy": 0.88, "rows": 1066}]
    means = {"accuracy": 0.876, "network_alone": 0.81, "ngrams_alone": 0.86, "baseline": 0.87, "seconds": 20.4}
    found = {name: {"mean": mean} for name, mean in means.items()}
    paired = {"difference": 0.006, "p_value": 0.0312}
    run = {
        "command": "c",
        "machine": "2 cores",
        "load_average_before": 0.5,
        "metrics": {"sets": {"trec": {**found, "paired": paired, "runs": runs}}},
    }
    lines = accuracy_tables.table(run).splitlines()
    assert lines[2] == "| trec | 1,066 + 1,066 | **87.6** (87.1, 88.0) | 81.0 | 86.0 | 87.0 | +0.6 | 0.031 | 20 |"
    assert lines[-1] == "`c` on 2 cores; load average before: 0.5."
    del found["baseline"]
    run["metrics"] = {"sets": {"trec": {**found, "paired": None, "runs": runs}}}
    assert accuracy_tables.table(run).splitlines()[2].endswith("| 86.0 |  |  |  | 20 |")
    assert accuracy_tables.table(None) == "No run is recorded yet."


def test_rows_are_divided_by_the_seed_without_loss() -> None:
    rows = [(str(n), "a") for n in range(103)]
    for count, held_out in ((0, 20), (30, 30)):
        training, test = accuracy.divide(rows, count, 1)
        assert len(test) == held_out and sorted(training + test) == sorted(rows)
    assert accuracy.divide(rows, 0, 1) == accuracy.divide(rows, 0, 1) != accuracy.divide(rows, 0, 2)


def test_each_row_is_held_out_by_one_fold() -> None:
    rows = [(str(n), "a") for n in range(103)]
    parts = [accuracy.fold(rows, 5, number) for number in range(5)]
    assert sorted(row for _, held_out in parts for row in held_out) == sorted(rows)
    assert all(sorted(training + held_out) == sorted(rows) for training, held_out in parts)
    assert [len(held_out) for _, held_out in parts] == [21, 21, 21, 20, 20]
    assert parts[0][1] != rows[::5]


def test_the_paired_counts_of_all_seeds_are_one_test() -> None:
    counts = [{"only_model": 5, "only_baseline": 1}, {"only_model": 4, "only_baseline": 2}]
    pooled = accuracy.pooled(counts, 100)
    assert pooled is not None
    assert (pooled["only_model"], pooled["only_baseline"], pooled["difference"]) == (9, 3, 0.06)
    assert accuracy.pooled([{}, counts[0]], 100) is None
