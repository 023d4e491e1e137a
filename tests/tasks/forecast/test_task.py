"""The task as the commands know it: what it can do, and with which classes."""

from __future__ import annotations

from pathlib import Path

import pytest

from recurra.errors import DataError, OptionError
from recurra.tasks.forecast.options import ForecastEvaluateOptions, ForecastOptions
from recurra.tasks.forecast.shape import ForecastShape
from recurra.tasks.registry import get_task
from support.forecast import made
from support.forecast_files import long_rows, month, write_table

TASK = get_task("forecast")


def test_it_can_do_what_the_commands_ask_for() -> None:
    assert TASK.name == "forecast" and TASK.options is ForecastOptions
    assert TASK.evaluate_options is ForecastEvaluateOptions and TASK.shape() is ForecastShape
    assert all(TASK.can(verb) for verb in ("evaluate", "predict", "explain"))
    assert TASK.next_command("m") == "recurra predict m HISTORY.csv"
    assert TASK.trainer().__name__ == "ForecastTrainer" and TASK.served().name == "forecast"


def test_a_model_is_tried_out_and_explains() -> None:
    model = made()
    TASK.try_out(model)
    found = TASK.explain(model, "[1, 2, null, 4, 6]", None)
    assert found.values["steps"] == 5 and "<svg" in found.page(3)
    with pytest.raises(OptionError, match="Leave --target out"):
        TASK.explain(model, "[1, 2, null, 4, 6]", "3")


def test_one_series_of_a_file_is_explained_with_its_times(tmp_path: Path) -> None:
    model, path = made(), write_table(tmp_path / "sales.csv", long_rows(2, 20))
    found = TASK.explain(model, f"{path}#shop 1", None)
    assert found.values["series"] == "shop 1" and found.values["forecast"][0]["ds"] == month(24)
    assert month(12) in found.page(9) and "2024" not in found.page(9)
    with pytest.raises(DataError, match="Name one of them after a #"):
        TASK.explain(model, str(path), None)


def test_options_of_others_are_refused() -> None:
    assert TASK.accepted({"horizon": 3}, TASK.predict_options) == {"horizon": 3}
    with pytest.raises(OptionError, match="--label does not go with a model of the task forecast"):
        TASK.accepted({"label": "a"}, TASK.evaluate_options)
