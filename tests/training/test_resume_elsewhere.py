"""A run is resumed only where the machine gives the same weights."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import torch

from recurra.errors import ResumeError
from recurra.terminal.progress import Reporter
from recurra.training.checkpoints import CheckpointStore
from recurra.training.run import _check_same_run

THEN: dict[str, Any] = {
    "options": {"hidden": 4},
    "data": "ab" * 32,
    "rows": 9,
    "split": "cd",
    "machine": {"device": "cpu", "precision": "bf16", "threads": 2, "torch": "2.13"},
}


@pytest.mark.parametrize(
    ("name", "value"), [("device", "cuda"), ("precision", "fp32"), ("threads", 8), ("torch", "2.14")]
)
def test_another_machine_is_refused_with_the_difference(tmp_path: Path, name: str, value: object) -> None:
    store = CheckpointStore(tmp_path)
    store.save(3, {"weights.x": torch.zeros(1)}, {"run": {"step": 3}, "identity": THEN})
    _check_same_run(store, THEN, Reporter(quiet=True))
    now = THEN | {"machine": THEN["machine"] | {name: value}}
    with pytest.raises(ResumeError, match=f"the {name} was .* and is now {value}"):
        _check_same_run(store, now, Reporter(quiet=True))
