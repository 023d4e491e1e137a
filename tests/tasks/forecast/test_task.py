"""The task as the commands know it: what it can do, and with which classes."""

from __future__ import annotations

import pytest

from recurra.errors import OptionError
from recurra.tasks.forecast.options import ForecastEvaluateOptions, ForecastOptions
from recurra.tasks.forecast.shape import ForecastShape
from recurra.tasks.registry import get_task
from support.forecast import made

TASK = get_task("forecast")


def test_it_can_do_what_the_commands_ask_for() -> None:
    assert TASK.name == "forecast" and TASK.options is ForecastOptions
    assert TASK.evaluate_options is ForecastEvaluateOptions and TASK.shape() is ForecastShape
    assert all(TASK.can(verb) for verb in ("evaluate", "predict"))
    assert TASK.next_command("m") == "recurra predict m HISTORY.csv"
    assert TASK.trainer().__name__ == "ForecastTrainer" and TASK.served().name == "forecast"


def test_a_model_is_tried_out() -> None:
    TASK.try_out(made())


def test_options_of_others_are_refused() -> None:
    assert TASK.accepted({"horizon": 3}, TASK.predict_options) == {"horizon": 3}
    with pytest.raises(OptionError, match="--label does not go with a model of the task forecast"):
        TASK.accepted({"label": "a"}, TASK.evaluate_options)
