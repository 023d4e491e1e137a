"""Intervals in a manifest: written, read back, and refused where they are none."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from recurra.errors import ArtefactError
from recurra.storage import model_directory
from recurra.tasks.regress.intervals import intervals_of, stated
from support.regressors import INTERVALS, write_regressor


def test_what_is_stated_is_read_back(tmp_path: Path) -> None:
    assert intervals_of(model_directory.read_manifest(write_regressor(tmp_path / "model")).metrics) == INTERVALS


@pytest.mark.parametrize(
    "changes",
    [
        {"level": 1.0},
        {"level": "0.9"},
        {"widths": [1.0]},
        {"widths": [1.0, -1.0]},
        {"widths": [1.0, True]},
        {"edges": [5.0, 4.0], "widths": [1.0, 1.0, 1.0]},
        {"edges": None},
        {"lowest": 11.0},
        {"highest": None},
    ],
)
def test_anything_else_is_refused(tmp_path: Path, changes: dict[str, Any]) -> None:
    manifest = model_directory.read_manifest(write_regressor(tmp_path / "model", intervals=stated(INTERVALS) | changes))
    with pytest.raises(ArtefactError, match="does not state the intervals"):
        intervals_of(manifest.metrics)
