"""Which task a model directory is of."""

from __future__ import annotations

from pathlib import Path

import pytest

import recurra
from recurra.cli.inspect import inspect
from recurra.errors import ArtefactError
from recurra.storage import model_directory


def test_a_model_of_a_task_that_is_not_here_is_refused(tmp_path: Path) -> None:
    files = {"model.onnx": b"m", "tokenizer.json": b"t"}
    model_directory.write(
        tmp_path / "m", files, task="transcribe", labels=[], network={}, config={}, metrics={}, data={}
    )
    for look in (recurra.load, inspect):
        with pytest.raises(ArtefactError, match="the task 'transcribe', which this Recurra does not have"):
            look(tmp_path / "m")  # type: ignore[operator]
