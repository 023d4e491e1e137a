"""The plot of a probe: a light ground, two panels in a row, and every probed cell in its colour."""

from __future__ import annotations

import io
from typing import Any

import matplotlib.image
import numpy as np
import pytest

from recurra.probe.plot import COLOURS, probe_png

PROBLEMS = [
    {"name": "adding", "title": "Adding", "score": "error", "trivial": 1 / 6, "perfect": 0.0},
    {"name": "copy", "title": "Copying", "score": "nats", "trivial": 2.08, "perfect": 0.0},
    {"name": "agreement", "title": "Who?", "score": "accuracy", "trivial": 0.5, "perfect": 1.0},
]


def rows(problems: list[dict[str, Any]], cells: tuple[str, ...]) -> list[dict[str, Any]]:
    return [
        {
            "problem": problem["name"],
            "cell": cell,
            "length": length,
            "score": problem["trivial"] * 0.9,
            "score_range": [problem["trivial"] * 0.7, problem["trivial"]],
            "scores": [problem["trivial"] * 0.7, problem["trivial"]],
            "cpu_milliseconds_per_step": length / 10,
        }
        for problem in problems
        for cell in cells
        for length in (10, 100)
    ]


def drawn(problems: list[dict[str, Any]], cells: tuple[str, ...]) -> np.ndarray[Any, Any]:
    return np.asarray(matplotlib.image.imread(io.BytesIO(probe_png(rows(problems, cells), problems)), format="png"))


@pytest.mark.parametrize("count", [1, 2, 3])
def test_there_are_two_panels_in_a_row_on_white(count: int) -> None:
    image = drawn(PROBLEMS[:count], ("rnn", "lstm"))
    height, width = image.shape[:2]
    assert (image[[0, 0, -1, -1], [0, -1, 0, -1], :3] == 1).all()
    assert width < 1_200 and (height > 0.8 * width) == (count > 1)
    assert (image[..., :3].min(axis=2) > 0.95).mean() > 0.8


def test_each_cell_has_its_colour_and_only_probed_cells_are_drawn() -> None:
    image = drawn(PROBLEMS, ("rnn", "lstm"))[..., :3]
    for cell, colour in COLOURS.items():
        rgb = np.array([int(colour[start : start + 2], 16) for start in (1, 3, 5)]) / 255
        pixels = (np.abs(image - rgb).max(axis=2) < 0.02).sum()
        assert (pixels > 200) == (cell in ("rnn", "lstm"))
