"""Cells side by side on series: labels by accuracy, numbers by how far they are off."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

TINY = ("--hidden", 4, "--epochs", 1, "--threads", 1, "--batch", 8)


def written(path: Path, count: int = 60) -> Path:
    """Series of a rising or a falling line with noise, their slope, and which of the two they are."""
    rng = np.random.default_rng(5)
    with path.open("w") as file:
        for number in range(count):
            slope = float(rng.uniform(0.5, 1.5) * (-1) ** number)
            steps = np.arange(rng.integers(6, 12))
            frames = [[round(float(value), 4)] for value in slope * steps + rng.normal(scale=0.2, size=len(steps))]
            row = {"frames": frames, "slope": round(slope, 4), "way": "up" if slope > 0 else "down"}
            file.write(json.dumps(row) + "\n")
    return path


def test_labels(cli: Callable[..., Any], tmp_path: Path, only_json: Callable[[str], dict[str, Any]]) -> None:
    data, out = written(tmp_path / "s.jsonl"), tmp_path / "c"
    result = cli(
        *("compare", data, "--task", "series", "--series", "frames", "--label", "way", "--out", out, "--json"),
        *("--split", 0.3, "--cell", "rnn,lstm", "--seeds", 2, *TINY),
    )
    assert result.exit_code == 0, result.stderr
    found = only_json(result.stdout)
    assert found["measure"] == "accuracy" and [len(row["accuracy_by_seed"]) for row in found["cells"]] == [2, 2]
    assert found["split"]["test"] == 18 and found["config"]["convolutions"] == 0
    assert found["cells"][0]["parameters"] < found["cells"][1]["parameters"]
    assert found == json.loads((out / "comparison.json").read_text())


def test_numbers_with_the_convolutions_beside(cli: Callable[..., Any], tmp_path: Path) -> None:
    data, out = written(tmp_path / "s.jsonl"), tmp_path / "c"
    result = cli(
        *("compare", data, "--task", "series", "--series", "frames", "--target", "slope", "--out", out),
        *("--split", 0.3, "--cell", "rnn,gru", "--convolutions", 200, *TINY),
    )
    assert result.exit_code == 0, result.stderr
    assert "MAE" in result.stdout and "95 % interval" in result.stdout
    found = json.loads((out / "comparison.json").read_text())
    assert found["measure"] == "mae" and found["config"]["convolutions"] == 200
    best = min(found["cells"], key=lambda row: row["mae"])
    assert found["best"] == best["cell"] and best["mae"] < 1  # the mean of all is off by one
    (paired,) = found["paired_with_best"].values()
    assert paired["difference"] <= 0 and "flipped at random" in paired["test"]
    assert found["data"]["target"] == "slope"


def test_options_of_training_hold_and_others_do_not(cli: Callable[..., Any], tmp_path: Path) -> None:
    data = written(tmp_path / "s.jsonl")
    result = cli("compare", data, "--task", "series", "--out", tmp_path / "c", "--label", "way", "--target", "slope")
    assert (result.exit_code, "give one of them" in result.stderr) == (2, True)
    result = cli("compare", data, "--task", "series", "--out", tmp_path / "c", "--ngrams", 2)
    assert (result.exit_code, "--ngrams does not go with --task series" in result.stderr) == (2, True)
    assert not (tmp_path / "c").exists()
