"""Files of series with labels and numbers, and options under which training takes seconds."""

from __future__ import annotations

import csv
import json
from pathlib import Path
from typing import Any

import numpy as np

from support.series import waves

TINY: dict[str, Any] = {"task": "series", "epochs": 2, "hidden": 8, "convolutions": 168, "threads": 1}
NAMES = ("slow", "fast", "both")


def write_long(path: Path, count: int = 60, seed: int = 0) -> Path:
    """Write a long CSV of waves with a label, a number and an owner, two channels, and three values missing."""
    series, labels = waves(count, seed=seed)
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        writer.writerow(["unique_id", "ds", "x", "y", "label", "target", "owner"])
        for row, (values, label) in enumerate(zip(series, labels, strict=True)):
            number = f"{float(values[:, 0].mean()):.4f}"
            for step, (x, y) in enumerate(values):
                shown = "" if step == 3 and row < 3 else f"{x:.5f}"
                writer.writerow([f"s{row}", step, shown, f"{y:.5f}", NAMES[label], number, f"o{row % 7}"])
    return path


def write_lists(path: Path, count: int = 30, seed: int = 1) -> Path:
    """Write JSON lines with a list of frames, a label and a number for each series."""
    series, labels = waves(count, seed=seed)
    with path.open("w", encoding="utf-8") as file:
        for row, (values, label) in enumerate(zip(series, labels, strict=True)):
            number = float(np.round(values[:, 0].mean(), 4))
            line = {"name": f"n{row}", "frames": values.tolist(), "label": NAMES[label], "target": number}
            file.write(json.dumps(line) + "\n")
    return path
