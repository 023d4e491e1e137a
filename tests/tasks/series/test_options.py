"""The options of the task, and what they refuse."""

from __future__ import annotations

import pytest

from recurra.errors import OptionError
from recurra.options.base import validated
from recurra.tasks.series.options import SeriesOptions


def test_defaults() -> None:
    options = SeriesOptions()
    assert (options.task, options.missing, options.dropout, options.direction) == ("series", "mask", None, "both")


@pytest.mark.parametrize(("name", "value"), [("missing", "drop"), ("dropout", 1), ("convolutions", -1), ("split", 0)])
def test_what_cannot_be_is_refused_by_its_name(name: str, value: object) -> None:
    with pytest.raises(OptionError, match=f"--{name}"):
        validated(SeriesOptions, {name: value})
