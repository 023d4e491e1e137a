"""The task as the commands know it: what it can do, and with which classes."""

from __future__ import annotations

import pytest

from recurra.errors import OptionError
from recurra.tasks.registry import get_task
from recurra.tasks.series.options import SeriesEvaluateOptions, SeriesOptions
from recurra.tasks.series.shape import SeriesShape
from support.series import made

TASK = get_task("series")


def test_it_can_do_what_the_commands_ask_for() -> None:
    assert TASK.name == "series" and TASK.options is SeriesOptions
    assert TASK.evaluate_options is SeriesEvaluateOptions and TASK.shape() is SeriesShape
    assert all(TASK.can(verb) for verb in ("evaluate", "predict", "explain"))
    assert TASK.next_command("m") == "recurra predict m NEW.csv"
    assert TASK.trainer().__name__ == "SeriesTrainer" and TASK.served().name == "series"


def test_a_model_is_tried_out_and_explains() -> None:
    model = made(channels=2, masks=0)
    TASK.try_out(model)
    found = TASK.explain(model, "[[1, 2], [3, null], [5, 6]]", "mid")
    assert found.values and "<svg" in found.page(3)


def test_options_of_others_are_refused() -> None:
    assert TASK.accepted({"values": "a"}, TASK.predict_options) == {"values": "a"}
    with pytest.raises(OptionError, match="--top does not go with a model of the task series"):
        TASK.accepted({"top": 3}, TASK.evaluate_options)
