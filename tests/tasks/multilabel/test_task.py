"""The task as the commands know it: what it can do, and with which classes."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import recurra
from recurra.tasks.multilabel.options import EvaluateOptions, MultilabelOptions, PredictOptions
from recurra.tasks.multilabel.shape import MultilabelShape
from recurra.tasks.registry import get_task

TASK = get_task("multilabel")


def test_it_can_do_what_the_commands_ask_for() -> None:
    assert TASK.options is MultilabelOptions and TASK.evaluate_options is EvaluateOptions
    assert TASK.predict_options is PredictOptions and TASK.shape() is MultilabelShape
    assert [TASK.can(verb) for verb in ("evaluate", "predict", "explain", "comparison")] == [True, True, True, True]
    assert TASK.trainer().__name__ == "MultilabelTrainer" and TASK.served().name == "multilabel"


def test_thresholds_and_explanations(labelled_model: tuple[Path, Any]) -> None:
    model = recurra.load(labelled_model[0])
    TASK.try_out(model)
    (answer,) = TASK.predict(model, ["bread"], PredictOptions(threshold=1e-12))
    assert len(answer["labels"]) == 4
    found = TASK.explain(model, "bread and a song", "music")
    assert found.values["target"] == "music" and "speaks for music" in found.page(3)
