"""What the server tells of such a model, and tries it with."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import recurra
from recurra.errors import ArtefactError
from recurra.tasks.multilabel.http.served import TASK
from recurra.tasks.multilabel.model import MultilabelClassifier
from support.labelled import LABELS
from support.live_server import write_model


def test_what_is_told_of_the_model(asked: Callable[..., tuple[int, Any]], model: MultilabelClassifier) -> None:
    _, found = asked("/model")
    assert found["task"] == "multilabel" and found["labels"] == LABELS
    assert found["thresholds"] == model.thresholds.tolist()
    assert model.manifest is not None and found["separator"] == model.manifest.data["separator"] == ";"
    assert set(found["answers"]) == set(TASK.routes)


def test_a_model_is_tried_before_it_answers(model: MultilabelClassifier, tmp_path: Path) -> None:
    trial = TASK.trial(model)
    assert trial["probabilities"].shape == (3, 4) and trial["labels"] == LABELS
    assert trial["thresholds"].tolist() == model.thresholds.tolist()
    other = recurra.load(write_model(tmp_path / "m", task="multilabel", labels=("a", "b")), task="multilabel")
    other.classes_ = np.array(["a", "b", "c"])
    with pytest.raises(ArtefactError, match="a column for each label"):
        TASK.trial(other)
