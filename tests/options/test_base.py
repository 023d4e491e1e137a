"""Options as they are written, and the messages about a wrong one."""

from __future__ import annotations

from typing import Annotated, Literal

import numpy as np
import pytest
from pydantic import Field, ValidationError, model_validator

from recurra.errors import OptionError
from recurra.options.base import Options, flag, validated


class Oven(Options):
    """Options of an oven."""

    max_heat: Annotated[int, Field(ge=50, le=250, description="Degrees.")] = 180
    mode: Annotated[Literal["fan", "grill"], Field(description="What heats.")] = "fan"

    @model_validator(mode="after")
    def _grill_is_hot(self) -> Oven:
        if self.mode == "grill" and self.max_heat < 200:
            raise ValueError("--mode grill needs --max-heat 200")
        return self


def test_a_flag_is_a_name_with_hyphens() -> None:
    assert flag("max_heat") == "--max-heat"


def test_values_are_checked_and_do_not_change() -> None:
    oven = validated(Oven, {"max_heat": np.int64(200), "mode": "grill"})
    assert (oven.max_heat, oven.mode) == (200, "grill")
    with pytest.raises(ValidationError):
        oven.max_heat = 100


@pytest.mark.parametrize(
    ("values", "words"),
    [
        ({"max_heat": 10}, r"--max-heat cannot be 10: it must be at least 50\. \(Degrees\. Default: 180\.\)"),
        ({"max_heat": "200"}, r"--max-heat cannot be '200': it must be a whole number\."),
        ({"max_heat": True}, r"--max-heat cannot be true: it must be a whole number\."),
        ({"mode": "gril"}, r"--mode cannot be 'gril'.*Did you mean 'grill'\?"),
        ({"max_heet": 1}, r"Unknown option 'max_heet'\. Did you mean 'max_heat'\?"),
        ({"mode": "grill"}, r"^--mode grill needs --max-heat 200\.$"),
        ({"max_heat": 1, "mode": "x"}, r"--max-heat cannot be 1.*--mode cannot be 'x'"),
    ],
)
def test_a_wrong_value_is_named_with_what_is_accepted(values: dict[str, object], words: str) -> None:
    with pytest.raises(OptionError, match=words):
        validated(Oven, values)
