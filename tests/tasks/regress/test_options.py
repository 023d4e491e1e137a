"""The options of a model of numbers."""

from __future__ import annotations

import pytest

from recurra.errors import OptionError
from recurra.options.base import validated
from recurra.tasks.regress.options import DEFAULTS, RegressOptions


def test_rows_are_held_out_in_one_way() -> None:
    with pytest.raises(OptionError, match="--split-column and --test"):
        validated(RegressOptions, {"split_column": "part", "test": "b.csv"})
    assert validated(RegressOptions, {"split_column": "part"}).interval == DEFAULTS.interval == 0.9


def test_a_temperature_is_no_option() -> None:
    assert "calibrate" not in RegressOptions.model_fields
