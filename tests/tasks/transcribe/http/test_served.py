"""What `/model` says of a transcriber, and what a model must answer before it is served."""

from __future__ import annotations

import math
from pathlib import Path
from typing import Any

import pytest

from recurra.storage import model_directory
from recurra.tasks.transcribe.http.served import TASK
from recurra.tasks.transcribe.model import Transcriber
from support.live_models import write_transcriber


@pytest.mark.parametrize("direction", ["both", "forward"])
def test_facts_and_trial(tmp_path: Path, direction: str) -> None:
    directory = write_transcriber(tmp_path / "model", seed=3, direction=direction, words=["bad", "do"])
    model = Transcriber.from_artefact(model_directory.read(directory))
    assert TASK.facts(model) == {
        "rate": 8000,
        "characters": " abdeio",
        "words": 2,
        "streams": direction == "forward",
    }
    scores, whole, heard, streamed = TASK.trial(model)
    assert scores.shape[1] == 8 and all(map(math.isfinite, scores.ravel()))
    assert whole["text"] == streamed["text"] and isinstance(heard, str)
    assert whole["seconds"] == streamed["seconds"] == 1.0


def test_a_model_that_may_write_anything(tmp_path: Path) -> None:
    model: Any = Transcriber.from_artefact(model_directory.read(write_transcriber(tmp_path / "model")))
    assert TASK.facts(model)["words"] is None
