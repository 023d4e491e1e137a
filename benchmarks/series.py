"""Classification of series beside two strong baselines, on the sets that come with aeon, as their authors divided them.

    pip download aeon==1.6.0 --no-deps -d wheels
    python benchmarks/series.py wheels/aeon-1.6.0-*.whl            # into benchmarks/results/series.json
    ... --sets JapaneseVowels,GunPoint --out FILE -- --threads 1

The wheel is opened as an archive; aeon itself is neither installed nor imported. For each set `recurra train` learns
from its training part and is judged on its test part, with its defaults and one seed; what follows `--` goes to it.
Beside the model stand what its report has beside it: random convolutions with a ridge (in the manner of MiniRocket),
and the nearest training series by dynamic time warping. Needs `pip install 'recurra[train]'`.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
import zipfile
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from record import RESULTS, machine

DATA = "aeon/datasets/data"
SETS = (
    "ACSF1",
    "ArrowHead",
    "BasicMotions",
    "GunPoint",
    "ItalyPowerDemand",
    "JapaneseVowels",
    "OSULeaf",
    "PickupGestureWiimoteZ",
)


def unpacked(wheel: Path, name: str, folder: Path) -> list[Path]:
    """Return the training and the test part of a set, as they are in the wheel."""
    with zipfile.ZipFile(wheel) as archive:
        return [Path(archive.extract(f"{DATA}/{name}/{name}_{part}.ts", folder)) for part in ("TRAIN", "TEST")]


def judged(training: Path, test: Path, model: Path, more: Sequence[str]) -> dict[str, Any]:
    """Train on one part, and return the figures on the other."""
    started, before = time.perf_counter(), os.times()
    command = [sys.executable, "-m", "recurra.cli", "train", str(training), "--task", "series", "--test", str(test)]
    command += ["--out", str(model), "--json", *more]
    metrics = json.loads(subprocess.run(command, stdout=subprocess.PIPE, check=True).stdout)
    wall, after = time.perf_counter() - started, os.times()
    return {
        "training_rows": metrics["split"]["train"] + metrics["split"]["valid"],
        "rows": metrics["test"]["rows"],
        "left_out_of_test_as_repeats": metrics["split"]["left_out_of_test_as_repeats"],
        "accuracy": metrics["test"]["accuracy"],
        "accuracy_ci95": metrics["test"]["accuracy_ci95"],
        "blend": metrics["blend"],
        "baselines": [{key: one[key] for key in ("name", "accuracy")} for one in metrics["baselines"]],
        "timing": {step: round(seconds, 1) for step, seconds in metrics["timing"].items()},
        "wall_seconds": round(wall, 1),
        "cpu_seconds": round(
            after.children_user + after.children_system - before.children_user - before.children_system, 1
        ),
    }


def mean_of(sets: dict[str, dict[str, Any]]) -> dict[str, float]:
    """Return the mean accuracy over the sets of the model and of each baseline, by the beginning of its name."""
    means = {"model": sum(one["accuracy"] for one in sets.values()) / len(sets)}
    for name in ("random convolutions", "nearest series"):
        found = [
            each["accuracy"] for one in sets.values() for each in one["baselines"] if each["name"].startswith(name)
        ]
        means[name] = sum(found) / len(found)
    return means


def main() -> None:
    arguments, more = sys.argv[1:], []
    if "--" in arguments:
        place = arguments.index("--")
        arguments, more = arguments[:place], arguments[place + 1 :]
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("wheel", type=Path, help="aeon-1.6.0-py3-none-any.whl")
    parser.add_argument("--sets", default=",".join(SETS), help="names, with commas between")
    parser.add_argument("--out", type=Path, default=RESULTS / "series.json")
    given = parser.parse_args(arguments)
    sets: dict[str, dict[str, Any]] = {}
    for name in given.sets.split(","):
        with tempfile.TemporaryDirectory() as place:
            training, test = unpacked(given.wheel, name, Path(place))
            sets[name] = judged(training, test, Path(place) / "model", more)
        print(name, sets[name]["accuracy"], sets[name]["baselines"], flush=True)
        result = {
            "written": datetime.now(UTC).isoformat(timespec="seconds"),
            "machine": machine(),
            "wheel": given.wheel.name,
            "options": list(more),
            "mean_accuracy": mean_of(sets),
            "sets": sets,
        }
        given.out.write_text(json.dumps(result, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
