"""The options of the task, and what they refuse."""

from __future__ import annotations

import pytest

from recurra.errors import OptionError
from recurra.options.base import validated
from recurra.tasks.forecast.options import ForecastOptions


def test_defaults() -> None:
    options = ForecastOptions()
    assert (options.task, options.cell, options.season, options.members) == ("forecast", "gru", None, 3)


@pytest.mark.parametrize(("name", "value"), [("horizon", 0), ("season", 0), ("segment", -1), ("members", 9)])
def test_what_cannot_be_is_refused_by_its_name(name: str, value: object) -> None:
    with pytest.raises(OptionError, match=f"--{name}"):
        validated(ForecastOptions, {name: value})
